import type { PendingItem } from '../../protocol/view.ts';

/** A card is taken for answered by accident when it is answered sooner than this after it appeared. */
export const noticeMs = 300;

/** How long an answered card waits for the host before it can be answered again. */
export const answerTimeoutMs = 5_000;

/** Something that waits for the person. */
export interface Card {
  readonly item: PendingItem;
  readonly element: HTMLElement;
  /** Says yes; false where the card has no such answer, or does not take one now. */
  approve(): boolean;
  reject(): boolean;
}

/** Buttons and fields are off for a moment after the card appeared, and after it was answered. */
export class CardGuard {
  readonly #element: HTMLFieldSetElement;
  #usableFrom = 0;

  constructor(fields: HTMLFieldSetElement) {
    this.#element = fields;
    this.#pause(noticeMs);
  }

  get isUsable(): boolean {
    return performance.now() >= this.#usableFrom;
  }

  /** Runs `answer` unless the card is off. */
  answer(answer: () => void): boolean {
    if (!this.isUsable) {
      return false;
    }
    // A disabled control loses the focus to nowhere; the card keeps it until it goes.
    if (this.#element.contains(document.activeElement)) {
      this.#element.closest<HTMLElement>('.card')?.focus();
    }
    this.#pause(answerTimeoutMs);
    answer();
    return true;
  }

  #pause(durationMs: number): void {
    this.#usableFrom = performance.now() + durationMs;
    this.#element.disabled = true;
    setTimeout(() => {
      this.#element.disabled = false;
      this.#usableFrom = 0;
    }, durationMs);
  }
}
