import { t } from '../../base/l10n.ts';
import type { Message, Part } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';
import type { PanelContext } from '../context.ts';
import { h } from '../dom.ts';
import { ImagePartView } from './imagePartView.ts';
import { NoticePartView } from './noticePartView.ts';
import type { PartView } from './partView.ts';
import { ReasoningPartView } from './reasoningPartView.ts';
import { TextPartView } from './textPartView.ts';
import { ToolCallView } from './toolCallView.ts';
import { UserTextView } from './userTextView.ts';

/** A message as an article that says who speaks. */
export class MessageView {
  readonly element: HTMLElement;
  readonly index: number;
  readonly #message: Message;
  readonly #context: PanelContext;
  readonly #parts: PartView[] = [];
  readonly #toolCalls = new Map<string, ToolCallView>();
  /** Parts to which more may come. */
  readonly #growing = new Set<number>();
  #nodeCount: number | undefined;

  constructor(message: Message, index: number, runtimeName: string, context: PanelContext) {
    this.#message = message;
    this.index = index;
    this.#context = context;
    const speaker = message.role === 'user' ? t('You') : message.role === 'assistant' ? runtimeName : t('Greenroom');
    this.element = h('article', { class: `message ${message.role}`, 'aria-label': speaker, 'data-index': index });
  }

  /** What follows has not been seen before. */
  markNew(): void {
    this.element.prepend(h('div', { class: 'newSince', role: 'separator' }, h('span', {}, t('New since you left'))));
    this.#nodeCount = undefined;
  }

  /** Elements in the document, as of the last time somebody asked after a change. */
  get nodeCount(): number {
    this.#nodeCount ??= this.element.getElementsByTagName('*').length + 1;
    return this.#nodeCount;
  }

  /** `isLast` and `running` say whether more may come. */
  update(changes: ReadonlyMap<number, PartChange> | undefined, isLast: boolean, running: boolean): void {
    this.#nodeCount = undefined;
    const { parts } = this.#message;
    for (const index of new Set([...this.#growing, ...(changes?.keys() ?? [])])) {
      const part = parts[index];
      if (part !== undefined && index < this.#parts.length) {
        this.#updatePart(part, index, changes?.get(index), isLast, running);
      }
    }
    for (let index = this.#parts.length; index < parts.length; index++) {
      const part = parts[index];
      if (part !== undefined) {
        const view = this.#create(part, index);
        this.#parts.push(view);
        this.#add(part, view);
        this.#updatePart(part, index, undefined, isLast, running);
      }
    }
    // A message of which nothing is shown would only be an empty place.
    this.element.hidden = parts.length === 0;
  }

  #updatePart(part: Part, index: number, change: PartChange | undefined, isLast: boolean, running: boolean): void {
    const mayGrow = running && (change !== undefined || (isLast && isLastOfItsAgent(this.#message.parts, index)));
    if (mayGrow) {
      this.#growing.add(index);
    } else {
      this.#growing.delete(index);
    }
    this.#parts[index]?.update(part, change, mayGrow);
  }

  /** False if it has to be called again in a later frame. */
  flush(): boolean {
    let done = true;
    for (const part of this.#parts) {
      done = (part.flush?.() ?? true) && done;
    }
    return done;
  }

  #create(part: Part, index: number): PartView {
    const key = `${String(this.index)}:${String(index)}`;
    switch (part.type) {
      case 'text':
        return this.#message.role === 'user'
          ? new UserTextView(part, key, this.#context)
          : new TextPartView(part, this.#context);
      case 'reasoning':
        return new ReasoningPartView(part, key, this.#context);
      case 'toolCall': {
        const view = new ToolCallView(part, this.#context);
        this.#toolCalls.set(part.id, view);
        return view;
      }
      case 'image':
        return new ImagePartView(part);
      case 'notice':
        return new NoticePartView(part, this.#context);
    }
  }

  #add(part: Part, view: PartView): void {
    const parentId = part.type === 'notice' ? undefined : part.parentId;
    const parent = parentId === undefined ? undefined : this.#toolCalls.get(parentId);
    if (parent !== undefined) {
      parent.addChild(view.element);
      return;
    }
    // The sub-agent's call is in another message: at least it does not look like the agent's own words.
    view.element.classList.toggle('ofSubAgent', parentId !== undefined);
    this.element.append(view.element);
  }
}

/** Sub-agents speak at the same time; each one's last part may still grow. */
function isLastOfItsAgent(parts: readonly Part[], index: number): boolean {
  const parentOf = (part: Part | undefined): string | undefined =>
    part === undefined || part.type === 'notice' ? undefined : part.parentId;
  const parent = parentOf(parts[index]);
  for (let later = index + 1; later < parts.length; later++) {
    if (parentOf(parts[later]) === parent) {
      return false;
    }
  }
  return true;
}
