import { h, setText } from '../dom.ts';
import { icon } from '../icons.ts';

/** A sentence below the composer: why something was refused, or which key comes next. */
export class Hint {
  readonly element: HTMLElement;
  readonly #text = h('span');
  readonly #icon = h('span');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element = h('div', { class: 'hint', role: 'alert', hidden: true }, this.#icon, this.#text);
  }

  /** Stays until it is cleared, or for `durationMs`. */
  show(text: string, level: 'info' | 'error', durationMs?: number): void {
    clearTimeout(this.#timer);
    this.element.className = `hint ${level}`;
    this.#icon.replaceChildren(icon(level));
    this.element.hidden = false;
    setText(this.#text, text);
    if (durationMs !== undefined) {
      this.#timer = setTimeout(() => this.clear(), durationMs);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.element.hidden = true;
    setText(this.#text, '');
  }
}
