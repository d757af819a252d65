import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { DeltaMerger } from '../core/deltaMerger.ts';
import { encodeEvent, encodeLost, encodeSummary, type LostEvents, maxRecordBytes } from '../core/logRecords.ts';
import type { ModelState } from '../core/modelState.ts';
import type { Clock, Durability, SessionLog, SessionSummary } from '../core/ports.ts';
import { lastAtOf, lastSeqOf, type NumberedEvent } from '../core/sessionEvents.ts';
import type { AppendLog } from './appendLog.ts';
import type { CheckpointFile } from './checkpointFile.ts';
import { checksumIn, frameLine } from './recordFrame.ts';
import type { SaveTrouble } from './saveTrouble.ts';

/** Events are given to the system after at most 100 ms; half of it is left for a busy event loop. */
const writeDelayMs = 50;
/** Events are synced within a second; the rest of it is for a slow disk. */
const syncDelayMs = 700;
/** More than this is written, or synced, without waiting for the time to come. */
const writeAtBytes = 1 << 20;
const syncAtBytes = 4 << 20;

export interface SessionFileLogOptions {
  readonly path: string;
  readonly file: AppendLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly trouble: SaveTrouble;
  readonly checkpoints: CheckpointFile;
  /** Resolves when the texts that were put aside for this session are on the disk. */
  readonly flushBlobs: () => Promise<void>;
  /** Called before each write; throws while the session may not be written. */
  readonly ensureClaim: () => void;
  /** Called once, when the file was let go. */
  readonly onReleased: () => void;
}

/** One session's file: merges deltas, decides when to write and to sync, and tries again what failed. */
export class SessionFileLog implements SessionLog {
  readonly #options: SessionFileLogOptions;
  readonly #file: AppendLog;
  readonly #merger = new DeltaMerger();
  #writeTimer: Disposable | undefined;
  #syncTimer: Disposable | undefined;
  #retryTimer: Disposable | undefined;
  /** The line of the last event that was kept. */
  #lastLine: Buffer | undefined;
  /** Events that came while nothing more could be kept. */
  #lost: LostEvents | undefined;
  /** The newest summary, while no event came after it. */
  #summary: SessionSummary | undefined;
  #writtenSummary = '';
  #closing: Promise<void> | undefined;
  /** Closing failed: the file is let go as soon as it could be saved. */
  #isLingering = false;
  #isReleased = false;
  #isComplete = true;

  constructor(options: SessionFileLogOptions) {
    this.#options = options;
    this.#file = options.file;
  }

  /** Settles when a running `close` has ended; `true` if it failed, and the file waits to be saved. */
  async lingers(): Promise<boolean> {
    await this.#closing?.catch(() => undefined);
    return this.#isLingering;
  }

