import fs from 'node:fs';
import { promisify } from 'node:util';
import type { LogLine } from '../core/logRecords.ts';
import { newline } from './recordFrame.ts';
import { decodeFirstLine, decodeLogLine, readAt } from './sessionReader.ts';

interface Piece {
  readonly bytesRead: number;
  readonly buffer: Buffer;
}

const read = promisify(fs.read);

/** How much is read at a time; between two reads others get their turn. */
const chunkBytes = 512 << 10;
/** So much is read at once: waiting for a thread takes longer. */
const smallBytes = 512 << 10;
/** Less, where more is done with each line. */
const searchChunkBytes = 256 << 10;
/** A line that is longer was not written by us: it is passed over without being kept in memory. */
const maxLineBytes = 16 << 20;

/**
 * What a line says, `undefined` if it cannot be read; where it begins, and where the line behind it does. False: that is
 * enough.
 */
export type OnLine = (line: LogLine | undefined, start: number, end: number) => boolean;

/** A line without its end: these of the bytes, or none if it is too long; and where in the file it and the next begin. */
type OnBytes = (bytes: Buffer | undefined, from: number, to: number, start: number, end: number) => boolean;

export interface LogPart {
  /** Where a line begins; the first is taken for the file's first line only at 0. */
  readonly from: number;
  /** Where reading ends. */
  readonly end: number;
  /** What follows there and is not in the file yet. */
  readonly rest?: Buffer | undefined;
}

/**
 * Reads a part of a session's file line by line. A last line without its end counts if it is complete otherwise. Answers
 * how many bytes at the end make no line.
 */
export async function readLog(fd: number, part: LogPart, onLine: OnLine): Promise<number> {
  const { from, end, rest } = part;
  const lines = new Lines(from, (bytes, first, last, lineStart, lineEnd) => {
    const line =
      bytes && (lineStart === 0 ? decodeFirstLine(bytes.subarray(first, last)) : decodeLogLine(bytes, first, last));
    return onLine(line, lineStart, lineEnd);
  });
  let goesOn = true;
  if (end - from <= smallBytes) {
    goesOn = lines.push(readAt(fd, from, Math.max(0, end - from)));
  } else {
    const length = Math.min(chunkBytes, end - from);
    // The next piece is fetched while this one is decoded.
    const chunks = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)];
    const fetch = (index: number, position: number): Promise<Piece> =>
      read(fd, { buffer: chunks[index % 2] as Buffer, length: Math.min(length, end - position), position });
    let position = from;
    let fetching: Promise<Piece> | undefined = fetch(0, from);
    for (let index = 1; fetching !== undefined; index++) {
      const { bytesRead, buffer }: Piece = await fetching;
      position += bytesRead;
      const next: Promise<Piece> | undefined = bytesRead > 0 && position < end ? fetch(index, position) : undefined;
      goesOn = lines.push(buffer.subarray(0, bytesRead));
      await (goesOn ? undefined : next);
      fetching = goesOn ? next : undefined;
    }
  }
  return goesOn && (rest === undefined || lines.push(rest)) ? lines.end() : 0;
}

/** Reads a file line by line until `onLine` says false or `signal` aborts; others get their turn in between. */
export async function readLines(
  path: string,
  onLine: (line: Buffer | undefined) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const lines = new Lines(0, (bytes, first, last) => onLine(bytes?.subarray(first, last)));
  const file = await fs.promises.open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(searchChunkBytes);
    for (let position = 0, goesOn = true; goesOn && !signal.aborted;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) {
        break;
      }
      goesOn = lines.push(chunk.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Cuts a stream of bytes into lines. */
class Lines {
  readonly #onLine: OnBytes;
  /** The beginning of a line whose end has not come yet. */
  #parts: Buffer[] = [];
  #length = 0;
  /** Where that line begins. */
  #start: number;

  constructor(start: number, onLine: OnBytes) {
    this.#start = start;
    this.#onLine = onLine;
  }

  /** Whoever gave the bytes may use their memory again. False: no more lines are wanted. */
  push(bytes: Buffer): boolean {
    let from = 0;
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
      if (this.#length === 0 ? !this.#emit(bytes, from, at) : !this.#finish(bytes.subarray(from, at))) {
        return false;
      }
      from = at + 1;
    }
    if (from < bytes.length) {
      this.#keep(Buffer.from(bytes.subarray(from)));
    }
    return true;
  }

  /** The number of bytes behind the last line that make no line. */
  end(): number {
    const length = this.#length;
    const line = length > 0 && length <= maxLineBytes ? Buffer.concat(this.#parts) : undefined;
    if (line !== undefined && decodeLogLine(line) !== undefined) {
      this.#finish(Buffer.alloc(0));
      return 0;
    }
    return length;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length <= maxLineBytes) {
      this.#parts.push(bytes);
    } else {
      this.#parts = [];
    }
  }

  /** `bytes` are the rest of the line. */
  #finish(bytes: Buffer): boolean {
    this.#keep(bytes);
    const length = this.#length;
    const line = length > maxLineBytes ? undefined : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return this.#emit(line, 0, length);
  }

  #emit(bytes: Buffer | undefined, from: number, to: number): boolean {
    const start = this.#start;
    this.#start += to - from + 1;
    // Nobody writes an empty line but who repairs a file.
    return to === from || this.#onLine(bytes, from, to, start, this.#start);
  }
}
