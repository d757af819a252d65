import type { Message, Part, View } from '../protocol/view.ts';

export interface WindowBudget {
  readonly messages: number;
  /** Characters of text. */
  readonly chars: number;
}

/** What a session keeps in memory of what is over; older messages are read from its file when somebody scrolls to them. */
export const sessionBudget: WindowBudget = { messages: 1_000, chars: 4 << 20 };

/** A full window is emptied to this part of its budget, so that it happens rarely. */
const keptShare = 0.75;
/** What an object weighs beside its text, in characters. */
const objectChars = 200;

/**
 * Keeps the messages of a view within a budget. Only those that no event can change any more are measured and may go, the
 * oldest first; each is measured once, so that a delta costs nothing.
 */
export class MessageWindow {
  readonly #budget: WindowBudget;
  /** Of the settled messages that are in the view, the first of them the view's first. */
  readonly #sizes: number[] = [];
  #chars = 0;

  constructor(budget: WindowBudget) {
    this.#budget = budget;
  }

  /** All messages of the view are final. True if they are more than the budget. */
  settle(view: View): boolean {
    for (const message of view.messages.slice(this.#sizes.length)) {
      const size = sizeOf(message);
      this.#sizes.push(size);
      this.#chars += size;
    }
    return this.#sizes.length > this.#budget.messages || this.#chars > this.#budget.chars;
  }

  /** Takes the oldest settled messages out of the view; none from `end` on. */
  trim(view: View, end: number): void {
    const maxMessages = this.#budget.messages * keptShare;
    const maxChars = this.#budget.chars * keptShare;
    let count = 0;
    while (
      count < this.#sizes.length &&
      view.from + count < end &&
      (this.#sizes.length - count > maxMessages || this.#chars > maxChars)
    ) {
      this.#chars -= this.#sizes[count] ?? 0;
      count += 1;
    }
    this.#drop(view, count);
  }

  /** Takes all settled messages before the index `start` out of the view. */
  dropBefore(view: View, start: number): void {
    const count = Math.min(this.#sizes.length, Math.max(0, start - view.from));
    for (let index = 0; index < count; index++) {
      this.#chars -= this.#sizes[index] ?? 0;
    }
    this.#drop(view, count);
  }

  #drop(view: View, count: number): void {
    this.#sizes.splice(0, count);
    view.messages.splice(0, count);
    view.from += count;
  }
}

function sizeOf(message: Message): number {
  return message.parts.reduce((sum, part) => sum + objectChars + textLengthOf(part), objectChars);
}

function textLengthOf(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text.length;
    case 'toolCall': {
      const lines = part.edit?.hunks.flatMap((hunk) => hunk.lines) ?? [];
      return (
        part.title.length +
        part.inputText.length +
        part.output.length +
        lines.reduce((sum, line) => sum + line.length + objectChars / 4, 0)
      );
    }
    case 'image':
      return 0;
    case 'notice':
      return part.text.length + (part.details?.length ?? 0);
  }
}
