import { frameLine, newline } from './recordFrame.ts';

/**
 * A line of a host's ledger. `found`: who ended survivors has found this one, so that the person is told of it once.
 * `dead`: somebody has seen that the host is dead; the time of the first who did counts.
 */
export type LedgerRecord =
  | { readonly kind: 'intent'; readonly id: string; readonly name: string }
  | { readonly kind: 'started'; readonly id: string; readonly pid: number; readonly startTime?: string }
  | { readonly kind: 'gone'; readonly id: string }
  | { readonly kind: 'found'; readonly pid: number; readonly startTime: string; readonly name: string }
  | { readonly kind: 'dead'; readonly at: number };

export interface LedgerEntry {
  readonly id: string;
  readonly name: string;
  /** The leader of a session and group. Undefined: the host died between the intent and the note of the start. */
  readonly pid: number | undefined;
  readonly startTime: string | undefined;
}

export interface FoundProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly name: string;
}

/** More processes than this are not started at a time. */
export const maxEntries = 512;
/** What is read of a ledger: it is written again long before it grows so large. */
export const maxLedgerBytes = 1024 * 1024;
export const maxNameChars = 64;

/** Begins with a line end too, so that a line that was torn before costs only itself. */
export function encodeRecord(record: LedgerRecord): Buffer {
  const bounded = 'name' in record ? { ...record, name: record.name.slice(0, maxNameChars) } : record;
  return Buffer.concat([Buffer.of(newline), frameLine(JSON.stringify(bounded))]);
}
