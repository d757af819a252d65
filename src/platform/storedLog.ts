import fs from 'node:fs';
import type { Checkpoint } from '../core/checkpoint.ts';
import type { LogLine } from '../core/logRecords.ts';
import { checksumIn, newline, unframeLine } from './recordFrame.ts';
import { type OnLine, readLog } from './logLines.ts';
import { readAt, readFirstLine } from './sessionReader.ts';

/** A longer line is none that a checkpoint was made behind. */
const maxAnchorBytes = 1 << 20;

/** The checksum is in the first bytes of a line. */
const anchorHeadBytes = 64;

/** What a session's log holds beside what is in its file. */
export interface Unwritten {
  /** The length of the file that counts. */
  readonly written: number;
  readonly bytes: Buffer;
}

/** The log of a session as it is at one moment, open for reading. */
export class StoredLog {
  readonly #fd: number;
  readonly #rest: Buffer | undefined;
  /** Where the file ends. */
  readonly end: number;

  constructor(path: string, unwritten: Unwritten | undefined) {
    this.#fd = fs.openSync(path, 'r');
    try {
      this.end = unwritten?.written ?? fs.fstatSync(this.#fd).size;
      this.#rest = unwritten?.bytes;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  firstLine(): LogLine | undefined {
    return readFirstLine(this.#fd);
  }

  /** Whether the checkpoint was made of this log, and the log has not changed there since. */
  fits({ offset, anchor }: Checkpoint): boolean {
    if (offset > this.end || anchor.bytes > maxAnchorBytes) {
      return false;
    }
    const bytes = readAt(this.#fd, offset - anchor.bytes, anchor.bytes);
    const line = bytes.subarray(0, -1);
    return (
      bytes.length === anchor.bytes &&
      bytes.at(-1) === newline &&
      checksumIn(line) === anchor.crc &&
      unframeLine(line) !== undefined
    );
  }

  /** What a checkpoint says of the line that begins and ends there. */
  anchorAt(start: number, end: number): Checkpoint['anchor'] {
    return { bytes: end - start, crc: checksumIn(readAt(this.#fd, start, Math.min(end - start, anchorHeadBytes))) };
  }

  /** Reads lines from `from` to `to`, or to the end of all that is there; see `readLog`. */
  read(from: number, to: number | undefined, onLine: OnLine): Promise<number> {
    const part = to === undefined ? { from, end: this.end, rest: this.#rest } : { from, end: to };
    return readLog(this.#fd, part, onLine);
  }
}
