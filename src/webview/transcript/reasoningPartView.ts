import { t } from '../../base/l10n.ts';
import type { TextPart } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';
import type { PanelContext } from '../context.ts';
import { h, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { MarkdownText } from './markdownText.ts';
import type { PartView } from './partView.ts';

/** The model's reasoning, folded; its text is rendered only once somebody looks. */
export class ReasoningPartView implements PartView<TextPart> {
  readonly element: HTMLDetailsElement;
  readonly #label = h('span', { class: 'reasoningLabel' });
  readonly #text = new MarkdownText();
  #part: TextPart;
  #isOpen = false;

  constructor(part: TextPart, key: string, context: PanelContext) {
    this.#part = part;
    this.element = h(
      'details',
      { class: 'part reasoning', open: context.opened.has(key) },
      h('summary', {}, icon('thought'), this.#label, icon('chevronRight')),
      this.#text.element,
    );
    this.element.addEventListener('toggle', () => {
      if (this.element.open) {
        context.opened.add(key);
        this.#text.update(this.#part, undefined, this.#isOpen);
        this.#text.flush();
      } else {
        context.opened.delete(key);
      }
    });
  }

  update(part: TextPart, change: PartChange | undefined, open: boolean): void {
    this.#part = part;
    this.#isOpen = open;
    setText(this.#label, open ? t('Thinking') : t('Thought'));
    this.element.classList.toggle('live', open);
    this.element.hidden = !open && part.text === '';
    if (this.element.open) {
      this.#text.update(part, change, open);
    }
  }

  flush(): boolean {
    return this.#text.flush();
  }
}
