import type { ErrorInfo, GreenroomError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { messageOf } from '../base/errors.ts';
import { storeErrors } from '../core/storeErrors.ts';
import { errnoOf } from './systemErrors.ts';

/** First and longest pause before a failed save is tried again. */
const firstRetryMs = 250;
const longestRetryMs = 10_000;

/**
 * What cannot be saved at the moment, by file. A full disk hits all files at once and is one trouble for the person: they
 * hear when it begins, if it gets worse, and when the last file is saved again.
 */
export class SaveTrouble {
  readonly #failing = new Map<string, number>();
  readonly #log: Log;
  readonly #onSaveFailed: (error: ErrorInfo | undefined) => void;
  #overflowIsTold = false;

  constructor(log: Log, onSaveFailed: (error: ErrorInfo | undefined) => void) {
    this.#log = log;
    this.#onSaveFailed = onSaveFailed;
  }

  /** Notes a failure; returns it as an error for who waits, and how long to wait before the next attempt. */
  failed(path: string, error: unknown): { readonly error: GreenroomError; readonly retryMs: number } {
    const info = storeErrors.saveFailed(errnoOf(error), path, messageOf(error));
    const before = this.#failing.get(path);
    const isFirst = this.#failing.size === 0;
    const retryMs = before === undefined ? firstRetryMs : Math.min(before * 2, longestRetryMs);
    this.#failing.set(path, retryMs);
    if (before === undefined) {
      this.#log.error(`Saving failed: ${path}`, error);
    }
    if (isFirst) {
      this.#onSaveFailed(info.info);
    }
    return { error: info, retryMs };
  }

  /** No more can be kept in memory. */
  overflowed(path: string, error: unknown): GreenroomError {
    const info = storeErrors.saveOverflow(errnoOf(error), path);
    this.#log.error(`Too much waits to be saved, the rest is dropped: ${path}`);
    if (!this.#overflowIsTold) {
      this.#overflowIsTold = true;
      this.#onSaveFailed(info.info);
    }
    return info;
  }

  saved(path: string): void {
    if (!this.#failing.delete(path)) {
      return;
    }
    this.#log.info(`Saved again: ${path}`);
    if (this.#failing.size === 0) {
      this.#overflowIsTold = false;
      this.#onSaveFailed(undefined);
    }
  }
}