  append(numbered: NumberedEvent): void {
    if (this.#isReleased || this.#isLingering || this.#closing !== undefined) {
      this.#options.log.error(`An event came after its session was closed: ${numbered.event.type}`);
      this.#isComplete = false;
      return;
    }
    this.#summary = undefined;
    if (this.#lost !== undefined) {
      this.#lose(numbered);
      return;
    }
    for (const complete of this.#merger.push(numbered)) {
      this.#keep(complete);
    }
    if (this.#file.pendingBytes + this.#merger.size > writeAtBytes && !this.#file.isFailing) {
      this.#write();
    }
    this.#writeTimer ??= this.#options.clock.after(writeDelayMs, () => {
      this.#writeTimer = undefined;
      this.#write();
    });
  }

  get checkpoints(): CheckpointFile {
    return this.#options.checkpoints;
  }

  get isComplete(): boolean {
    return this.#isComplete && !this.#file.hasLost;
  }

  checkpoint(state: () => ModelState): void {
    const { checkpoints } = this.#options;
    const offset = this.#file.written + this.#file.pendingBytes;
    const line = this.#lastLine;
    if (!this.isComplete) {
      checkpoints.stop();
    } else if (line !== undefined && this.#merger.size === 0 && checkpoints.isDue(offset)) {
      checkpoints.add({ offset, anchor: { bytes: line.length, crc: checksumIn(line) }, state: state() });
    }
  }

  /** Keeps what the list shows beside the events that it sums up. */
  setSummary(summary: SessionSummary): void {
    // While a turn runs the next event is near, and would make this out of date.
    if (!this.#isReleased && summary.state !== 'running' && summary.state !== 'pending' && this.#lost === undefined) {
      this.#summary = summary;
      this.#scheduleSync();
    }
  }

  async flush(durability: Durability): Promise<void> {
    if (this.#isReleased) {
      return;
    }
    const blobs = this.#options.flushBlobs();
    // It may fail while the file is synced; whoever called hears of it at the end.
    blobs.catch(() => undefined);
    try {
      if (durability === 'synced') {
        this.#appendSummary();
      }
      this.#writeOrThrow();
      if (durability === 'synced') {
        await this.#sync();
      }
    } finally {
      await blobs;
    }
  }

  /** Everything that is not in the file yet, as it will be written there; and how long the file is. */
  unwritten(): { readonly written: number; readonly bytes: Buffer } {
    this.#write();
    return { written: this.#file.written, bytes: this.#file.unwritten() };
  }

  /**
   * Flushes, then lets the file go. If it cannot be saved, this rejects; the file is kept then, saving is tried again,
   * and the file is let go once that succeeds.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.flush('synced');
    } catch (error) {
      this.#isLingering = true;
      this.#closing = undefined;
      throw error;
    }
    await this.#release();
  }

  /** Takes back a `close` that failed. */
  reopen(): void {
    this.#isLingering = false;
  }

  /** Lets the file go without saving what is left. */
  async discard(): Promise<void> {
    this.#closing ??= Promise.resolve();
    this.#options.trouble.saved(this.#options.path);
    await this.#release();
  }

  async #release(): Promise<void> {
    this.#writeTimer?.dispose();
    this.#syncTimer?.dispose();
    this.#retryTimer?.dispose();
    if (!this.#isReleased) {
      this.#isReleased = true;
      await this.#file.close();
      this.#options.onReleased();
    }
  }

  #keep(numbered: NumberedEvent): void {
    if (this.#lost !== undefined) {
      this.#lose(numbered);
      return;
    }
    const line = frameLine(encodeEvent(numbered));
    if (line.length > maxRecordBytes) {
      this.#options.log.warn(`A record of ${line.length} bytes is larger than it should be: ${numbered.event.type}`);
    }
    if (!this.#file.append(line)) {
      this.#options.trouble.overflowed(this.#options.path, undefined);
      this.#lose(numbered);
      return;
    }
    this.#lastLine = line;
  }

  #lose(numbered: NumberedEvent): void {
    this.#isComplete = false;
    const seq = this.#lost?.seq ?? numbered.seq;
    const at = this.#lost?.at ?? numbered.at;
    const count = Math.max(this.#lost?.count ?? 0, lastSeqOf(numbered) - seq + 1);
    this.#lost = { seq, count, at, lastAt: Math.max(this.#lost?.lastAt ?? at, lastAtOf(numbered)) };
  }

  #appendSummary(): void {
    if (this.#summary === undefined) {
      return;
    }
    const json = encodeSummary(this.#summary);
    this.#summary = undefined;
    if (json === this.#writtenSummary) {
      return;
    }
    for (const complete of this.#merger.take()) {
      this.#keep(complete);
    }
    if (this.#lost === undefined && this.#file.append(frameLine(json))) {
      this.#writtenSummary = json;
      this.#lastLine = undefined;
    }
  }

  #write(): void {
    try {
      this.#writeOrThrow();
    } catch {
      // Noted, told, and tried again.
    }
  }

  #writeOrThrow(): void {
    if (this.#isReleased) {
      return;
    }
    for (const complete of this.#merger.take()) {
      this.#keep(complete);
    }
    try {
      this.#options.ensureClaim();
      this.#file.write();
      if (this.#lost !== undefined) {
        this.#file.append(frameLine(encodeLost(this.#lost)));
        this.#lost = undefined;
        this.#file.write();
      }
    } catch (error) {
      throw this.#failed(error);
    }
    if (!this.#file.isFailing) {
      this.#options.trouble.saved(this.#options.path);
    }
    if (!this.isComplete) {
      this.#options.checkpoints.stop();
    }
    this.#options.checkpoints.logWritten(this.#file.written);
    if (this.#file.unsyncedBytes > syncAtBytes) {
      this.#syncInBackground();
    } else if (this.#file.hasUnsynced) {
      this.#scheduleSync();
    }
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      throw this.#failed(error);
    }
    if (!this.#file.isFailing && this.#file.pendingBytes === 0) {
      this.#options.trouble.saved(this.#options.path);
    }
  }

  #scheduleSync(): void {
    this.#syncTimer ??= this.#options.clock.after(syncDelayMs, () => {
      this.#syncTimer = undefined;
      this.#appendSummary();
      this.#write();
      this.#syncInBackground();
    });
  }

  #syncInBackground(): void {
    // A failure was noted and told where it happened, and is tried again.
    this.#sync().catch(() => undefined);
  }

  #failed(error: unknown): Error {
    const failure = this.#options.trouble.failed(this.#options.path, error);
    this.#retryTimer ??= this.#options.clock.after(failure.retryMs, () => {
      this.#retryTimer = undefined;
      this.#retry().catch(() => undefined);
    });
    return failure.error;
  }

  async #retry(): Promise<void> {
    this.#writeOrThrow();
    await this.#sync();
    if (this.#isLingering) {
      await this.#release();
    }
  }
}
