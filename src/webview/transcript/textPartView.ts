import { t } from '../../base/l10n.ts';
import type { TextPart } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';
import type { PanelContext } from '../context.ts';
import { h } from '../dom.ts';
import { MarkdownText } from './markdownText.ts';
import type { PartView } from './partView.ts';
import { spilledNote } from './spilledNote.ts';

/** What the agent says. */
export class TextPartView implements PartView<TextPart> {
  readonly element = h('div', { class: 'part text' });
  readonly #text = new MarkdownText();

  constructor(part: TextPart, context: PanelContext) {
    this.element.append(this.#text.element);
    if (part.spilled !== undefined) {
      this.element.append(spilledNote(part.spilled, t('Message'), t('Open full text'), context));
    }
  }

  update(part: TextPart, change: PartChange | undefined, open: boolean): void {
    this.#text.update(part, change, open);
  }

  flush(): boolean {
    return this.#text.flush();
  }
}
