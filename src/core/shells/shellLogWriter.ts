import { SerialQueue } from '../../base/async.ts';
import type { Clock } from '../../base/clock.ts';
import { MutableDisposable } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import type { OutputLog } from './outputLog.ts';
import type { ShellLogFile } from './shellPorts.ts';

/** The log is written at most four times a second. */
export const writeEveryMs = 250;
/** What is written at a time: a flood does not go to the disk, only what people could read does. */
const writeBytes = 256 * 1024;
/** Taken from the memory in pieces that do not hold up anybody. */
const pieceBytes = 64 * 1024;
/** Of a flood, something new is written this often, for whoever looks after a crash. */
const floodEveryMs = 5000;
/** A file holds back what could be half of a secret; so far behind the end everything is written. */
const heldBackBytes = 64 * 1024;

export interface ShellLogWriterOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly output: OutputLog;
  readonly file: ShellLogFile;
  /** So much of the end stays in memory. */
  readonly keepBytes: number;
}

/** Brings a shell's output to the disk behind its back: slowly while it comes, all that is kept of it at the end. */
export class ShellLogWriter {
  readonly #options: ShellLogWriterOptions;
  readonly #queue = new SerialQueue();
  readonly #timer = new MutableDisposable();
  #written: number;
  #isScheduled = false;
  #isFinished = false;
  #isTold = false;
  #lastLeap = Number.NEGATIVE_INFINITY;

  constructor(options: ShellLogWriterOptions) {
    this.#options = options;
    this.#written = options.output.end;
  }

  /** To be called when there is new output. */
  wake(): void {
    if (this.#isScheduled || this.#isFinished) {
      return;
    }
    this.#isScheduled = true;
    this.#timer.value = this.#options.clock.after(writeEveryMs, () => {
      void this.#queue.run(async () => {
        this.#isScheduled = false;
        if (this.#isFinished) {
          return;
        }
        await this.#writeSome();
        if (this.#written < this.#options.output.end) {
          this.wake();
        }
      });
    });
  }

  /** Writes everything that came until now and is still kept. False if that failed. */
  sync(): Promise<boolean> {
    return this.#queue.run(() => this.#writeAll());
  }

  /** Nothing more comes: writes the rest. False if that failed. */
  finish(): Promise<boolean> {
    this.stop();
    return this.#queue.run(
      async () => (await this.#writeAll()) && (await this.#attempt(() => this.#options.file.flush())),
    );
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#isFinished = true;
    this.#timer.dispose();
  }

  async #writeSome(): Promise<void> {
    const { output, clock } = this.#options;
    if (!output.has(this.#written, Math.min(output.end, this.#written + writeBytes))) {
      if (clock.monotonic() - this.#lastLeap < floodEveryMs) {
        return;
      }
      this.#lastLeap = clock.monotonic();
      this.#written = Math.max(output.tailStart, output.end - writeBytes);
    }
    await this.#writeTo(Math.min(output.end, this.#written + writeBytes));
  }

  async #writeAll(): Promise<boolean> {
    return this.#writeTo(this.#options.output.end);
  }

  async #writeTo(end: number): Promise<boolean> {
    const { output, file, keepBytes } = this.#options;
    while (this.#written < end) {
      // While one piece is written, the next may be overrun.
      const isKept = output.has(this.#written, Math.min(end, this.#written + 1));
      const from = isKept ? this.#written : output.tailStart;
      const to = Math.min(end, from + pieceBytes, from < output.headEnd ? output.headEnd : end);
      if (to <= from) {
        this.#written = Math.max(this.#written, Math.min(from, end));
        break;
      }
      const bytes = output.copy(from, to);
      if (!(await this.#attempt(() => file.write(from, bytes)))) {
        return false;
      }
      this.#written = to;
    }
    const { headEnd } = output;
    if (this.#written >= headEnd + heldBackBytes && output.end >= headEnd + keepBytes) {
      output.releaseHead();
    }
    return true;
  }

  async #attempt(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      this.#isTold = false;
      return true;
    } catch (error) {
      if (!this.#isTold) {
        this.#isTold = true;
        this.#options.log.error('the output of a shell could not be stored', error);
      }
      return false;
    }
  }
}
