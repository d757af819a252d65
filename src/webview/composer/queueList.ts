import { t } from '../../base/l10n.ts';
import type { Header } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h } from '../dom.ts';
import { icon } from '../icons.ts';

/** Messages that are sent when the turn ends. */
export class QueueList {
  readonly element = h('ul', { class: 'queue', 'aria-label': t('Queued messages'), hidden: true });
  readonly #context: PanelContext;
  #shown: Header['queued'] | undefined;

  constructor(context: PanelContext) {
    this.#context = context;
  }

  update(queued: Header['queued']): void {
    if (queued === this.#shown) {
      return;
    }
    this.#shown = queued;
    this.element.hidden = queued.length === 0;
    this.element.replaceChildren(
      ...queued.map(({ id, text }) =>
        h(
          'li',
          { title: text },
          icon('clock'),
          h('span', { class: 'queuedText' }, text),
          button({ label: t('Remove from queue'), icon: icon('close'), iconOnly: true, className: 'iconButton' }, () =>
            this.#context.post({ type: 'unqueue', sessionId: this.#context.sessionId(), messageId: id }),
          ),
        ),
      ),
    );
  }
}
