import { t } from '../base/l10n.ts';
import { timeText } from '../base/timeText.ts';
import type { Header } from '../protocol/view.ts';
import { contextDetails, contextText, isHardlyUsed, usageDetails, usageText } from './usageText.ts';
import { h, setText } from './dom.ts';
import { visibleString } from './visibleText.ts';

/** A screen reader is not interrupted more often than this. */
const pauseMs = 1_000;

/** One line that says what the session is doing now, what its agent runs beside that, and what it has used. */
export class StatusLine {
  readonly element: HTMLElement;
  readonly #text = h('span', { class: 'statusText', role: 'status', 'aria-live': 'polite' });
  readonly #tasks = h('span', { class: 'tasks' });
  readonly #usage = h('span', { class: 'usage' });
  #next: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const dot = h('span', { class: 'statusDot', 'aria-hidden': 'true' });
    this.element = h('div', { class: 'status' }, dot, this.#text, this.#tasks, this.#usage);
  }

  /** `fresh`: another session. It is told at once, and so is another state: only the words within a state may wait. */
  update(header: Header, fresh: boolean): void {
    const { silentSince } = header;
    const state = header.pending.length > 0 ? 'waiting' : silentSince === undefined ? header.state : 'stalled';
    const isNews = fresh || this.element.dataset['state'] !== state;
    this.element.dataset['state'] = state;
    const tasks = header.backgroundTasks ?? [];
    setText(this.#tasks, tasks.length === 0 ? '' : t('{0} in the background', tasks.length));
    this.#tasks.title = tasks.map(({ title }) => visibleString(title)).join('\n');
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
    const reason = silentSince === undefined ? (header.reason ?? '') : silence(silentSince);
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

function silence(since: number): string {
  return t('No output since {0}', timeText(since, Date.now()));
}
