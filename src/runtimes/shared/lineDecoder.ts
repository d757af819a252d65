const newLine = 10;
/** Tool results with pictures come as lines of megabytes; beyond this a line is a fault. */
const defaultLimitBytes = 64 * 1024 * 1024;

/** Cuts a stream of bytes into lines of text, without their line end, whatever the pieces it comes in. */
export class LineDecoder {
  readonly #limitBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #pieces: Uint8Array[] = [];
  #length = 0;
  #skipping = false;
  #droppedLines = 0;

  constructor(limitBytes = defaultLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  /** How many lines were longer than the limit and are lost. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** The lines that `bytes` completes. */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (;;) {
      // The byte of a line feed is never part of another character in UTF-8.
      const at = bytes.indexOf(newLine, from);
      if (at < 0) {
        // A copy: `slice` of a Buffer would share its bytes, which their owner may use again.
        this.#add(new Uint8Array(bytes.subarray(from)));
        return lines;
      }
      this.#add(bytes.subarray(from, at));
      this.#endLine(lines);
      from = at + 1;
    }
  }

  /** The last line, if it has no line end. */
  flush(): string[] {
    const lines: string[] = [];
    if (this.#length > 0 || this.#skipping) {
      this.#endLine(lines);
    }
    return lines;
  }

  #add(bytes: Uint8Array): void {
    if (this.#skipping || bytes.length === 0) {
      return;
    }
    this.#length += bytes.length;
    if (this.#length > this.#limitBytes) {
      this.#skipping = true;
      this.#droppedLines += 1;
      this.#pieces = [];
      return;
    }
    this.#pieces.push(bytes);
  }

  #endLine(lines: string[]): void {
    if (!this.#skipping) {
      const text = this.#decoder.decode(this.#joined());
      lines.push(text.endsWith('\r') ? text.slice(0, -1) : text);
    }
    this.#pieces = [];
    this.#length = 0;
    this.#skipping = false;
  }

  #joined(): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && this.#pieces.length === 1) {
      return first;
    }
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
