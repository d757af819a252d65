import fs from 'node:fs';
import { type Checkpoint, decodeCheckpoint, encodeCheckpointHeader } from '../core/checkpoint.ts';
import { type FoundCheckpoint, maxCheckpointBytes } from './checkpointFile.ts';
import { frameLine, newline, unframeLine } from './recordFrame.ts';

/** How much is read at a time; some tens of checkpoints. */
const pieceBytes = 32 << 10;

/**
 * Looks for checkpoints in a session's file of them, without reading all of it: they stand in the order of the log. Lines
 * that cannot be read are passed over. Whether a checkpoint still fits the log is for the caller to see.
 */
export class CheckpointLookup {
  readonly #file: fs.promises.FileHandle;
  readonly #size: number;
  readonly #begin: number;

  private constructor(file: fs.promises.FileHandle, size: number, begin: number) {
    this.#file = file;
    this.#size = size;
    this.#begin = begin;
  }

  /** `undefined` if there is no file of this edition for this session. */
  static async open(path: string, sessionId: string, edition: string): Promise<CheckpointLookup | undefined> {
    const header = frameLine(encodeCheckpointHeader(sessionId, edition));
    let file: fs.promises.FileHandle | undefined;
    try {
      file = await fs.promises.open(path, 'r');
      const { size } = await file.stat();
      const { bytesRead, buffer } = await file.read(Buffer.alloc(header.length), 0, header.length, 0);
      if (bytesRead === header.length && buffer.equals(header)) {
        return new CheckpointLookup(file, size, header.length);
      }
    } catch {
      // As good as none.
    }
    await file?.close().catch(() => undefined);
    return undefined;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The newest of all. */
  async newest(): Promise<FoundCheckpoint | undefined> {
    for (let length = pieceBytes; ; length *= 4) {
      const from = Math.max(this.#begin, this.#size - length);
      let newest: FoundCheckpoint | undefined;
      for await (const found of this.#lines(from, from > this.#begin)) {
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
  async find(
    isOld: (checkpoint: Checkpoint) => boolean,
  ): Promise<{ readonly found: FoundCheckpoint | undefined; readonly next: FoundCheckpoint | undefined }> {
    let found: FoundCheckpoint | undefined;
    // Lines that begin before `low` are old, and those from `high` on are not.
    let low = this.#begin;
    let high = this.#size;
    while (high - low > pieceBytes) {
      const middle = low + Math.floor((high - low) / 2);
      const probe = await this.#firstFrom(middle);
      if (probe === undefined || !isOld(probe.checkpoint)) {
        high = middle;
      } else {
        found = probe;
        low = probe.end;
      }
    }
    for await (const line of this.#lines(low, false)) {
      if (!isOld(line.checkpoint)) {
        return { found, next: line };
      }
      found = line;
    }
    return { found, next: undefined };
  }

  async #firstFrom(position: number): Promise<FoundCheckpoint | undefined> {
    for await (const line of this.#lines(position, true)) {
      return line;
    }
    return undefined;
  }

  /** The checkpoints from `position` on; `isInside`: it may be in the middle of a line, which is left out. */
  async *#lines(position: number, isInside: boolean): AsyncGenerator<FoundCheckpoint> {
    let skips = isInside;
    let rest = Buffer.alloc(0);
    let start = position;
    for (let read = position; read < this.#size;) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, this.#size - read));
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, read);
      if (bytesRead === 0) {
        return;
      }
      read += bytesRead;
      rest = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
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
