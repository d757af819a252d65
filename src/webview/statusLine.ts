import type { Header } from '../protocol/view.ts';
import { contextDetails, contextText, isHardlyUsed, usageDetails, usageText } from './usageText.ts';
import { h, setText } from './dom.ts';

/** A screen reader is not interrupted more often than this. */
const pauseMs = 1_000;

/** One line that says what the session is doing now, and what it has used. */
export class StatusLine {
  readonly element: HTMLElement;
  readonly #text = h('span', { class: 'statusText', role: 'status', 'aria-live': 'polite' });
  readonly #usage = h('span', { class: 'usage' });
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const dot = h('span', { class: 'statusDot', 'aria-hidden': 'true' });
    this.element = h('div', { class: 'status' }, dot, this.#text, this.#usage);
  }

  /** `fresh`: another session. It is told at once, and so is another state: only the words within a state may wait. */
  update(header: Header, fresh: boolean): void {
    const state = header.pending.length > 0 ? 'waiting' : header.state;
    const isNews = fresh || this.element.dataset['state'] !== state;
    this.element.dataset['state'] = state;
    const { usage, context } = header;
    const figures = [
      ...(context === undefined || isHardlyUsed(context) ? [] : [contextText(context)]),
      ...(usage === undefined ? [] : [usageText(usage)]),
    ];
    const details = [
      ...(context === undefined ? [] : [contextDetails(context)]),
      ...(usage === undefined ? [] : [usageDetails(usage)]),
    ];
    setText(this.#usage, figures.join(' · '));
    this.#usage.title = details.join('\n');
    const reason = header.reason ?? '';
    const sentence = reason === '' || header.status.includes(reason) ? header.status : `${header.status} · ${reason}`;
    this.#next = sentence;
    if (isNews || this.#timer === undefined) {
      clearTimeout(this.#timer);
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
      this.#text.title = this.#next;
    }
  }
}
