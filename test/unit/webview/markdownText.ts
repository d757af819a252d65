import './document.ts';
import { StreamedMarkdown } from '../../../src/webview/markdown/streamedMarkdown.ts';

const blockParents = new Set(['DIV', 'UL', 'OL', 'TABLE', 'THEAD', 'TBODY', 'TR', 'BLOCKQUOTE', 'LI']);

/** The HTML of a rendered text without what only serves its layout: groups, tails, chunks of code, blank text. */
export function flatHtml(element: Element): string {
  const copy = element.cloneNode(true) as Element;
  for (const wrapper of copy.querySelectorAll('.section, .group, .tail, span.lines')) {
    wrapper.replaceWith(...wrapper.childNodes);
  }
  const walker = document.createTreeWalker(copy, 4 /* text */);
  const blank: Node[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.textContent?.trim() === '' && blockParents.has(node.parentElement?.tagName ?? '')) {
      blank.push(node);
    }
  }
  for (const node of blank) {
    node.parentNode?.removeChild(node);
  }
  copy.normalize();
  // In a tight list, text and blocks are neighbours: a line break between them is not seen.
  for (const item of copy.querySelectorAll('li')) {
    for (const node of item.childNodes) {
      if (node instanceof Text) {
        node.data = node.data.replace(/^\n|\n$/g, '');
      }
    }
  }
  return copy.innerHTML;
}

export function renderWhole(text: string): string {
  const markdown = new StreamedMarkdown();
  markdown.append(text);
  markdown.finish();
  return flatHtml(markdown.element);
}

/** Renders `text` in pieces, each shown before the next comes; `splitLength` 0 makes even short lists open ones. */
export function renderStreamed(pieces: readonly string[], splitLength = 0): string {
  const markdown = new StreamedMarkdown({ splitLength });
  for (const piece of pieces) {
    markdown.append(piece);
    // A costly render may ask to be called later.
    while (!markdown.flush()) {
      // Time passes.
    }
  }
  markdown.finish();
  return flatHtml(markdown.element);
}

/** Cuts `text` into pieces of the lengths that `lengths` names, again and again. */
export function cut(text: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let index = 0; start < text.length; index++) {
    const length = Math.max(1, lengths[index % lengths.length] ?? 1);
    pieces.push(text.slice(start, start + length));
    start += length;
  }
  return pieces;
}
