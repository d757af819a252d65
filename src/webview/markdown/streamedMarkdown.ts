import { h } from '../dom.ts';
import { decorate } from './decorate.ts';
import { OpenFence } from './openFence.ts';
import type { Block, References } from './parser.ts';
import { lineOffsets, md, parseBlockTokens, parseTokens, renderTokens, topLevelBlocks } from './parser.ts';
import { sanitise } from './sanitise.ts';
import { isLooseList, lastItemLine, makeLoose } from './tokens.ts';

/** Layout and style look at containers that are out of sight, not at every block in them: two levels keep them few. */
const blocksPerGroup = 32;
const groupsPerSection = 16;

/** Lists and tables of at least this many characters are finished item by item and row by row. */
const splitLength = 1_500;

/** A render that took longer than this is not repeated at once … */
const cheapRenderMs = 3;
/** … but after this many times as long, so that the worst text takes a bounded share of the thread. */
const restFactor = 6;

/** A list, table or fence at the end whose finished parts are in the document already. */
type OpenBlock =
  | { readonly kind: 'list'; readonly element: Element; source: string; loose: boolean }
  | { readonly kind: 'table'; readonly body: Element; readonly head: string }
  | { readonly kind: 'fence'; readonly fence: OpenFence };

/** For measurements and tests; the panel takes what is set above. */
export interface StreamedMarkdownOptions {
  readonly splitLength?: number;
  readonly restFactor?: number;
}

/** Finished nodes that may name a link that is only defined later, and how to render them again. */
interface Dependent {
  readonly owner: OpenBlock | undefined;
  readonly source: string;
  nodes: readonly ChildNode[];
  readonly render: () => ChildNode[];
}

/**
 * Renders Markdown that grows at its end. Blocks that no further text can change are rendered once and left alone; only
 * the tail is rendered again. At the end the document is the one that rendering the whole text gives.
 *
 * What is finished is decided on complete lines: `**` may still become a rule, a list or bold text.
 */
export class StreamedMarkdown {
  readonly element = h('div', { class: 'markdown' });
  readonly #splitLength: number;
  readonly #restFactor: number;
  readonly #tailElement = h('div', { class: 'tail' });
  readonly #references: References = Object.create(null) as References;
  #dependents: Dependent[] = [];
  #section: HTMLElement | undefined;
  #group: HTMLElement | undefined;
  #open: OpenBlock | undefined;
  /** What is not finished, with `\n` as its only line break. */
  #tail = '';
  #tailItems: ChildNode[] = [];
  #endsWithCr = false;
  #changed = false;
  #lineCompleted = false;
  #finished = false;
  #length = 0;
  #lastRenderMs = 0;
  #lastRenderAt = -Infinity;

