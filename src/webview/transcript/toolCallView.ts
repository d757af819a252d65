import { t } from '../../base/l10n.ts';
import type { ToolCallPart, ToolCallState } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';
import type { PanelContext } from '../context.ts';
import { changeCount, diffView } from '../diffView.ts';
import { button, h, setText, uniqueId } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { fillOutput } from '../outputText.ts';
import { visibleString } from '../visibleText.ts';
import type { PartView } from './partView.ts';
import { spilledNote } from './spilledNote.ts';
import { toolInput } from './toolInput.ts';

/** Lines of a change that are shown without opening it. */
const previewLines = 10;

/** Parts of a sub-agent that are shown before the others are asked for. */
const shownChildren = 4;

const icons: Readonly<Record<ToolCallState, IconName>> = {
  streaming: 'spinner',
  awaitingApproval: 'shield',
  running: 'spinner',
  completed: 'check',
  failed: 'error',
  cancelled: 'cancelled',
};

function stateInWords(state: ToolCallState): string {
  switch (state) {
    case 'streaming':
      return t('preparing');
    case 'awaitingApproval':
      return t('waiting for approval');
    case 'running':
      return t('running');
    case 'completed':
      return t('completed');
    case 'failed':
      return t('failed');
    case 'cancelled':
      return t('cancelled');
  }
}

/** A tool call as one row that opens to its arguments, its output and what it changed. */
export class ToolCallView implements PartView<ToolCallPart> {
  readonly element = h('div', { class: 'part tool', role: 'group' });
  readonly #row: HTMLButtonElement;
  readonly #icon = h('span', { class: 'toolIcon' });
  readonly #name = h('span', { class: 'toolName' });
  readonly #title = h('span', { class: 'toolTitle' });
  readonly #facts = h('span', { class: 'toolFacts' });
  readonly #preview = h('div', { class: 'toolPreview' });
  readonly #body = h('div', { class: 'toolBody', id: uniqueId('tool') });
  readonly #children = h('div', { class: 'toolChildren' });
  readonly #context: PanelContext;
  readonly #key: string;
  #part: ToolCallPart;
  #shown: ToolCallPart['state'] | undefined;
  #shownEdit: ToolCallPart['edit'];
  #shownDecision: ToolCallPart['decision'];
  #shownText: string | undefined;
  #bodyChanged = false;
  #moreChildren: HTMLButtonElement | undefined;

  constructor(part: ToolCallPart, context: PanelContext) {
    this.#part = part;
    this.#context = context;
    this.#key = `tool:${part.id}`;
    this.#row = h(
      'button',
      { type: 'button', class: 'toolRow', 'aria-controls': this.#body.id },
      this.#icon,
      this.#name,
      this.#title,
      this.#facts,
      icon('chevronRight'),
    );
    this.#row.addEventListener('click', () => this.#toggle());
    this.element.append(this.#row, this.#preview, this.#body);
    this.#showOpen();
  }

  get #isOpen(): boolean {
    return this.#context.opened.has(this.#key);
  }

  update(part: ToolCallPart, _change: PartChange | undefined): void {
    this.#part = part;
    if (this.#shown !== part.state) {
      this.#shown = part.state;
      this.element.dataset['state'] = part.state;
      this.#icon.replaceChildren(icon(icons[part.state]));
    }
    const label = t('{0}, {1}', part.name, stateInWords(part.state));
    if (this.element.getAttribute('aria-label') !== label) {
      this.element.setAttribute('aria-label', label);
    }
    setText(this.#name, part.name);
    const title = visibleString(part.title);
    setText(this.#title, title.replaceAll('\n', ' \u23ce '));
    this.#row.title = [title, part.decision ?? ''].filter((line) => line !== '').join('\n');
    if (this.#shownEdit !== part.edit || this.#shownDecision !== part.decision) {
      this.#shownDecision = part.decision;
      this.#facts.replaceChildren(
        ...(part.edit === undefined ? [] : [changeCount(part.edit.hunks)]),
        ...this.#decisionMark(),
      );
    }
    if (this.#shownEdit !== part.edit) {
      this.#shownEdit = part.edit;
      this.#showPreview();
    }
    const text = part.shown === true ? part.output : undefined;
    if (this.#shownText !== text) {
      this.#shownText = text;
      this.#showPreview();
    }
    this.#bodyChanged = true;
  }

  flush(): boolean {
    if (this.#bodyChanged && this.#isOpen) {
      this.#fillBody();
    }
    return true;
  }

  /** Puts what a sub-agent did below its call. */
  addChild(child: HTMLElement): void {
    if (this.#children.parentElement === null) {
      this.element.append(this.#children);
    }
    this.#children.append(child);
    this.#foldChildren();
  }

  #foldChildren(): void {
    const all = [...this.#children.children].filter((child) => child !== this.#moreChildren);
    const folded = this.#context.opened.has(`${this.#key}:children`) ? 0 : Math.max(0, all.length - shownChildren);
    for (const [index, child] of all.entries()) {
      child.classList.toggle('foldedChild', index < folded);
    }
    if (folded === 0) {
      this.#moreChildren?.remove();
      return;
    }
    this.#moreChildren ??= button({ label: '', className: 'linkButton moreChildren' }, () => {
      this.#context.opened.add(`${this.#key}:children`);
      this.#foldChildren();
    });
    setText(this.#moreChildren, folded === 1 ? t('Show 1 earlier step') : t('Show {0} earlier steps', folded));
    if (this.#children.firstElementChild !== this.#moreChildren) {
      this.#children.prepend(this.#moreChildren);
    }
  }

  #toggle(): void {
    if (!this.#context.opened.delete(this.#key)) {
      this.#context.opened.add(this.#key);
    }
    this.#showOpen();
  }

