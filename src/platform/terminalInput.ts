import { writeSync } from 'node:fs';
import { t } from '../base/l10n.ts';
import { errnoOf } from './systemErrors.ts';

/** What a program does not take is not collected without end. */
const maxWaitingBytes = 256 * 1024;
/** A terminal takes a few KiB at a time. */
const retryMs = 10;

/** Writes to a terminal without ever waiting for the program that reads from it. */
export class TerminalInput {
  readonly #fd: number;
  #waiting: Buffer = Buffer.alloc(0);
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** The descriptor must not block, and be open until `close` is called. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Throws a sentence if it takes no more. */
  write(text: string): void {
    if (this.#isClosed) {
      throw new Error(t('The shell has ended.'));
    }
    const bytes = Buffer.from(text);
    if (this.#waiting.length + bytes.length > maxWaitingBytes) {
      throw new Error(t('The program does not read what was written to its terminal before.'));
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (this.#retry === undefined) {
      this.#flush();
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#waiting = Buffer.alloc(0);
  }

  #flush(): void {
    this.#retry = undefined;
    try {
      while (this.#waiting.length > 0) {
        this.#waiting = this.#waiting.subarray(writeSync(this.#fd, this.#waiting));
      }
    } catch (error) {
      if (errnoOf(error) === 'EAGAIN') {
        this.#retry = setTimeout(() => this.#flush(), retryMs);
        this.#retry.unref();
      } else {
        // The terminal has gone with its shell.
        this.close();
      }
    }
  }
}