  constructor(options: StreamedMarkdownOptions = {}) {
    this.#splitLength = options.splitLength ?? splitLength;
    this.#restFactor = options.restFactor ?? restFactor;
    this.element.append(this.#tailElement);
  }

  /** Characters taken so far. */
  get length(): number {
    return this.#length;
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  append(text: string): void {
    if (this.#finished || text === '') {
      return;
    }
    this.#length += text.length;
    let normalised = text;
    if (this.#endsWithCr && normalised.startsWith('\n')) {
      normalised = normalised.slice(1);
    }
    this.#endsWithCr = text.endsWith('\r');
    normalised = normalised.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
    this.#tail += normalised;
    this.#changed ||= normalised !== '';
    this.#lineCompleted ||= normalised.includes('\n');
  }

  /** Brings the document up to date; false if it shall be called again later, because the last time was costly. */
  flush(): boolean {
    if (!this.#changed) {
      return true;
    }
    const started = performance.now();
    if (this.#lastRenderMs > cheapRenderMs && started - this.#lastRenderAt < this.#lastRenderMs * this.#restFactor) {
      return false;
    }
    this.#changed = false;
    if (this.#lineCompleted) {
      this.#lineCompleted = false;
      this.#freeze(this.#tail.lastIndexOf('\n') + 1);
    }
    this.#renderTail();
    this.#lastRenderAt = performance.now();
    this.#lastRenderMs = this.#lastRenderAt - started;
    return true;
  }

  /** No more text comes. */
  finish(): void {
    if (this.#finished) {
      return;
    }
    this.#finished = true;
    this.#clearTail();
    this.#freeze(this.#tail.length);
    if (this.#open?.kind === 'fence') {
      this.#open.fence.finish(this.#tail);
    } else if (this.#open?.kind === 'list') {
      this.#freezeItems(this.#open, this.#tail);
    } else if (this.#tail !== '') {
      this.#freezeBlocks(this.#tail);
    }
    this.#open = undefined;
    this.#tail = '';
    this.#changed = false;
    this.#dependents = [];
    this.#tailElement.remove();
  }

  /** Renders once and for all what the first `complete` characters of the tail settle. */
  #freeze(complete: number): void {
    let end = complete;
    for (;;) {
      const used = this.#freezeStep(this.#tail.slice(0, end));
      if (used === 0) {
        return;
      }
      this.#tail = this.#tail.slice(used);
      end -= used;
    }
  }

  /** Returns how many characters of `source` are settled. */
  #freezeStep(source: string): number {
    if (source === '') {
      return 0;
    }
    switch (this.#open?.kind) {
      case 'fence':
        return this.#advanceFence(this.#open.fence, source);
      case 'list':
        return this.#advanceList(this.#open, source);
      case 'table':
        return this.#advanceTable(this.#open, source);
      case undefined:
        return this.#advanceBlocks(source);
    }
  }

