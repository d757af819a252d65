import path from 'node:path';
import type { LogIo } from './logIo.ts';
import { newline } from './recordFrame.ts';
import type { SyncGate } from './syncGate.ts';

/** How much is copied at a time when a deleted file is restored. */
const copyChunkBytes = 1 << 20;

export interface AppendLogOptions {
  readonly path: string;
  readonly io: LogIo;
  readonly gate: SyncGate;
  /** How much is kept in memory while it cannot be written, and for writing it again if syncing fails. */
  readonly maxHeldBytes: number;
}

/**
 * The bytes of one append-only file. What was appended is kept until it is written, and what was written until it is
 * synced. A call that fails changes nothing: made again, it goes on where it stopped, and it repairs before what the
 * failure may have left behind. One writer at a time; nobody else writes the file.
 */
export class AppendLog {
  readonly #path: string;
  readonly #io: LogIo;
  readonly #gate: SyncGate;
  readonly #maxHeldBytes: number;
  #fd: number | undefined;
  /** Not written yet, in order; the first may be the rest of a chunk. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Written from `#heldFrom` to `#written`, not known to be on the disk. */
  #held: Buffer[] = [];
  #heldFrom = 0;
  #written = 0;
  #synced = 0;
  /** A call has failed since the last success. */
  #isFailing = false;
  /** Syncing failed: the system may have dropped what it had taken. */
  #mustRewrite = false;
  #folderIsSynced = true;
  #running: Promise<void> | undefined;
  #closed = false;
  #hasLost = false;

  constructor(options: AppendLogOptions) {
    this.#path = options.path;
    this.#io = options.io;
    this.#gate = options.gate;
    this.#maxHeldBytes = options.maxHeldBytes;
  }

  /** Continues a file that has `size` bytes; without it, the file is created with the first write. */
  continueAt(size: number): void {
    this.#fd = this.#io.open(this.#path);
    this.#io.truncate(this.#fd, size);
    this.#written = size;
    this.#heldFrom = size;
    this.#synced = size;
  }

  get written(): number {
    return this.#written;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get hasUnsynced(): boolean {
    return this.#synced < this.#written || this.#pendingBytes > 0 || this.#mustRewrite;
  }

  get unsyncedBytes(): number {
    return this.#written - this.#synced + this.#pendingBytes;
  }

