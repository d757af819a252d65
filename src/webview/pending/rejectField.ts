import { t } from '../../base/l10n.ts';
import { button, h } from '../dom.ts';
import { consume, isComposing } from '../keys.ts';

/** One line in which to say why not; Enter sends it. */
export class RejectField {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;

  constructor(label: string, onReject: (reason: string) => void, onClose: () => void) {
    this.#input = h('input', { type: 'text', class: 'textField', placeholder: label, 'aria-label': label });
    const send = button({ label: t('Reject and tell'), className: 'button secondary small' }, () =>
      onReject(this.#input.value.trim()),
    );
    this.element = h('div', { class: 'rejectField', hidden: true }, this.#input, send);
    this.#input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !isComposing(event)) {
        consume(event);
        onReject(this.#input.value.trim());
      } else if (event.key === 'Escape') {
        consume(event);
        this.element.hidden = true;
        onClose();
      }
    });
  }

  open(): void {
    this.element.hidden = false;
    this.#input.focus();
  }
}
