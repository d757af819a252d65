import { t } from '../../base/l10n.ts';
import type { TextPart } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h } from '../dom.ts';
import type { PartView } from './partView.ts';
import { spilledNote } from './spilledNote.ts';

/** Longer texts are folded: the answer matters more than a pasted log. */
const foldedLines = 12;
const foldedLength = 1_000;

/** What the person wrote, as they wrote it. */
export class UserTextView implements PartView<TextPart> {
  readonly element: HTMLElement;

  constructor(part: TextPart, key: string, context: PanelContext) {
    const text = h('div', { class: 'userText' }, part.text);
    this.element = h('div', { class: 'bubble' }, text);
    if (part.text.length > foldedLength || part.text.split('\n', foldedLines + 1).length > foldedLines) {
      const toggle = button({ label: '', className: 'linkButton' }, () => {
        if (!context.opened.delete(key)) {
          context.opened.add(key);
        }
        show();
      });
      const show = (): void => {
        const open = context.opened.has(key);
        text.classList.toggle('folded', !open);
        toggle.textContent = open ? t('Show less') : t('Show more');
        toggle.setAttribute('aria-expanded', String(open));
      };
      show();
      this.element.append(toggle);
    }
    if (part.spilled !== undefined) {
      this.element.append(spilledNote(part.spilled, t('Message'), t('Open full text'), context));
    }
  }

  update(): void {
    // What was said stays said.
  }
}
