const newLine = 10;
/** Error output that has to wait for the end of a line is let through when it grows beyond this. */
const heldLimitBytes = 256 * 1024;

/** Puts output and error output into one stream, so that error output stands between lines of output, not inside one. */
export class OutputMerger {
  readonly #emit: (bytes: Uint8Array) => void;
  #atLineStart = true;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  output(bytes: Uint8Array): void {
    const last = bytes.lastIndexOf(newLine);
    if (this.#held.length > 0 && last >= 0) {
      this.#emit(bytes.subarray(0, last + 1));
      this.flush();
      this.#emit(bytes.subarray(last + 1));
    } else {
      this.#emit(bytes);
    }
    if (bytes.length > 0) {
      this.#atLineStart = last === bytes.length - 1;
    }
  }

  errorOutput(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > heldLimitBytes || (this.#atLineStart && bytes.at(-1) === newLine)) {
      this.flush();
    }
  }

  /** Lets go of what was held back. */
  flush(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) {
      this.#emit(bytes);
    }
  }
}
