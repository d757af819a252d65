/** Large enough that copying a piece into it is one or two calls, small enough that a quiet stream costs little. */
const largestPageBytes = 64 * 1024;

/**
 * The newest bytes of a stream, named by their offset in it. Pages are allocated when they are first needed and used
 * again from then on: what a piece costs does not depend on what is kept.
 */
export class ByteRing {
  readonly capacity: number;
  readonly #pageBytes: number;
  readonly #span: number;
  readonly #first: number;
  #pages: Uint8Array[] = [];
  #end: number;

  /** `first` is the offset of the first byte that will come. */
  constructor(capacityBytes: number, first = 0) {
    this.capacity = Math.max(1, capacityBytes);
    this.#pageBytes = Math.min(largestPageBytes, this.capacity);
    this.#span = Math.ceil(this.capacity / this.#pageBytes) * this.#pageBytes;
    this.#first = first;
    this.#end = first;
  }

  /** The offset of the oldest byte that is kept. */
  get start(): number {
    return Math.max(this.#first, this.#end - this.capacity);
  }

  /** The offset of the byte that comes next. */
  get end(): number {
    return this.#end;
  }

  /** What the pages take, whether they are full or not. */
  get allocatedBytes(): number {
    return this.#pages.length * this.#pageBytes;
  }

  push(bytes: Uint8Array): void {
    // Of more than fits only the end would stay.
    let from = Math.max(0, bytes.length - this.#span);
    this.#end += from;
    while (from < bytes.length) {
      const at = (this.#end - this.#first) % this.#span;
      const within = at % this.#pageBytes;
      const length = Math.min(bytes.length - from, this.#pageBytes - within);
      this.#pageAt(at).set(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length), within);
      from += length;
      this.#end += length;
    }
  }

  /** The bytes from one offset to another, as far as they are kept. */
  copy(from: number, to: number): Uint8Array<ArrayBuffer> {
    let offset = Math.max(from, this.start);
    const end = Math.min(to, this.#end);
    const copied = new Uint8Array(Math.max(0, end - offset));
    for (let filled = 0; filled < copied.length;) {
      const at = (offset - this.#first) % this.#span;
      const within = at % this.#pageBytes;
      const length = Math.min(copied.length - filled, this.#pageBytes - within);
      copied.set(this.#pageAt(at).subarray(within, within + length), filled);
      filled += length;
      offset += length;
    }
    return copied;
  }

  #pageAt(at: number): Uint8Array {
    const index = Math.floor(at / this.#pageBytes);
    // Bytes come in order, so that pages are added in order too; only a leap over more than fits leaves some out.
    while (this.#pages.length <= index) {
      this.#pages.push(new Uint8Array(this.#pageBytes));
    }
    return this.#pages[index] ?? new Uint8Array(0);
  }
}
