/** The last words of a process, for the case that it fails. */
export class LastOutput {
  readonly #limit: number;
  #text = '';

  constructor(limitChars: number) {
    this.#limit = limitChars;
  }

  get text(): string {
    return this.#text;
  }

  add(line: string): void {
    const text = `${this.#text}${this.#text === '' ? '' : '\n'}${line}`;
    this.#text = text.slice(-this.#limit);
  }
}
