import { h } from '../dom.ts';
import { codeBlock } from './codeBlock.ts';
import { appendLines, fillCode } from './highlight.ts';
import { languageOf } from './parser.ts';

const opening = /^(?:[ \t]*\n)*(?:(`{3,})([^`\n]*)|(~{3,})([^\n]*))\n/;

/**
 * A fence that is still open: its lines are appended as they come and coloured once, when it closes. Takes only fences
 * without indentation, whose lines stand for themselves.
 */
export class OpenFence {
  readonly element: HTMLElement;
  readonly #code: HTMLElement;
  /** The line that is not complete yet. */
  readonly #rest = document.createTextNode('');
  readonly #closing: RegExp;
  readonly #language: string;
  readonly #lines: string[] = [];

  private constructor(marker: string, info: string) {
    this.#language = languageOf(info);
    this.#closing = new RegExp(`^ {0,3}${marker.charAt(0)}{${String(marker.length)},}[ \\t]*$`, 'u');
    this.#code = h('code', { class: this.#language === '' ? undefined : `language-${this.#language}` });
    this.element = codeBlock(h('pre', {}, this.#code), this.#language);
  }

  /** The fence that `source` begins with, and the length of its opening line. */
  static begin(source: string): { readonly fence: OpenFence; readonly length: number } | undefined {
    const match = opening.exec(source);
    const marker = match?.[1] ?? match?.[3];
    if (match === null || marker === undefined) {
      return undefined;
    }
    return { fence: new OpenFence(marker, match[2] ?? match[4] ?? ''), length: match[0].length };
  }

  /**
   * Takes what follows. Returns how much of it will not be needed again, and whether the fence was closed by it.
   */
  advance(source: string): { readonly consumed: number; readonly closed: boolean } {
    this.#rest.remove();
    let start = 0;
    for (let end = source.indexOf('\n'); end !== -1; end = source.indexOf('\n', start)) {
      if (this.#closing.test(source.slice(start, end))) {
        this.#append(source.slice(0, start));
        this.#close();
        return { consumed: end + 1, closed: true };
      }
      start = end + 1;
    }
    this.#append(source.slice(0, start));
    const rest = source.slice(start);
    if (rest !== '') {
      this.#rest.data = rest;
      this.#code.append(this.#rest);
    }
    return { consumed: start, closed: false };
  }

  /** The text has ended, with or without a closing line. */
  finish(source: string): void {
    this.#rest.remove();
    if (source !== '' && !this.#closing.test(source)) {
      this.#append(source);
    }
    this.#close();
  }

  #append(text: string): void {
    if (text !== '') {
      this.#lines.push(text);
      appendLines(this.#code, text);
    }
  }

  #close(): void {
    fillCode(this.#code, this.#lines.join(''), this.#language);
  }
}
