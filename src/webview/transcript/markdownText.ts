import type { TextPart } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';
import { h } from '../dom.ts';
import { StreamedMarkdown } from '../markdown/streamedMarkdown.ts';

/** Markdown of a part that may grow. */
export class MarkdownText {
  readonly element = h('div', { class: 'markdownText' });
  #markdown: StreamedMarkdown | undefined;

  /** Reads only what was appended: a text of any length costs no more per delta than its tail. */
  update(part: TextPart, change: PartChange | undefined, open: boolean): void {
    const added = change?.text ?? '';
    let markdown = this.#markdown;
    if (markdown === undefined || (markdown.isFinished && markdown.length !== part.text.length)) {
      markdown = new StreamedMarkdown();
      this.element.replaceChildren(markdown.element);
      this.#markdown = markdown;
    }
    markdown.append(markdown.length + added.length === part.text.length ? added : part.text.slice(markdown.length));
    if (!open) {
      markdown.finish();
    }
  }

  flush(): boolean {
    return this.#markdown?.flush() ?? true;
  }
}
