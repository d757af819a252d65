import { t } from '../base/l10n.ts';
import type { Held } from '../protocol/messages.ts';
import { button, h, setText } from './dom.ts';
import { icon } from './icons.ts';

/** One line above the status: what happened since the person last looked. It goes when they write, or close it. */
export class AwayLine {
  readonly element: HTMLElement;
  readonly #text = h('span', { class: 'awayText', 'aria-live': 'polite' });
  readonly #show: HTMLButtonElement;
  /** What was closed is not shown again when the same comes with another snapshot. */
  #closed = '';

  /** `onShow`: go to the first message that is new. */
  constructor(onShow: () => void) {
    this.#show = button({ label: t('Show what is new'), className: 'linkButton' }, onShow);
    const close = button({ label: t('Close'), icon: icon('close'), iconOnly: true, className: 'iconButton' }, () =>
      this.close(),
    );
    this.element = h(
      'div',
      { class: 'away', role: 'note', hidden: true },
      icon('clock'),
      h('span', { class: 'awayBody' }, this.#text, ' ', this.#show),
      close,
    );
  }

  update({ sessionId, away, view }: Held): void {
    const key = away === undefined ? '' : `${sessionId} ${String(away.seen)}`;
    this.element.hidden = away === undefined || key === this.#closed;
    if (away !== undefined) {
      this.element.dataset['key'] = key;
      setText(this.#text, away.text);
      // Where nothing was seen before, or no message is new, there is no place to go to.
      this.#show.hidden = away.seen === 0 || away.seen >= view.total;
    }
  }

  close(): void {
    this.#closed = this.element.dataset['key'] ?? '';
    this.element.hidden = true;
  }
}
