import { t } from '../base/l10n.ts';
import type { Message, NoticePart, View } from '../protocol/view.ts';
import { MessageWindow } from './messageWindow.ts';
import type { NumberedEvent } from './sessionEvents.ts';
import type { MessageRange } from './sessionModels.ts';
import { isQuiet, reduce, type SessionModel } from './sessionReducer.ts';

/** Text in one answer; what is asked for beyond it is left for the next. */
const maxChars = 4 << 20;
/** Notices that stand for what cannot be read; a file that wants more is not believed. */
const maxNotices = 1_000;

/**
 * Collects the messages before `before` from the events of a part of a log, which `model` has come to. What it keeps is
 * bounded, however much it is given.
 */
export class MessageRangeReading {
  readonly #model: SessionModel;
  readonly #before: number;
  readonly #count: number;
  readonly #window: MessageWindow;
  /** The index of the first message that damage may have changed. */
  #damagedAt: number | undefined;

  constructor(model: SessionModel, before: number, count: number) {
    this.#model = model;
    this.#before = before;
    this.#count = count;
    this.#window = new MessageWindow({ messages: Number.POSITIVE_INFINITY, chars: maxChars });
  }

  add(numbered: NumberedEvent): void {
    const { view } = this.#model;
    reduce(this.#model, numbered);
    if (isQuiet(this.#model)) {
      if (this.#window.settle(view)) {
        this.#window.trim(view, this.#before - 1);
      }
      this.#window.dropBefore(view, this.#before - this.#count);
    }
  }

  /** Something at this place cannot be read. */
  noteDamage(): void {
    this.#damagedAt ??= this.#model.view.total;
  }

  get isDamaged(): boolean {
    return this.#damagedAt !== undefined;
  }

  /** As many messages as were asked for are there, and final. */
  get isComplete(): boolean {
    return this.#model.view.total >= this.#before && isQuiet(this.#model);
  }

  /**
   * The messages. `total`: how many there should be up to here; `damage`: what could not be read. Where the two are not the
   * same, the difference is made up for where the damage is, so that every other message keeps its index.
   */
  finish(total: number, damage: string | undefined): MessageRange {
    const { view } = this.#model;
    if (damage !== undefined || view.total !== total) {
      fit(view, total, this.#damagedAt ?? view.total, damage ?? t('What was here cannot be read any more.'));
    }
    const end = Math.min(this.#before, view.total);
    const from = Math.max(view.from, end - this.#count);
    return { from, messages: view.messages.slice(from - view.from, end - view.from) };
  }
}

function fit(view: View, total: number, damagedAt: number, damage: string): void {
  const { messages } = view;
  const at = Math.min(Math.max(0, damagedAt - view.from), messages.length);
  const missing = total - view.total;
  if (missing > 0) {
    const time = (messages[at - 1] ?? messages[at])?.at ?? 0;
    const notices = Array.from({ length: Math.min(missing, maxNotices) }, (_, index) =>
      noticeMessage(time, index === 0 ? damage : t('This message cannot be read any more.')),
    );
    messages.splice(at, 0, ...notices);
  } else {
    const start = Math.max(0, Math.min(at, messages.length + missing));
    const surplus = messages.splice(start, -missing).flatMap(({ parts }) => parts);
    const added = damagedAt >= view.from ? [notice(damage), ...surplus] : surplus;
    const next = messages[start];
    if (next === undefined) {
      messages.at(-1)?.parts.push(...added);
    } else {
      next.parts.unshift(...added);
    }
  }
  view.total = total;
  view.from = total - messages.length;
}

function noticeMessage(at: number, text: string): Message {
  return { role: 'notice', at, parts: [notice(text)] };
}

function notice(text: string): NoticePart {
  return { type: 'notice', level: 'warning', text, actions: [] };
}
