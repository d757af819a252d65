import { messageOf } from '../../src/base/errors.ts';
import type { Log } from '../../src/base/log.ts';

/** Keeps what was logged. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];

  info(message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }

  error(message: string, error?: unknown): void {
    this.lines.push(`error ${message}${error === undefined ? '' : ` ${messageOf(error)}`}`);
  }
}
