import { ByteRing } from '../../base/byteRing.ts';
import { fitEnd, fitStart, openCharacterBytes, restOfCharacterBytes } from '../../base/utf8.ts';
import { headShare, joinBytes, type OutputLog, type PastOutput } from './outputLog.ts';

/** What a reader finds, and what is missing between its two parts. */
export interface Unread {
  /** The offset of the first byte. */
  readonly from: number;
  readonly head: Uint8Array<ArrayBuffer>;
  readonly droppedBytes: number;
  /** Empty while nothing was dropped. */
  readonly tail: Uint8Array<ArrayBuffer>;
  /** The offset that reading goes on from. */
  readonly to: number;
}

/**
 * The output that a reader has not read yet, of a bounded size however much comes: its first quarter, and the newest
 * three quarters, which are those of the log. Offsets of the log say what was dropped, to the byte.
 */
export class UnreadOutput {
  /** Told when reading goes on from somewhere else. */
  onRead: (() => void) | undefined;
  readonly #log: OutputLog;
  readonly #headLimit: number;
  readonly #tailLimit: number;
  #from: number;
  #head: ByteRing;
  /** The newest bytes, once the log does not keep them for us any more. */
  #kept: { readonly from: number; readonly bytes: Uint8Array<ArrayBuffer> } | undefined;
  /** Dropped before reading began anew. */
  #droppedBefore = 0;
  /** The head takes no more before this offset: what would follow it is lost. */
  readonly #resumesAt: number;

  /** `past`: the beginning of what was not read of a stream that has come as far as the log says already. */
  constructor(log: OutputLog, limitBytes: number, past: Omit<PastOutput, 'end'> = noPast(log)) {
    this.#log = log;
    this.#headLimit = UnreadOutput.headBytes(limitBytes);
    this.#tailLimit = Math.max(1, limitBytes - this.#headLimit);
    this.#from = past.from;
    this.#head = new ByteRing(this.#headLimit, this.#from);
    this.#head.push(past.bytes.subarray(0, this.#headLimit));
    this.#resumesAt = this.#head.end < log.end ? log.end : 0;
  }

  /** So much of it is kept from where reading goes on. */
  static headBytes(limitBytes: number): number {
    return Math.max(1, Math.floor(limitBytes * headShare));
  }

  get from(): number {
    return this.#from;
  }

  /** How many bytes have come since; most of them may have been dropped. */
  get pendingBytes(): number {
    return this.#log.end - this.#from;
  }

  /** All that was ever dropped before it was read. */
  get droppedBytes(): number {
    return this.#droppedBefore + Math.max(0, this.#tailFrom - this.#head.end);
  }

  get allocatedBytes(): number {
    return this.#head.allocatedBytes + (this.#kept?.bytes.length ?? 0);
  }

  /** To be called for each piece, before or after the log got it. */
  push(bytes: Uint8Array): void {
    const free = this.#headLimit - (this.#head.end - this.#head.start);
    if (free > 0 && this.#head.end >= this.#resumesAt) {
      this.#head.push(bytes.subarray(0, free));
    }
  }

  /** What has not been read. While more may come, a character that is not complete yet waits for its rest. */
  peek(isFinal: boolean): Unread {
    const { end } = this.#log;
    const from = this.#from;
    const head = this.#head.copy(from, this.#head.end);
    const tailFrom = this.#tailFrom;
    const tail = this.#copy(tailFrom, end);
    const open = isFinal ? 0 : openCharacterBytes(tail.length > 0 ? tail : head);
    const to = end - open;
    if (tailFrom === this.#head.end) {
      const whole = joinBytes(head, tail).subarray(0, to - from);
      if (fitStart(whole, this.#headLimit + this.#tailLimit) === whole.length) {
        return { from, head: whole, droppedBytes: 0, tail: new Uint8Array(0), to };
      }
      return this.#cut(from, whole, whole, to);
    }
    return this.#cut(from, head, tail.subarray(0, tail.length - open), to);
  }

  /** What was found has been read up to this offset; the rest waits, with the mark of what was dropped before it. */
  advance(unread: Unread, to: number): void {
    const isPastGap = unread.droppedBytes > 0 && to >= unread.to - unread.tail.length;
    const isElsewhere = !isPastGap && !this.#log.has(to, this.#head.end) && this.#kept === undefined;
    if (!isElsewhere && (isPastGap || this.#tailFrom === this.#head.end)) {
      this.#droppedBefore += isPastGap ? unread.droppedBytes : 0;
      this.#restart(to);
    } else {
      this.#from = Math.min(to, this.#head.end);
    }
    this.onRead?.();
  }

  /** The log is about to let go of its bytes. */
  detach(): void {
    const from = this.#tailFrom;
    this.#kept = { from, bytes: this.#log.copy(from, this.#log.end) };
  }

  #restart(from: number): void {
    if (this.#kept !== undefined && from < this.#head.end) {
      // Nothing more comes: what is here stays as it is.
      this.#from = from;
      return;
    }
    const { end } = this.#log;
    const head = this.#copy(from, Math.min(end, from + this.#headLimit));
    this.#from = from;
    this.#head = new ByteRing(this.#headLimit, from);
    this.push(head);
  }

  get #tailFrom(): number {
    return Math.max(
      this.#head.end,
      this.#log.end - this.#tailLimit,
      this.#head.end < this.#resumesAt ? this.#resumesAt : 0,
    );
  }

  #copy(from: number, to: number): Uint8Array<ArrayBuffer> {
    const kept = this.#kept;
    return kept === undefined ? this.#log.copy(from, to) : kept.bytes.slice(from - kept.from, to - kept.from);
  }

  /** No character is cut in two, and neither part grows beyond its limit when it is decoded. */
  #cut(from: number, start: Uint8Array<ArrayBuffer>, rest: Uint8Array<ArrayBuffer>, to: number): Unread {
    const whole = start.subarray(0, start.length - openCharacterBytes(start));
    const head = whole.subarray(0, fitStart(whole, this.#headLimit));
    const complete = rest.subarray(restOfCharacterBytes(rest));
    const tail = complete.subarray(complete.length - fitEnd(complete, this.#tailLimit));
    return { from, head, droppedBytes: to - from - head.length - tail.length, tail, to };
  }
}

function noPast(log: OutputLog): Omit<PastOutput, 'end'> {
  return { from: log.end, bytes: new Uint8Array(0) };
}
