import { t } from '../base/l10n.ts';
import { type LogLine, logFormat } from './logRecords.ts';
import type { SessionIdentity, SessionSummary } from './ports.ts';
import { lastSeqOf, type NumberedEvent } from './sessionEvents.ts';

/**
 * Puts a session together from the lines of its file. The numbers of the events only grow: what was there already is
 * passed over, and what is missing is counted. A line that cannot be read costs nothing but itself.
 */
export class LogReading {
  identity: SessionIdentity | undefined;
  /** The format of the file; `undefined` if its first line cannot be read. */
  format: number | undefined;
  /** The last summary, and whether it sums up everything that is there. */
  summary: SessionSummary | undefined;
  isSummedUp = false;
  unreadableLines = 0;
  missingEvents = 0;
  repeatedEvents = 0;
  /** Bytes at the end that were not completely written. */
  tornBytes = 0;
  readonly #onEvent: (numbered: NumberedEvent) => void;
  #lastSeq = 0;
  #lines = 0;

  /** `begun`: who the session is, and the number of its last event before the first line that is added. */
  constructor(
    onEvent: (numbered: NumberedEvent) => void,
    begun?: { readonly identity: SessionIdentity; readonly lastSeq: number },
  ) {
    this.#onEvent = onEvent;
    if (begun !== undefined) {
      this.format = logFormat;
      this.identity = begun.identity;
      this.#lastSeq = begun.lastSeq;
      this.#lines = 1;
    }
  }

  /** The number of the last event so far. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get isNewer(): boolean {
    return this.format !== undefined && this.format > logFormat;
  }

  /** The next line; `undefined`: it is there, but it cannot be read. */
  add(line: LogLine | undefined): void {
    this.#lines += 1;
    if (line === undefined) {
      this.unreadableLines += 1;
      return;
    }
    switch (line.kind) {
      case 'header':
        if (this.#lines === 1) {
          this.format = line.format;
          this.identity = line.identity;
        } else {
          this.unreadableLines += 1;
        }
        break;
      case 'summary':
        this.summary = line.summary;
        this.isSummedUp = true;
        break;
      case 'event':
        this.#addEvent(line.numbered);
        break;
    }
  }

  #addEvent(numbered: NumberedEvent): void {
    if (numbered.seq <= this.#lastSeq) {
      this.repeatedEvents += 1;
      return;
    }
    this.missingEvents += numbered.seq - this.#lastSeq - 1;
    this.#lastSeq = lastSeqOf(numbered);
    this.isSummedUp = false;
    this.#onEvent(numbered);
  }

  /** What could not be read, in words for the person; `undefined` if all of it could. */
  get damage(): string | undefined {
    const parts: string[] = [];
    if (this.#lines > 0 && this.identity === undefined) {
      parts.push(t('The beginning of its file is damaged.'));
    }
    const unreadable = this.unreadableLines - (this.identity === undefined && this.unreadableLines > 0 ? 1 : 0);
    if (this.missingEvents > 0) {
      parts.push(t('{0} entries are missing.', this.missingEvents));
    } else if (unreadable > 0) {
      parts.push(t('{0} lines of its file cannot be read.', unreadable));
    }
    if (this.tornBytes > 0) {
      parts.push(t('The last entry was not completely written.'));
    }
    return parts.length === 0
      ? undefined
      : t('A part of this session is damaged. {0} Everything else is shown.', parts.join(' '));
  }
}
