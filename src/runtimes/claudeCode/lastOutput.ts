import type { RedactedStream, Redactor } from '../../core/redact.ts';

/** The last words of a process, for the case that it fails: without secrets, also those that go over several lines. */
export class LastOutput {
  readonly #limit: number;
  readonly #redaction: RedactedStream;
  #text = '';

  constructor(limitChars: number, redactor: Redactor) {
    this.#limit = limitChars;
    this.#redaction = redactor.stream();
  }

  get text(): string {
    this.#keep(this.#redaction.end());
    return this.#text.trimEnd();
  }

  add(line: string): void {
    this.#keep(this.#redaction.push(`${line}\n`));
  }

  #keep(text: string): void {
    this.#text = `${this.#text}${text}`.slice(-this.#limit);
  }
}
