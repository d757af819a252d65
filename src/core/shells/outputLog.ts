import { ByteRing } from '../../base/byteRing.ts';
import { StreamMarks } from './streamMarks.ts';

/** Of a log's limit, this part is for the beginning of the output, the rest for its newest bytes. */
export const headShare = 1 / 4;

/** What was kept of the output of a shell before it came to this window. */
export interface PastOutput {
  /** The offset of the first byte. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** How many bytes had come; what lies between the last one that is kept and here is lost. */
  readonly end: number;
}

/**
 * What a shell has said, as raw bytes named by their offset in the stream: the beginning, and as much of the end as fits.
 * Everybody who reads it has an offset of their own.
 */
export class OutputLog {
  /** Which bytes came from standard error. */
  readonly marks = new StreamMarks();
  readonly #headLimit: number;
  #head: ByteRing | undefined;
  #tail: ByteRing | undefined;
  #end: number;

  /**
   * At least `tailBytes` of the end are kept, whatever the limit is. `past` is what is known of a stream that has come as
   * far as `end` already: in the place of the beginning, some bytes of it that are followed by nothing, or by a gap.
   */
  constructor(limitBytes: number, tailBytes: number, past?: PastOutput) {
    const headBytes = Math.max(1, Math.floor(limitBytes * headShare));
    const { from, bytes, end } = past ?? { from: 0, bytes: new Uint8Array(0), end: 0 };
    this.#headLimit = past === undefined ? headBytes : from + bytes.length;
    this.#head = new ByteRing(past === undefined ? headBytes : bytes.length, from);
    this.#head.push(bytes);
    this.#tail = new ByteRing(Math.max(limitBytes - headBytes, tailBytes), past === undefined ? headBytes : end);
    this.#end = end;
  }

  /** How many bytes came. */
  get end(): number {
    return this.#end;
  }

  /** Up to here the beginning is kept. */
  get headEnd(): number {
    return Math.min(this.#end, this.#headLimit);
  }

  /** From here on the end is kept. What lies between `headEnd` and here has been dropped. */
  get tailStart(): number {
    return Math.min(this.#end, Math.max(this.headEnd, this.#tail?.start ?? this.#end));
  }

  get allocatedBytes(): number {
    return (this.#head?.allocatedBytes ?? 0) + (this.#tail?.allocatedBytes ?? 0);
  }

  push(bytes: Uint8Array, isError: boolean): void {
    this.marks.note(this.#end, bytes.length, isError);
    const free = this.#headLimit - this.#end;
    this.#end += bytes.length;
    if (free <= 0) {
      this.#tail?.push(bytes);
      return;
    }
    this.#head?.push(bytes.subarray(0, free));
    if (bytes.length > free) {
      this.#tail?.push(bytes.subarray(free));
    }
  }

  /** Whether every byte from one offset to another is in memory. */
  has(from: number, to: number): boolean {
    if (to <= from) {
      return true;
    }
    const headEnd = this.headEnd;
    const hasHead = from >= headEnd || (this.#head !== undefined && from >= this.#head.start);
    const hasTail = to <= headEnd || (this.#tail !== undefined && Math.max(from, headEnd) >= this.tailStart);
    return to <= this.#end && hasHead && hasTail;
  }

  /** The bytes from one offset to another; they have to be in memory. */
  copy(from: number, to: number): Uint8Array<ArrayBuffer> {
    const head = this.#head?.copy(from, Math.min(to, this.#headLimit)) ?? new Uint8Array(0);
    const tail = this.#tail?.copy(Math.max(from, this.#headLimit), to) ?? new Uint8Array(0);
    return joinBytes(head, tail);
  }

  /** The beginning is somewhere else from now on. */
  releaseHead(): void {
    if (this.#end >= this.#headLimit) {
      this.#head = undefined;
    }
  }

  /** Nothing more comes, and everything is somewhere else from now on. */
  release(): void {
    this.#head = undefined;
    this.#tail = undefined;
  }
}

export function joinBytes(first: Uint8Array<ArrayBuffer>, second: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (first.length === 0 || second.length === 0) {
    return first.length === 0 ? second : first;
  }
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
