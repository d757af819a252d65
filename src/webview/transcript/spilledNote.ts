import { t } from '../../base/l10n.ts';
import type { Spilled } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h } from '../dom.ts';

/** Says that a text is shown in part, and opens the whole. */
export function spilledNote(spilled: Spilled, title: string, label: string, context: PanelContext): HTMLElement {
  return h(
    'div',
    { class: 'spilled' },
    h('span', {}, t('{0} in all, shown in part.', sizeInWords(spilled.size))),
    button({ label, className: 'linkButton' }, () =>
      context.post({ type: 'openBlob', sessionId: context.sessionId(), blob: spilled.blob, title }),
    ),
  );
}

export function sizeInWords(bytes: number): string {
  if (bytes < 1_000) {
    return t('{0} bytes', bytes);
  }
  if (bytes < 1_000_000) {
    return t('{0} KB', Math.round(bytes / 1_000));
  }
  return t('{0} MB', (bytes / 1_000_000).toFixed(1));
}
