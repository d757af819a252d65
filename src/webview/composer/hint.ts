import type { Table } from '../../protocol/messages.ts';
import { h, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { hintTable } from './hintTable.ts';

/** A sentence below the composer: why something was refused, which key comes next, or what a command answers. */
export class Hint {
  readonly element: HTMLElement;
  readonly #line: HTMLElement;
  readonly #text = h('span');
  readonly #icon = h('span');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #table: HTMLElement | undefined;

  constructor() {
    this.#line = h('div', { class: 'hint', role: 'alert', hidden: true }, this.#icon, this.#text);
    this.element = h('div', {}, this.#line);
  }

  /** Stays until it is cleared, or for `durationMs`. The sentence is read aloud, the table when somebody goes there. */
  show(
    text: string,
    level: 'info' | 'error',
    more: { readonly durationMs?: number; readonly table?: Table } = {},
  ): void {
    this.clear();
    this.#line.className = `hint ${level}`;
    this.#icon.replaceChildren(icon(level));
    this.#line.hidden = false;
    setText(this.#text, text);
    if (more.table !== undefined) {
      this.#table = hintTable(text, more.table);
      this.element.append(this.#table);
    }
    if (more.durationMs !== undefined) {
      this.#timer = setTimeout(() => this.clear(), more.durationMs);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#line.hidden = true;
    setText(this.#text, '');
    this.#table?.remove();
    this.#table = undefined;
  }
}