  /** What was written is no longer there: what follows is in another place than it was meant for. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** What the file does not have yet. */
  unwritten(): Buffer {
    return Buffer.concat(this.#pending);
  }

  /** False, and nothing was taken: writing has failed for so long that no more is kept. */
  append(bytes: Buffer): boolean {
    if (this.#isFailing && this.#pendingBytes + bytes.length > this.#maxHeldBytes) {
      return false;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    return true;
  }

  /** Gives everything to the system, or throws what the system said. */
  write(): void {
    if (this.#closed || (this.#pendingBytes === 0 && !this.#isFailing)) {
      return;
    }
    try {
      const fd = this.#usable();
      while (this.#pending.length > 0) {
        const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
        this.#pending = [bytes];
        const count = this.#io.write(fd, bytes);
        if (count <= 0) {
          throw new Error('The system wrote nothing.');
        }
        this.#noteWritten(bytes.subarray(0, count));
        this.#pending = count < bytes.length ? [bytes.subarray(count)] : [];
        this.#pendingBytes -= count;
      }
      this.#isFailing = this.#mustRewrite;
    } catch (error) {
      this.#isFailing = true;
      throw error;
    }
  }

  /** Resolves when everything that was written before the call is on the disk. */
  async sync(): Promise<void> {
    const target = this.#written;
    while (!this.#closed && (this.#synced < target || this.#mustRewrite)) {
      this.#running ??= this.#syncNow().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  async #syncNow(): Promise<void> {
    try {
      const fd = this.#usable();
      const mark = this.#written;
      await this.#gate.run(() => (this.#closed ? Promise.resolve() : this.#io.sync(fd)));
      if (this.#closed) {
        return;
      }
      if (!this.#folderIsSynced) {
        this.#io.syncFolder(path.dirname(this.#path));
        this.#folderIsSynced = true;
      }
      this.#synced = mark;
      this.#mustRewrite = false;
      this.#dropHeld(mark);
      if (this.#isDeleted(fd)) {
        this.#restore();
      }
      this.#isFailing = this.#pendingBytes > 0 && this.#isFailing;
    } catch (error) {
      this.#isFailing = true;
      this.#mustRewrite = true;
      throw error;
    }
  }

  /** Waits for a running sync, then lets the file go; what is unwritten is dropped. */
  async close(): Promise<void> {
    await this.#running?.catch(() => undefined);
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#held = [];
    if (this.#fd !== undefined) {
      this.#io.close(this.#fd);
      this.#fd = undefined;
    }
  }

  /** The open file; after a failure, brought back to what it should be first. */
  #usable(): number {
    if (this.#fd === undefined) {
      this.#fd = this.#io.open(this.#path);
      this.#folderIsSynced = false;
    }
    if (!this.#isFailing) {
      return this.#fd;
    }
    if (this.#isDeleted(this.#fd)) {
      return this.#restore();
    }
    const { size } = this.#io.stat(this.#fd);
    if (size > this.#written) {
      this.#io.truncate(this.#fd, this.#written);
    } else if (size < this.#heldFrom) {
      this.#goOnAfterLoss(size);
    } else if (size < this.#written || this.#mustRewrite) {
      this.#rewriteHeld();
    }
    return this.#fd;
  }

  #isDeleted(fd: number): boolean {
    return this.#io.stat(fd).links === 0 && !this.#io.exists(this.#path);
  }

  /** Writes again what may not have reached the disk, in its place; what is there already stays as it is. */
  #rewriteHeld(): void {
    if (this.#held.length === 0) {
      return;
    }
    const fd = this.#io.openForRewrite(this.#path);
    try {
      this.#writeAll(fd, Buffer.concat(this.#held), this.#heldFrom);
    } finally {
      this.#io.close(fd);
    }
  }

  /** Somebody shortened the file by more than what is still in memory: what follows begins on a line of its own. */
  #goOnAfterLoss(size: number): void {
    this.#hasLost = true;
    const held = this.#held;
    const bytes = held.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#pending = [Buffer.from([newline]), ...held, ...this.#pending];
    this.#pendingBytes += bytes + 1;
    this.#held = [];
    this.#heldFrom = size;
    this.#written = size;
    this.#synced = size;
  }

  /** The file was deleted while it was open: it is made again from what the open descriptor still holds. */
  #restore(): number {
    const from = this.#fd as number;
    const temporary = `${this.#path}.restored`;
    const fd = this.#io.open(temporary);
    try {
      this.#io.truncate(fd, 0);
      const chunk = Buffer.alloc(Math.min(copyChunkBytes, Math.max(1, this.#written)));
      for (let position = 0; position < this.#written;) {
        const count = this.#io.read(
          from,
          chunk.subarray(0, Math.min(chunk.length, this.#written - position)),
          position,
        );
        if (count === 0) {
          break;
        }
        this.#writeAll(fd, chunk.subarray(0, count));
        position += count;
      }
      this.#io.rename(temporary, this.#path);
    } catch (error) {
      this.#io.close(fd);
      throw error;
    }
    this.#io.close(from);
    this.#fd = fd;
    this.#mustRewrite = false;
    this.#folderIsSynced = false;
    this.#synced = 0;
    return fd;
  }

  #writeAll(fd: number, bytes: Buffer, position?: number): void {
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      const count = this.#io.write(fd, rest, position === undefined ? undefined : position + done);
      if (count <= 0) {
        throw new Error('The system wrote nothing.');
      }
      done += count;
    }
  }

  #noteWritten(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#written += bytes.length;
    while (this.#written - this.#heldFrom > this.#maxHeldBytes) {
      this.#heldFrom += this.#held.shift()?.length ?? 0;
    }
  }

  #dropHeld(upTo: number): void {
    while (this.#held.length > 0 && this.#heldFrom + (this.#held[0] as Buffer).length <= upTo) {
      this.#heldFrom += this.#held.shift()?.length ?? 0;
    }
  }
}
