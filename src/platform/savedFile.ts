import fs from 'node:fs';
import type { Disposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import { replaceFile } from './replaceFile.ts';
import type { SaveTrouble } from './saveTrouble.ts';

export interface SavedFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly trouble: SaveTrouble;
  /** How long changes are collected before they are written. */
  readonly delayMs: number;
  /** Called when nothing waits to be written any more. */
  readonly onIdle?: () => void;
}

/** A small file that is replaced as a whole, a moment after its content was last set. */
export class SavedFile {
  readonly #options: SavedFileOptions;
  /** Makes the content when it is written; returns `undefined` for no file. */
  #content: (() => string | undefined) | undefined;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  #isDiscarded = false;

  constructor(options: SavedFileOptions) {
    this.#options = options;
  }

  set(content: () => string | undefined): void {
    this.#content = content;
    this.#schedule(this.#options.delayMs);
  }

  /** Resolves when everything set so far is on the disk. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined || this.#content !== undefined) {
      await (this.#writing ?? this.#write());
    }
  }

  /** Drops what waits; resolves when nothing is being written. */
  async discard(): Promise<void> {
    this.#isDiscarded = true;
    this.#timer?.dispose();
    this.#content = undefined;
    await this.#writing?.catch(() => undefined);
    this.#options.trouble.saved(this.#options.path);
  }

  #schedule(delayMs: number): void {
    if (this.#isDiscarded) {
      return;
    }
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = undefined;
      // A failure is told, and tried again.
      this.flush().catch(() => undefined);
    });
  }

  #write(): Promise<void> {
    this.#writing = this.#writeNow().finally(() => {
      this.#writing = undefined;
      if (this.#content === undefined) {
        this.#timer?.dispose();
        this.#timer = undefined;
        this.#options.onIdle?.();
      }
    });
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const content = this.#content;
    this.#content = undefined;
    try {
      const text = content?.();
      if (text === undefined) {
        await fs.promises.rm(this.#options.path, { force: true });
      } else {
        await replaceFile(this.#options.path, text);
      }
      this.#options.trouble.saved(this.#options.path);
    } catch (error) {
      if (this.#isDiscarded) {
        return;
      }
      this.#content ??= content;
      const failure = this.#options.trouble.failed(this.#options.path, error);
      this.#schedule(failure.retryMs);
      throw failure.error;
    }
  }
}
