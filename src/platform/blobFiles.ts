import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Clock, Spilled } from '../core/ports.ts';
import { storeErrors } from '../core/storeErrors.ts';
import { replaceFile } from './replaceFile.ts';
import type { SaveTrouble } from './saveTrouble.ts';
import { isBlobName, type StorePaths } from './storePaths.ts';

/** How much text is kept in memory while it cannot be written. */
const maxHeldBytes = 64 << 20;

interface Waiting {
  readonly id: string;
  readonly bytes: Buffer;
  writing: Promise<void> | undefined;
}

/** Texts that are too large for a record, each in a file named by the hash of its content. In memory until it is written. */
export class BlobFiles {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #trouble: SaveTrouble;
  readonly #waiting = new Map<string, Waiting>();
  #heldBytes = 0;
  #retryTimer: Disposable | undefined;

  constructor(paths: StorePaths, clock: Clock, trouble: SaveTrouble) {
    this.#paths = paths;
    this.#clock = clock;
    this.#trouble = trouble;
  }

  put(id: string, text: string): Spilled {
    const bytes = Buffer.from(text);
    const blob = createHash('sha256').update(bytes).digest('hex');
    const file = path.join(this.#paths.blobs(id), blob);
    const spilled = { blob, size: bytes.length };
    if (this.#waiting.has(file) || fs.statSync(file, { throwIfNoEntry: false })?.size === bytes.length) {
      return spilled;
    }
    if (this.#heldBytes + bytes.length > maxHeldBytes && this.#retryTimer !== undefined) {
      this.#trouble.overflowed(file, undefined);
      return spilled;
    }
    this.#heldBytes += bytes.length;
    const waiting: Waiting = { id, bytes, writing: undefined };
    this.#waiting.set(file, waiting);
    // A failure is told, and tried again.
    this.#write(file, waiting).catch(() => undefined);
    return spilled;
  }

  async read(id: string, blob: string): Promise<string> {
    if (!isBlobName(blob)) {
      throw storeErrors.missingText(`No name of a text: ${blob.slice(0, 80)}`);
    }
    const file = path.join(this.#paths.blobs(id), blob);
    const waiting = this.#waiting.get(file);
    if (waiting !== undefined) {
      return waiting.bytes.toString('utf8');
    }
    const bytes = await fs.promises.readFile(file).catch((error: unknown) => {
      throw storeErrors.missingText(messageOf(error));
    });
    if (createHash('sha256').update(bytes).digest('hex') !== blob) {
      throw storeErrors.missingText(`The content of ${file} has changed.`);
    }
    return bytes.toString('utf8');
  }

  /** Resolves when the texts of the session, or of all, are on the disk. */
  async flush(id?: string): Promise<void> {
    const writes: Promise<void>[] = [];
    for (const [file, waiting] of this.#waiting) {
      if (id === undefined || waiting.id === id) {
        writes.push(this.#write(file, waiting));
      }
    }
    await Promise.all(writes);
  }

  async delete(id: string): Promise<void> {
    const writes: Promise<void>[] = [];
    for (const [file, waiting] of this.#waiting) {
      if (waiting.id === id) {
        writes.push(waiting.writing ?? Promise.resolve());
        this.#forget(file, waiting);
      }
    }
    await Promise.allSettled(writes);
    await fs.promises.rm(this.#paths.blobs(id), { recursive: true, force: true });
  }

  #write(file: string, waiting: Waiting): Promise<void> {
    waiting.writing ??= this.#writeNow(file, waiting).finally(() => {
      waiting.writing = undefined;
    });
    return waiting.writing;
  }

  async #writeNow(file: string, waiting: Waiting): Promise<void> {
    try {
      await replaceFile(file, waiting.bytes);
      this.#trouble.saved(file);
      this.#forget(file, waiting);
    } catch (error) {
      const failure = this.#trouble.failed(file, error);
      if (this.#waiting.get(file) === waiting) {
        this.#retryTimer ??= this.#clock.after(failure.retryMs, () => {
          this.#retryTimer = undefined;
          this.flush().catch(() => undefined);
        });
      }
      throw failure.error;
    }
  }

  #forget(file: string, waiting: Waiting): void {
    if (this.#waiting.get(file) === waiting) {
      this.#waiting.delete(file);
      this.#heldBytes -= waiting.bytes.length;
      this.#trouble.saved(file);
    }
    if (this.#waiting.size === 0) {
      this.#retryTimer?.dispose();
      this.#retryTimer = undefined;
    }
  }
}
