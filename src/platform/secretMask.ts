import { coverOfSameLength, type Redactor, type RedactedStream } from '../core/redact.ts';

const lineFeed = 10;

/**
 * Covers secrets in bytes that come in pieces, each by as many bytes as it has: everything keeps its offset. Most output
 * has nothing that a secret begins with; that is found out a hundred times faster than the secrets themselves.
 */
export class SecretMask {
  readonly #redactor: Redactor;
  readonly #hints: readonly Buffer[];
  /** So much at the end of a piece could be the beginning of a hint. */
  readonly #overlap: number;
  /** Those that go on behind the end of a line. */
  readonly #longHints: readonly Buffer[];
  #held = Buffer.alloc(0);
  #slow: RedactedStream | undefined;

  /** The redactor has to know its values as they look when each of their bytes is a character. */
  constructor(redactor: Redactor) {
    this.#redactor = redactor;
    this.#hints = redactor.hints.map((hint) => Buffer.from(hint, 'latin1'));
    this.#longHints = this.#hints.filter((hint) => hint.includes(lineFeed));
    this.#overlap = Math.max(0, ...this.#hints.map(({ length }) => length - 1), 'scheme://'.length);
  }

  /** What is certain by now: all but the last bytes, which may be half of a secret. */
  push(bytes: Uint8Array): Buffer {
    const all = Buffer.concat([this.#held, bytes]);
    if (this.#slow === undefined && !this.#mayHold(all)) {
      const certain = Math.max(0, all.length - this.#overlap, this.#endOfLines(all));
      this.#held = all.subarray(certain);
      return all.subarray(0, certain);
    }
    this.#slow ??= this.#redactor.stream(coverOfSameLength);
    // No secret goes on behind the end of a line, but for those that the stream itself waits for.
    const lineEnd = all.lastIndexOf(lineFeed) + 1;
    const cut = lineEnd > 0 && this.#mayHold(all.subarray(lineEnd)) ? all.length : lineEnd || all.length;
    const given = this.#slow.push(all.toString('latin1', 0, cut));
    this.#held = all.subarray(cut);
    if (this.#slow.isEmpty) {
      this.#slow = undefined;
    }
    return Buffer.from(given, 'latin1');
  }

  /** What is still held: nothing more comes. */
  end(): Buffer {
    const rest = this.#held.toString('latin1');
    const slow = this.#slow ?? this.#redactor.stream(coverOfSameLength);
    this.#held = Buffer.alloc(0);
    this.#slow = undefined;
    return Buffer.from(slow.push(rest) + slow.end(), 'latin1');
  }

  /** Up to here no secret goes on: whoever looks after a crash finds every line. */
  #endOfLines(bytes: Buffer): number {
    const end = bytes.lastIndexOf(lineFeed) + 1;
    const isOpen = this.#longHints.some((hint) => {
      const before = bytes.subarray(Math.max(0, end - hint.length), end);
      return before.some((_, at) => hint.subarray(0, before.length - at).equals(before.subarray(at)));
    });
    return isOpen ? 0 : end;
  }

  #mayHold(bytes: Buffer): boolean {
    return (bytes.includes('://') && bytes.includes('@')) || this.#hints.some((hint) => bytes.includes(hint));
  }
}

/** The values as they look when each of their bytes is a character. */
export function asBytes(values: readonly string[]): readonly string[] {
  return values.map((value) => Buffer.from(value).toString('latin1'));
}
