import { t } from '../../base/l10n.ts';
import { button, h } from '../dom.ts';
import { icon } from '../icons.ts';
import type { EarlierState } from '../store.ts';
import { appendVisible } from '../visibleText.ts';

/** Stands above the first message while there are others before it: they are being fetched, or why they are not. */
export class EarlierRow {
  readonly element = h('div', { class: 'earlier', role: 'status', hidden: true });
  readonly #retry: () => void;
  #shown: EarlierState | undefined;

  constructor(retry: () => void) {
    this.#retry = retry;
  }

  update(state: EarlierState): void {
    if (state === this.#shown) {
      return;
    }
    this.#shown = state;
    const text = h('span');
    appendVisible(text, textOf(state));
    this.element.classList.toggle('told', state.kind !== 'waiting');
    this.element.replaceChildren(
      icon(state.kind === 'failed' ? 'warning' : 'spinner'),
      text,
      ...(state.kind === 'waiting'
        ? []
        : [button({ label: t('Try Again'), className: 'button secondary small' }, () => this.#retry())]),
    );
  }
}

function textOf(state: EarlierState): string {
  switch (state.kind) {
    case 'waiting':
      return t('Loading earlier messages…');
    case 'slow':
      return t('Loading earlier messages takes longer than usual…');
    case 'failed':
      return t('Earlier messages could not be loaded: {0}', state.message);
  }
}