  #advanceBlocks(source: string): number {
    const tokens = parseBlockTokens(source);
    const blocks = topLevelBlocks(tokens);
    const last = blocks.at(-1);
    if (last === undefined) {
      return 0;
    }
    const offsets = lineOffsets(source);
    const before = blocks.at(mayGoOnInside(blocks) ? -3 : -2);
    if (blocks.length > 1) {
      if (before === undefined) {
        return 0;
      }
      // Up to the end of the last but one, not to the start of the last: link definitions between them may go on.
      const end = offsetOf(offsets, before.lines[1]);
      this.#freezeBlocks(source.slice(0, end));
      return end;
    }
    const start = offsetOf(offsets, last.lines[0]);
    if (last.type === 'fence') {
      const begun = OpenFence.begin(source);
      if (begun !== undefined) {
        this.#open = { kind: 'fence', fence: begun.fence };
        this.#place([begun.fence.element]);
        return begun.length;
      }
    } else if (last.type === 'bullet_list_open' || last.type === 'ordered_list_open') {
      const lines = source.split('\n');
      const lastItem = lastItemLine(tokens, lines);
      if (source.length >= this.#splitLength && lastItem !== undefined) {
        return this.#beginList(source, offsetOf(offsets, lastItem), isLooseList(tokens, lines));
      }
    } else if (last.type === 'table_open' && source.length >= this.#splitLength) {
      const rowsEnd = offsetOf(offsets, last.lines[1]);
      if (last.lines[1] - last.lines[0] > 2 && source.slice(0, rowsEnd).endsWith('\n')) {
        return this.#beginTable(source.slice(start, offsetOf(offsets, last.lines[0] + 2)), source.slice(0, rowsEnd));
      }
    }
    return 0;
  }

  #beginList(source: string, end: number, loose: boolean): number {
    const items = source.slice(0, end);
    const nodes = this.#render(items, loose);
    const element = nodes.find((node) => node.nodeName === 'UL' || node.nodeName === 'OL');
    if (element === undefined) {
      return 0;
    }
    const open: OpenBlock = { kind: 'list', element: element as Element, source: items, loose };
    this.#place(nodes);
    this.#open = open;
    this.#depend(open, items, [...open.element.childNodes], () => this.#renderItems(items, open.loose));
    this.#learn(items);
    return end;
  }

  #advanceList(open: Extract<OpenBlock, { kind: 'list' }>, source: string): number {
    const tokens = parseBlockTokens(source);
    const blocks = topLevelBlocks(tokens);
    const list = blocks[0];
    if (list === undefined) {
      return 0;
    }
    const offsets = lineOffsets(source);
    const lines = source.split('\n');
    if (isLooseList(tokens, lines) && !open.loose) {
      this.#loosen(open);
    }
    if (blocks.length > 1) {
      if (blocks.length === 2 && mayGoOnInside(blocks)) {
        return 0;
      }
      const end = offsetOf(offsets, list.lines[1]);
      this.#freezeItems(open, source.slice(0, end));
      this.#open = undefined;
      return end;
    }
    const lastItem = lastItemLine(tokens, lines);
    if (lastItem === undefined) {
      return 0;
    }
    const end = offsetOf(offsets, lastItem);
    this.#freezeItems(open, source.slice(0, end));
    return end;
  }

  /** A blank line makes paragraphs of all items, also of those that were finished without. */
  #loosen(open: Extract<OpenBlock, { kind: 'list' }>): void {
    open.loose = true;
    this.#dependents = this.#dependents.filter((dependent) => dependent.owner !== open);
    const source = open.source;
    const nodes = this.#renderItems(source, true);
    this.#tailItems = [];
    open.element.replaceChildren(...nodes);
    this.#depend(open, source, nodes, () => this.#renderItems(source, true));
  }

  #freezeItems(open: Extract<OpenBlock, { kind: 'list' }>, source: string): void {
    if (!open.loose && isLooseList(parseBlockTokens(source), source.split('\n'))) {
      this.#loosen(open);
    }
    open.source += source;
    this.#clearTail();
    const [element, ...others] = this.#render(source, open.loose);
    const nodes = element === undefined ? [] : [...element.childNodes];
    open.element.append(...nodes);
    this.#place(others);
    this.#depend(open, source, nodes, () => this.#renderItems(source, open.loose));
    this.#learn(source);
  }

  #renderItems(source: string, loose: boolean): ChildNode[] {
    return [...(this.#render(source, loose)[0]?.childNodes ?? [])];
  }

  #beginTable(head: string, source: string): number {
    const nodes = this.#render(source, false);
    const body = nodes
      .map((node) => (node instanceof Element ? node.querySelector('tbody') : null))
      .find((found) => found !== null);
    if (body === undefined) {
      return 0;
    }
    this.#place(nodes);
    const open: OpenBlock = { kind: 'table', body, head: head.endsWith('\n') ? head : `${head}\n` };
    this.#open = open;
    this.#depend(open, source, [...body.childNodes], () => this.#renderRows(source));
    this.#learn(source);
    return source.length;
  }

  #advanceTable(open: Extract<OpenBlock, { kind: 'table' }>, source: string): number {
    const whole = open.head + source;
    const table = topLevelBlocks(parseBlockTokens(whole))[0];
    const end = table === undefined ? 0 : offsetOf(lineOffsets(whole), table.lines[1]) - open.head.length;
    if (end > 0) {
      const rows = open.head + source.slice(0, end);
      this.#clearTail();
      const nodes = this.#renderRows(rows);
      open.body.append(...nodes);
      this.#depend(open, rows, nodes, () => this.#renderRows(rows));
      return end;
    }
    // The next line is no row: the table has ended.
    this.#open = undefined;
    return this.#freezeStep(source);
  }

  #renderRows(source: string): ChildNode[] {
    const [table] = this.#render(source, false);
    const body = table instanceof Element ? table.querySelector('tbody') : null;
    return [...(body?.childNodes ?? [])];
  }

  #advanceFence(fence: OpenFence, source: string): number {
    const { consumed, closed } = fence.advance(source);
    if (closed) {
      this.#open = undefined;
    }
    return consumed;
  }

  #freezeBlocks(source: string): void {
    this.#learn(source);
    this.#clearTail();
    const nodes = this.#render(source, false);
    this.#place(nodes);
    this.#depend(undefined, source, nodes, () => this.#render(source, false));
  }

  #renderTail(): void {
    this.#clearTail();
    const open = this.#open;
    if (open?.kind === 'fence') {
      open.fence.advance(this.#tail);
      return;
    }
    if (this.#tail === '') {
      return;
    }
    if (open?.kind === 'table') {
      const [table, ...others] = this.#render(open.head + this.#tail, false, false);
      const body = table instanceof Element ? table.querySelector('tbody') : null;
      this.#tailItems = [...(body?.childNodes ?? [])];
      open.body.append(...this.#tailItems);
      this.#tailElement.append(...others);
    } else if (open?.kind === 'list') {
      const [list, ...others] = this.#render(this.#tail, open.loose, false);
      this.#tailItems = [...(list?.childNodes ?? [])];
      open.element.append(...this.#tailItems);
      this.#tailElement.append(...others);
    } else {
      this.#tailElement.append(...this.#render(this.#tail, false, false));
    }
  }

  #clearTail(): void {
    for (const item of this.#tailItems) {
      item.remove();
    }
    this.#tailItems = [];
    this.#tailElement.replaceChildren();
  }

  #render(source: string, loose: boolean, final = true): ChildNode[] {
    // The tail sees what is defined before it, but what it defines itself may still change.
    const references = final ? this.#references : (Object.create(this.#references) as References);
    const tokens = parseTokens(source, references);
    if (loose) {
      makeLoose(tokens);
    }
    const fragment = sanitise(renderTokens(tokens));
    decorate(fragment, final);
    return [...fragment.childNodes];
  }

  /** Puts finished nodes at the end, in groups. */
  #place(nodes: readonly ChildNode[]): void {
    for (const node of nodes) {
      if (this.#group === undefined || this.#group.childElementCount >= blocksPerGroup) {
        this.#group = h('div', { class: 'group' });
        if (this.#section === undefined || this.#section.childElementCount >= groupsPerSection) {
          this.#section?.classList.add('full');
          this.#section = h('div', { class: 'section' });
          this.#tailElement.before(this.#section);
        }
        this.#section.append(this.#group);
      }
      this.#group.append(node);
    }
  }

  #depend(owner: OpenBlock | undefined, source: string, nodes: readonly ChildNode[], render: () => ChildNode[]): void {
    if (source.includes('[')) {
      this.#dependents.push({ owner, source, nodes, render });
    }
  }

  /** Takes the link definitions of `source`, and renders again what names them. */
  #learn(source: string): void {
    if (!source.includes(']:')) {
      return;
    }
    const found: References = {};
    parseTokens(source, found);
    const added = Object.keys(found).filter((label) => this.#references[label] === undefined);
    for (const label of added) {
      const reference = found[label];
      if (reference !== undefined) {
        this.#references[label] = reference;
      }
    }
    const labels = added.map((label) => comparable(label));
    for (const dependent of labels.length === 0 ? [] : this.#dependents) {
      const text = comparable(md.utils.normalizeReference(dependent.source));
      if (labels.some((label) => text.includes(label))) {
        const nodes = dependent.render();
        dependent.nodes[0]?.before(...nodes);
        for (const node of dependent.nodes) {
          node.remove();
        }
        dependent.nodes = nodes;
      }
    }
  }
}

/** A quoted label goes on behind a `>` in the next line. */
function comparable(text: string): string {
  return text.replace(/[>\s]/g, '');
}

/**
 * Whether text that now looks like a paragraph behind a quote or a list can still become part of it: the title of a link
 * definition at its end goes on in lines that stand outside.
 */
function mayGoOnInside(blocks: readonly Block[]): boolean {
  const [container, paragraph] = blocks.slice(-2);
  return (
    paragraph?.type === 'paragraph_open' &&
    container !== undefined &&
    /^(?:blockquote|bullet_list|ordered_list)_open$/.test(container.type) &&
    container.lines[1] === paragraph.lines[0]
  );
}

function offsetOf(offsets: readonly number[], line: number): number {
  return offsets[Math.min(line, offsets.length - 1)] ?? 0;
}
