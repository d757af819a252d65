import { parseAnsi } from './ansi.ts';
import { h } from './dom.ts';
import { appendVisible } from './visibleText.ts';

/** Fills `element` with what a program wrote. */
export function fillOutput(element: Element, output: string): void {
  element.replaceChildren();
  for (const run of parseAnsi(output)) {
    if (run.style === '') {
      appendVisible(element, run.text);
    } else {
      const span = h('span', { class: run.style });
      appendVisible(span, run.text);
      element.append(span);
    }
  }
}