  #showOpen(): void {
    const open = this.#isOpen;
    this.#row.setAttribute('aria-expanded', String(open));
    this.#body.hidden = !open;
    this.#showPreview();
    if (open) {
      this.#fillBody();
    } else {
      this.#body.replaceChildren();
    }
  }

  /** That it was decided, and how in the words that a pointer or a screen reader finds. */
  #decisionMark(): HTMLElement[] {
    const { decision } = this.#part;
    if (decision === undefined || decision === '') {
      return [];
    }
    const text = visibleString(decision);
    return [h('span', { class: 'toolDecision', role: 'img', 'aria-label': text, title: text }, icon('shield'))];
  }

  /** The first lines of a change, and what is meant for the person, are worth seeing without a click. */
  #showPreview(): void {
    const preview = this.#isOpen ? [] : this.#previewParts();
    this.#preview.hidden = preview.length === 0;
    this.#preview.replaceChildren(...preview);
  }

  #previewParts(): readonly HTMLElement[] {
    const { edit, shown, output } = this.#part;
    if (edit !== undefined) {
      return [diffView(edit.hunks, previewLines), ...this.#diffButton()];
    }
    if (shown !== true || output === '') {
      return [];
    }
    const text = h('pre', { class: 'output' });
    fillOutput(text, output);
    return [text];
  }

  #diffButton(): HTMLElement[] {
    const { edit, id } = this.#part;
    if (edit?.canOpen !== true) {
      return [];
    }
    const open = button({ label: t('Open diff'), icon: icon('diff'), className: 'linkButton' }, () =>
      this.#context.post({ type: 'openDiff', sessionId: this.#context.sessionId(), toolCallId: id }),
    );
    return [h('div', { class: 'toolActions' }, open)];
  }

  #fillBody(): void {
    this.#bodyChanged = false;
    const part = this.#part;
    const sections: HTMLElement[] = [];
    if (part.decision !== undefined && part.decision !== '') {
      sections.push(h('div', { class: 'decision' }, icon('shield'), visibleString(part.decision)));
    }
    if (part.edit === undefined) {
      const input = toolInput(part.inputText);
      if (input !== undefined) {
        sections.push(input);
      }
    } else {
      sections.push(diffView(part.edit.hunks), ...this.#diffButton());
    }
    if (part.spilledInput !== undefined) {
      sections.push(spilledNote(part.spilledInput, part.name, t('Open full arguments'), this.#context));
    }
    if (part.output !== '') {
      const output = h('pre', { class: 'output', tabindex: 0, role: 'group', 'aria-label': t('Output') });
      fillOutput(output, part.output);
      sections.push(output);
    } else if (part.state === 'completed' && part.edit === undefined) {
      sections.push(h('div', { class: 'noOutput' }, t('No output')));
    }
    if (part.spilledOutput !== undefined) {
      sections.push(spilledNote(part.spilledOutput, part.name, t('Open full output'), this.#context));
    }
    this.#replaceBody(sections);
  }

  /** Keeps the place in an output that is being read, or its end where that was shown. */
  #replaceBody(sections: readonly HTMLElement[]): void {
    const before = this.#body.querySelector('.output');
    const top = before?.scrollTop ?? 0;
    const atEnd = before !== null && before.scrollHeight - top - before.clientHeight < 8;
    this.#body.replaceChildren(...sections);
    const after = this.#body.querySelector('.output');
    if (after !== null && before !== null) {
      after.scrollTop = atEnd ? after.scrollHeight : top;
    }
  }
}
