import { asNumber, asString, isRecord, type JsonRecord, parseJson } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import type { SessionIdentity, SessionSummary } from './ports.ts';
import type { NumberedEvent, SessionEvent } from './sessionEvents.ts';
import { parseSummary } from './sessionSummary.ts';

/** The format that is written. A file with a higher number is left alone. */
export const logFormat = 1;

/** No line is longer, so that a reader, a tail and a torn write stay cheap. Includes what the file adds around the JSON. */
export const maxRecordBytes = 65_536;

/** The JSON of a record stays below this; the rest is for the checksum and the end of the line. */
export const maxRecordJsonBytes = maxRecordBytes - 64;

/** A line of a session's file. Each is an object of JSON, told apart by the fields it has. */
export type LogLine =
  | { readonly kind: 'header'; readonly format: number; readonly identity: SessionIdentity | undefined }
  | { readonly kind: 'event'; readonly numbered: NumberedEvent }
  /** What the list showed when this was written: a cache inside the log, from which the index is rebuilt. */
  | { readonly kind: 'summary'; readonly summary: SessionSummary };

/** Numbers that could not be kept, because nothing could be written for too long. */
export interface LostEvents {
  readonly seq: number;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly lastAt: number;
}

export function encodeHeader(identity: SessionIdentity): string {
  return JSON.stringify({ greenroom: 'session', format: logFormat, ...identity });
}

export function encodeSummary(summary: SessionSummary): string {
  return JSON.stringify({ summary });
}

export function encodeLost(lost: LostEvents): string {
  return JSON.stringify({ lost });
}

export function encodeEvent(numbered: NumberedEvent): string {
  const { seq, at, run, covers, event } = numbered;
  return JSON.stringify({ seq, ...(covers === undefined ? {} : { covers }), at, run, event });
}

/** `undefined` for what is no line of a log. An event of an unknown type is kept: whoever reduces it passes over it. */
export function decodeLine(json: string): LogLine | undefined {
  const value = parseJson(json);
  if (!isRecord(value)) {
    return undefined;
  }
  if (value['greenroom'] === 'session') {
    const format = asNumber(value['format']);
    return format === undefined ? undefined : { kind: 'header', format, identity: decodeIdentity(value) };
  }
  if ('summary' in value) {
    const summary = parseSummary(value['summary']);
    return summary === undefined ? undefined : { kind: 'summary', summary };
  }
  const numbered = isRecord(value['lost']) ? decodeLost(value['lost']) : decodeEvent(value);
  return numbered === undefined ? undefined : { kind: 'event', numbered };
}

function decodeIdentity(value: JsonRecord): SessionIdentity | undefined {
  const id = asString(value['id']);
  const runtime = asString(value['runtime']);
  const cwd = asString(value['cwd']);
  const createdAt = asNumber(value['createdAt']);
  return id === undefined || runtime === undefined || cwd === undefined || createdAt === undefined
    ? undefined
    : { id, runtime, cwd, createdAt };
}

function decodeEvent(value: JsonRecord): NumberedEvent | undefined {
  const seq = asPosition(value['seq']);
  const at = asNumber(value['at']);
  const run = asNumber(value['run']);
  const event = value['event'];
  if (seq === undefined || at === undefined || run === undefined || !isRecord(event)) {
    return undefined;
  }
  if (typeof event['type'] !== 'string') {
    return undefined;
  }
  const numbered = { seq, at, run, event: event as unknown as SessionEvent };
  if (value['covers'] === undefined) {
    return numbered;
  }
  const covers = isRecord(value['covers']) ? value['covers'] : {};
  const count = asPosition(covers['count']);
  const lastAt = asNumber(covers['lastAt']);
  return count === undefined || lastAt === undefined ? undefined : { ...numbered, covers: { count, lastAt } };
}

/** What was lost is shown where it is missing, and the numbers go on behind it. */
function decodeLost(value: JsonRecord): NumberedEvent | undefined {
  const seq = asPosition(value['seq']);
  const count = asPosition(value['count']);
  const at = asNumber(value['at']);
  const lastAt = asNumber(value['lastAt']);
  if (seq === undefined || count === undefined || at === undefined || lastAt === undefined) {
    return undefined;
  }
  const message = t('{0} entries are missing here: for too long, nothing could be saved.', count);
  return { seq, at, run: 0, covers: { count, lastAt }, event: { type: 'warning', code: 'notSaved', message } };
}

function asPosition(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isSafeInteger(number) && number >= 1 ? number : undefined;
}
