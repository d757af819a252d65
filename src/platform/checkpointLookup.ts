import fs from 'node:fs';
import { type Checkpoint, encodeCheckpointHeader } from '../core/checkpoint.ts';
import { decodeCheckpoint } from '../core/readCheckpoint.ts';
import { type FoundCheckpoint, maxCheckpointBytes } from './checkpointFile.ts';
import { frameLine, newline, unframeLine } from './recordFrame.ts';
import { readAt } from './sessionReader.ts';

/** How much is read at a time; some tens of checkpoints. */
const pieceBytes = 32 << 10;

/**
 * Looks for checkpoints in a session's file of them, without reading all of it: they stand in the order of the log. Lines
 * that cannot be read are passed over. Whether a checkpoint still fits the log is for the caller to see.
 */
export class CheckpointLookup {
  readonly #fd: number;
  readonly #size: number;
  readonly #begin: number;

  private constructor(fd: number, size: number, begin: number) {
    this.#fd = fd;
    this.#size = size;
    this.#begin = begin;
  }

  /** `undefined` if there is no file of this edition for this session. */
  static open(path: string, sessionId: string, edition: string): CheckpointLookup | undefined {
    const header = frameLine(encodeCheckpointHeader(sessionId, edition));
    let fd: number | undefined;
    try {
      fd = fs.openSync(path, 'r');
      const { size } = fs.fstatSync(fd);
      if (readAt(fd, 0, header.length).equals(header)) {
        return new CheckpointLookup(fd, size, header.length);
      }
    } catch {
      // As good as none.
    }
    if (fd !== undefined) {
      fs.closeSync(fd);
    }
    return undefined;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  /** The newest of all. */
  newest(): FoundCheckpoint | undefined {
    for (let length = pieceBytes; ; length *= 4) {
      const from = Math.max(this.#begin, this.#size - length);
      let newest: FoundCheckpoint | undefined;
      for (const found of this.#lines(from, from > this.#begin)) {
        newest = found;
      }
      if (newest !== undefined || from === this.#begin || length > 2 * maxCheckpointBytes) {
        return newest;
      }
    }
  }

  /**
   * The newest of those for which `isOld` is true, and the one behind it. What is older than a checkpoint that is old must
   * be old too.
   */
  find(isOld: (checkpoint: Checkpoint) => boolean): {
    readonly found: FoundCheckpoint | undefined;
    readonly next: FoundCheckpoint | undefined;
  } {
    let found: FoundCheckpoint | undefined;
    // Lines that begin before `low` are old, and those from `high` on are not.
    let low = this.#begin;
    let high = this.#size;
    while (high - low > pieceBytes) {
      const middle = low + Math.floor((high - low) / 2);
      const probe = this.#firstFrom(middle);
      if (probe === undefined || !isOld(probe.checkpoint)) {
        high = middle;
      } else {
        found = probe;
        low = probe.end;
      }
    }
    for (const line of this.#lines(low, false)) {
      if (!isOld(line.checkpoint)) {
        return { found, next: line };
      }
      found = line;
    }
    return { found, next: undefined };
  }

  #firstFrom(position: number): FoundCheckpoint | undefined {
    for (const line of this.#lines(position, true)) {
      return line;
    }
    return undefined;
  }

  /** The checkpoints from `position` on; `isInside`: it may be in the middle of a line, which is left out. */
  *#lines(position: number, isInside: boolean): Generator<FoundCheckpoint> {
    let skips = isInside;
    let rest = Buffer.alloc(0);
    let start = position;
    for (let read = position; read < this.#size;) {
      const piece = readAt(this.#fd, read, Math.min(pieceBytes, this.#size - read));
      if (piece.length === 0) {
        return;
      }
      read += piece.length;
      rest = Buffer.concat([rest, piece]);
      for (let at = rest.indexOf(newline); at !== -1; at = rest.indexOf(newline)) {
        const line = rest.subarray(0, at);
        const end = start + at + 1;
        const json = skips ? undefined : unframeLine(line);
        const checkpoint = json === undefined ? undefined : decodeCheckpoint(json);
        if (checkpoint !== undefined) {
          yield { checkpoint, start, end };
        }
        skips = false;
        start = end;
        rest = rest.subarray(at + 1);
      }
      if (rest.length > 2 * maxCheckpointBytes) {
        // No line of ours: what follows its end may be one.
        start += rest.length;
        rest = Buffer.alloc(0);
        skips = true;
      }
    }
  }
}
