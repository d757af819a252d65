import type { Header } from '../protocol/view.ts';
import { h, setText } from './dom.ts';

/** A screen reader is not interrupted more often than this. */
const pauseMs = 1_000;

/** One line that says what the session is doing now. */
export class StatusLine {
  readonly element: HTMLElement;
  readonly #text = h('span', { class: 'statusText', role: 'status', 'aria-live': 'polite' });
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element = h('div', { class: 'status' }, h('span', { class: 'statusDot', 'aria-hidden': 'true' }), this.#text);
  }

  update(header: Header): void {
    this.element.dataset['state'] = header.pending.length > 0 ? 'waiting' : header.state;
    const reason = header.reason ?? '';
    const sentence = reason === '' || header.status.includes(reason) ? header.status : `${header.status} · ${reason}`;
    this.#next = sentence;
    if (this.#timer === undefined) {
      this.#show();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#show();
      }, pauseMs);
    }
  }

  #show(): void {
    if (this.#next !== undefined) {
      setText(this.#text, this.#next);
      this.element.title = this.#next;
    }
  }
}
