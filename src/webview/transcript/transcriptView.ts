import { t } from '../../base/l10n.ts';
import { type AgentNotice, type Held, windowMessages } from '../../protocol/messages.ts';
import type { Message, View } from '../../protocol/view.ts';
import type { Changes } from '../changes.ts';
import type { PanelContext } from '../context.ts';
import { button, h, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import type { EarlierState } from '../store.ts';
import { EarlierRow } from './earlierRow.ts';
import { EmptyState } from './emptyState.ts';
import { MessageView } from './messageView.ts';

/** The document holds about this many elements of messages, however long the session is. */
const maxNodes = 2_400;
/** … but never fewer messages than this: a single one can be larger. */
const minMessages = 6;
/** Messages added at once when somebody scrolls towards them. */
const stepMessages = 15;
/** More is shown before its end is reached by this many pixels. */
const marginPx = 600;
/** This close to the end counts as the end. */
const endPx = 24;

export interface TranscriptOptions {
  readonly context: PanelContext;
  /** What stands after the last message: what waits for the person. */
  readonly trailer: HTMLElement;
  readonly needPage: () => void;
  /** The person asks once more for what could not be fetched. */
  readonly retryPage: () => void;
  readonly forgetBefore: (index: number) => void;
  readonly nextFrame: (run: () => void) => void;
}

/** Shows a window of the messages, at their end unless the person scrolled away from it. */
export class TranscriptView {
  readonly element: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #content = h('div', { class: 'messages' });
  readonly #earlier: EarlierRow;
  readonly #empty: EmptyState;
  readonly #jumpLabel = h('span');
  readonly #jump: HTMLButtonElement;
  readonly #options: TranscriptOptions;
  #held: Held | undefined;
  /** Consecutive; the first shows the message with the index `#from`. */
  #views: MessageView[] = [];
  #from = 0;
  #following = true;
  #lastTop = 0;
  #unfinished = new Set<MessageView>();
  #flushRequested = false;
  #wasRunning = false;
  #pending = 0;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#empty = new EmptyState(options.context);
    this.#earlier = new EarlierRow(options.retryPage);
    this.#scroller = h(
      'div',
      { class: 'transcript', role: 'log', 'aria-live': 'off', 'aria-label': t('Conversation'), tabindex: 0 },
      this.#earlier.element,
      this.#empty.element,
      this.#content,
      options.trailer,
    );
    this.#jump = button({ label: t('Jump to latest'), className: 'jump' }, () => this.showEnd());
    this.#jump.replaceChildren(icon('arrowDown'), this.#jumpLabel);
    this.#jump.hidden = true;
    this.element = h('div', { class: 'transcriptFrame' }, this.#scroller, this.#jump);
    this.#scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#settle()).observe(this.#scroller);
  }

  get #to(): number {
    return this.#from + this.#views.length;
  }

  get #showsEnd(): boolean {
    return this.#held === undefined || this.#to === this.#held.view.total;
  }

  render(held: Held, changes: Changes, earlier: EarlierState): void {
    this.#held = held;
    this.#earlier.update(earlier);
    const { view } = held;
    const running = isRunning(view);
    if (changes.reset) {
      this.#reset(view);
    } else {
      if (changes.userMessageAdded && !this.#showsEndBefore(changes)) {
        this.#following = true;
        this.#fillFromEnd(view);
      } else if (this.#showsEndBefore(changes)) {
        this.#following ||= changes.userMessageAdded;
        this.#appendViews(view.total - changes.messagesAdded, view.total);
      }
      for (const [index, parts] of changes.parts) {
        this.#viewAt(index)?.update(parts, index === view.total - 1, running);
        this.#noteUnfinished(this.#viewAt(index));
      }
      if (running !== this.#wasRunning) {
        for (const message of new Set([...this.#unfinished, ...this.#views.slice(-1)])) {
          message.update(undefined, message.index === view.total - 1, running);
          this.#noteUnfinished(message);
        }
      }
    }
    this.#wasRunning = running;
    this.#pending = view.header.pending.length;
    this.#flush();
    this.#empty.element.hidden = view.total > 0 || this.#pending > 0;
    this.#empty.update(view.header.mode);
    if (changes.messagesAdded > 0) {
      this.#trimStart();
    }
    this.#settle();
  }

  setAgent(notice: AgentNotice | undefined): void {
    this.#empty.setAgent(notice);
  }

  /** Goes to the end and stays there. */
  showEnd(): void {
    const held = this.#held;
    this.#following = true;
    if (held !== undefined && !this.#showsEnd) {
      this.#fillFromEnd(held.view);
      this.#flush();
    }
    this.#settle();
  }

  /** Goes to the first message that the person has not seen, or as near to it as what is held goes. */
  showNew(): void {
    const held = this.#held;
    const seen = held?.away?.seen;
    if (held === undefined || seen === undefined) {
      return;
    }
    const index = Math.min(Math.max(seen, held.view.from), held.view.total - 1);
    this.#following = false;
    if (this.#from > index) {
      this.#prependViews(index);
      this.#flush();
    }
    this.#viewAt(index)?.element.scrollIntoView({ block: 'start' });
    this.#settle();
  }

  lastUserText(): string | undefined {
    const message = this.#held?.view.messages.findLast((candidate) => candidate.role === 'user');
    const part = message?.parts.find((candidate) => candidate.type === 'text');
    return part?.type === 'text' ? part.text : undefined;
  }

  #showsEndBefore(changes: Changes): boolean {
    return this.#held !== undefined && this.#to === this.#held.view.total - changes.messagesAdded;
  }

  /** A new snapshot: keeps the place of somebody who is reading further up, if it still holds that place. */
  #reset(view: View): void {
    const anchor = this.#following ? undefined : this.#topMessage();
    const offset = anchor?.element.getBoundingClientRect().top ?? 0;
    this.#fillFromEnd(view);
    if (anchor !== undefined && anchor.index >= view.from && anchor.index < view.total) {
      while (this.#from > anchor.index) {
        this.#prependViews(Math.max(view.from, this.#from - stepMessages));
      }
      this.#flush();
      const shown = this.#viewAt(anchor.index)?.element.getBoundingClientRect().top ?? 0;
      this.#scroller.scrollTop += shown - offset;
    } else {
      this.#following = true;
    }
  }

  #topMessage(): MessageView | undefined {
    const { top } = this.#scroller.getBoundingClientRect();
    return this.#views.find((view) => view.element.getBoundingClientRect().bottom > top);
  }

  #viewAt(index: number): MessageView | undefined {
    return this.#views[index - this.#from];
  }

  /** Shows the last messages, as many as the document may hold. */
  #fillFromEnd(view: View): void {
    this.#views = [];
    this.#unfinished.clear();
    this.#content.replaceChildren();
    this.#from = view.total;
    const oldest = Math.max(view.from, view.total - windowMessages);
    let nodes = 0;
    while (this.#from > oldest && (nodes < maxNodes || this.#views.length < minMessages)) {
      this.#prependViews(this.#from - 1);
      nodes += this.#views[0]?.nodeCount ?? 0;
    }
  }

  #prependViews(from: number): void {
    const added = this.#createViews(from, this.#from);
    this.#views.unshift(...added);
    this.#from = from;
    this.#content.prepend(...added.map(({ element }) => element));
  }

  #appendViews(from: number, to: number): void {
    const added = this.#createViews(from, to);
    this.#views.push(...added);
    this.#content.append(...added.map(({ element }) => element));
  }

  #createViews(from: number, to: number): MessageView[] {
    const held = this.#held;
    const views: MessageView[] = [];
    for (let index = from; index < to; index++) {
      const message: Message | undefined = held?.view.messages[index - held.view.from];
      if (held !== undefined && message !== undefined) {
        const { header, total } = held.view;
        const view = new MessageView(message, index, header.runtimeName, this.#options.context);
        view.update(undefined, index === total - 1, isRunning(held.view));
        if (index > 0 && index === held.away?.seen) {
          view.markNew();
        }
        this.#noteUnfinished(view);
        views.push(view);
      }
    }
    return views;
  }

  #noteUnfinished(view: MessageView | undefined): void {
    if (view !== undefined) {
      this.#unfinished.add(view);
    }
  }

  #flush(): void {
    let pending = false;
    for (const view of this.#unfinished) {
      if (view.flush()) {
        this.#unfinished.delete(view);
      } else {
        pending = true;
      }
    }
    if (pending && !this.#flushRequested) {
      this.#flushRequested = true;
      this.#options.nextFrame(() => {
        this.#flushRequested = false;
        this.#flush();
        this.#settle();
      });
    }
  }

  #scrolled(): void {
    const scroller = this.#scroller;
    const top = scroller.scrollTop;
    const atEnd = this.#showsEnd && scroller.scrollHeight - top - scroller.clientHeight <= endPx;
    if (atEnd) {
      this.#following = true;
    } else if (top < this.#lastTop - 1) {
      this.#following = false;
    }
    this.#lastTop = top;
    this.#showNear();
    this.#showJump();
  }

  /** After anything that may have changed sizes: stays at the end, and fills up what came into reach. */
  #settle(): void {
    if (this.#following && this.#showsEnd) {
      this.#scroller.scrollTop = this.#scroller.scrollHeight;
      this.#lastTop = this.#scroller.scrollTop;
    }
    this.#showNear();
    this.#showJump();
  }

  #showJump(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const away = !this.#showsEnd || (!this.#following && scrollHeight - scrollTop - clientHeight > endPx);
    this.#jump.hidden = !away;
    setText(this.#jumpLabel, this.#pending > 0 ? t('Waiting for you') : t('Jump to latest'));
    this.#jump.classList.toggle('attention', this.#pending > 0);
  }

  /** Shows more where the person comes near the end of what is shown. */
  #showNear(): void {
    const held = this.#held;
    if (held === undefined) {
      return;
    }
    const { view } = held;
    const scroller = this.#scroller;
    if (scroller.scrollTop < marginPx && this.#from > 0) {
      if (this.#from > view.from) {
        const from = Math.max(view.from, this.#from - stepMessages);
        this.#keepingPlace(() => {
          this.#prependViews(from);
          this.#flush();
          this.#trimEnd();
        });
      } else {
        this.#options.needPage();
      }
    }
    if (!this.#showsEnd && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < marginPx) {
      const to = Math.min(view.total, this.#to + stepMessages);
      this.#keepingPlace(() => {
        this.#appendViews(this.#to, to);
        this.#flush();
        this.#trimStart();
      });
    }
    this.#earlier.element.hidden = this.#from === 0;
    if (this.#following && this.#showsEnd) {
      this.#options.forgetBefore(this.#from);
    }
  }

  /** Changes what is shown around a message without moving it. */
  #keepingPlace(change: () => void): void {
    const scroller = this.#scroller;
    const anchor = this.#topMessage() ?? this.#views[0];
    const before = anchor?.element.getBoundingClientRect().top ?? 0;
    // The browser's own anchoring would move it a second time.
    scroller.classList.add('still');
    change();
    if (anchor !== undefined && anchor.element.isConnected) {
      const moved = anchor.element.getBoundingClientRect().top - before;
      if (moved !== 0) {
        scroller.scrollTop += moved;
      }
    }
    this.#lastTop = scroller.scrollTop;
    scroller.classList.remove('still');
  }

  get #nodes(): number {
    return this.#views.reduce((sum, view) => sum + view.nodeCount, 0);
  }

  /** Takes messages away that stand far above what is seen. */
  #trimStart(): void {
    let nodes = this.#nodes;
    if (nodes <= maxNodes) {
      return;
    }
    const limit = this.#scroller.getBoundingClientRect().top - marginPx - this.#scroller.clientHeight;
    const remove = (): void => {
      while (nodes > maxNodes && this.#views.length > minMessages) {
        const [first] = this.#views;
        if (first === undefined || first.element.getBoundingClientRect().bottom > limit) {
          break;
        }
        nodes -= first.nodeCount;
        this.#views.shift();
        this.#from += 1;
        this.#drop(first);
      }
    };
    if (this.#following) {
      remove();
    } else {
      this.#keepingPlace(remove);
    }
  }

  /** Takes messages away that stand far below what is seen. */
  #trimEnd(): void {
    let nodes = this.#nodes;
    const limit = this.#scroller.getBoundingClientRect().bottom + marginPx + this.#scroller.clientHeight;
    while (nodes > maxNodes && this.#views.length > minMessages) {
      const last = this.#views.at(-1);
      if (last === undefined || last.element.getBoundingClientRect().top < limit) {
        break;
      }
      nodes -= last.nodeCount;
      this.#views.pop();
      this.#following = false;
      this.#drop(last);
    }
  }

  #drop(view: MessageView): void {
    this.#unfinished.delete(view);
    view.element.remove();
  }
}

function isRunning(view: View): boolean {
  return view.header.state === 'running' || view.header.state === 'pending';
}
