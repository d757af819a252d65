import fs from 'node:fs';
import type { Checkpoint } from '../core/checkpoint.ts';
import type { LogLine } from '../core/logRecords.ts';
import { checksumIn, newline, unframeLine } from './recordFrame.ts';
import { type OnLine, readFirstLine, readLog } from './sessionReader.ts';

/** A longer line is none that a checkpoint was made behind. */
const maxAnchorBytes = 1 << 20;

/** What a session's log holds beside what is in its file. */
export interface Unwritten {
  /** The length of the file that counts. */
  readonly written: number;
  readonly bytes: Buffer;
}

/** The log of a session as it is at one moment, open for reading. */
export class StoredLog {
  readonly #file: fs.promises.FileHandle;
  readonly #rest: Buffer | undefined;
  /** Where the file ends. */
  readonly end: number;

  private constructor(file: fs.promises.FileHandle, end: number, rest: Buffer | undefined) {
    this.#file = file;
    this.end = end;
    this.#rest = rest;
  }

  static async open(path: string, unwritten: Unwritten | undefined): Promise<StoredLog> {
    const file = await fs.promises.open(path, 'r');
    try {
      return new StoredLog(file, unwritten?.written ?? (await file.stat()).size, unwritten?.bytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  firstLine(): Promise<LogLine | undefined> {
    return readFirstLine(this.#file);
  }

  /** Whether the checkpoint was made of this log, and the log has not changed there since. */
  async fits({ offset, anchor }: Checkpoint): Promise<boolean> {
    if (offset > this.end || anchor.bytes > maxAnchorBytes) {
      return false;
    }
    const bytes = Buffer.allocUnsafe(anchor.bytes);
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, offset - bytes.length);
    const line = bytes.subarray(0, -1);
    return (
      bytesRead === bytes.length &&
      bytes.at(-1) === newline &&
      checksumIn(line) === anchor.crc &&
      unframeLine(line) !== undefined
    );
  }

  /** Reads lines from `from` to `to`, or to the end of all that is there; see `readLog`. */
  read(from: number, to: number | undefined, onLine: OnLine): Promise<number> {
    const part = to === undefined ? { from, end: this.end, rest: this.#rest } : { from, end: to };
    return readLog(this.#file, part, onLine);
  }
}
