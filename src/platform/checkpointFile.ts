import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Checkpoint, encodeCheckpoint, encodeCheckpointHeader } from '../core/checkpoint.ts';
import { frameLine } from './recordFrame.ts';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** Between two checkpoints there is at least this much of the log, so that they stay a small part of it … */
export const defaultSpacingBytes = 64 << 10;
/** … more, in proportion, where they take more than this … */
const usualBytes = 2 << 10;
/** … and this part of the log so far, so that those of a huge session stay few. */
const spacingShare = 1 / 1024;
/** A checkpoint that would be larger is not written: what it sums up is read instead. */
export const maxCheckpointBytes = 512 << 10;
/** Checkpoints that wait for the log to be written; more are dropped. */
const maxWaiting = 16;

/** A checkpoint, and where its line is in the file of checkpoints. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly start: number;
  readonly end: number;
}

export interface CheckpointFileOptions {
  readonly path: string;
  readonly sessionId: string;
  /** What reduces the events; see `encodeCheckpointHeader`. */
  readonly edition: string;
  readonly spacingBytes: number;
  readonly log: Log;
}

/**
 * Writes the checkpoints of one session into a file beside its log. A cache: whatever happens to it costs time and nothing
 * else, so that a failure ends its writing and is told to nobody but the log of the extension. Only who writes the session
 * writes it, and no checkpoint before what it sums up.
 */
export class CheckpointFile {
  readonly #options: CheckpointFileOptions;
  readonly #waiting: { readonly offset: number; readonly line: Buffer }[] = [];
  /** How much of the file counts; undefined while that is not known, and nothing may be added. */
  #size: number | undefined;
  #last = { offset: 0, bytes: 0 };

  constructor(options: CheckpointFileOptions) {
    this.#options = options;
  }

  /** There is nothing yet: what the file may hold is of another log. */
  startAnew(): void {
    this.#size = 0;
    this.#last = { offset: 0, bytes: 0 };
  }

  /** What the file has up to the end of a checkpoint counts. */
  continueAfter({ checkpoint, start, end }: FoundCheckpoint): void {
    this.#size = end;
    this.#last = { offset: checkpoint.offset, bytes: end - start };
  }

  /** Adds nothing more: the log no longer holds what happened in the session. */
  stop(): void {
    this.#size = undefined;
    this.#waiting.length = 0;
  }

  /** Whether another checkpoint is worth its place, `offset` bytes into the log. */
  isDue(offset: number): boolean {
    const { spacingBytes } = this.#options;
    const last = this.#last;
    const spacing = Math.max(spacingBytes, spacingBytes * (last.bytes / usualBytes), offset * spacingShare);
    return this.#size !== undefined && offset - last.offset >= spacing;
  }

  /** Takes a checkpoint; it is written once the log is written that far. */
  add(checkpoint: Checkpoint): void {
    const line = frameLine(encodeCheckpoint(checkpoint));
    const { offset } = checkpoint;
    // One that is too large, or too much, is not tried again before the next place for one.
    this.#last = { offset, bytes: Math.min(line.length, maxCheckpointBytes) };
    if (line.length <= maxCheckpointBytes && this.#waiting.length < maxWaiting) {
      this.#waiting.push({ offset, line });
    }
  }

  /** The log is written up to `offset`. */
  logWritten(offset: number): void {
    const lines: Buffer[] = [];
    for (let next = this.#waiting[0]; next !== undefined && next.offset <= offset; next = this.#waiting[0]) {
      lines.push(next.line);
      this.#waiting.shift();
    }
    if (lines.length > 0 && this.#size !== undefined) {
      try {
        this.#size = this.#append(this.#size, lines);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #append(size: number, lines: readonly Buffer[]): number {
    const fd = this.#open();
    try {
      if (fs.fstatSync(fd).size !== size) {
        fs.ftruncateSync(fd, size);
      }
      const bytes = Buffer.concat(size === 0 ? [this.#header(), ...lines] : lines);
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(fd, bytes, done, bytes.length - done, size + done);
      }
      return size + bytes.length;
    } finally {
      fs.closeSync(fd);
    }
  }

  #open(): number {
    const flags = fs.constants.O_RDWR | fs.constants.O_CREAT;
    try {
      return fs.openSync(this.#options.path, flags, fileMode);
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
      fs.mkdirSync(path.dirname(this.#options.path), { recursive: true, mode: folderMode });
      return fs.openSync(this.#options.path, flags, fileMode);
    }
  }

  #header(): Buffer {
    return frameLine(encodeCheckpointHeader(this.#options.sessionId, this.#options.edition));
  }

  #fail(error: unknown): void {
    this.stop();
    this.#options.log.warn(
      `Where session ${this.#options.sessionId} can be read from could not be saved; it opens more slowly: ${messageOf(error)}`,
    );
  }
}
