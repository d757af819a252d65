import { asRecord, parseJson } from '../base/json.ts';
import { type FoundProcess, type LedgerEntry, type LedgerRecord, maxEntries, maxNameChars } from './ledgerRecords.ts';
import { newline, unframeLine } from './recordFrame.ts';

const maxPid = 2 ** 31 - 1;

export interface LedgerContent {
  readonly entries: readonly LedgerEntry[];
  readonly found: readonly FoundProcess[];
  /** Milliseconds since 1970. */
  readonly deadSince?: number;
  /** Lines that are not what was written. */
  readonly damaged: number;
  /** Entries beyond the limit. */
  readonly dropped: number;
}

/** Never throws, whatever the bytes are. */
export function readLedger(bytes: Buffer): LedgerContent {
  const entries = new Map<string, LedgerEntry>();
  const gone = new Set<string>();
  const found = new Map<string, FoundProcess>();
  let deadSince: number | undefined;
  let damaged = 0;
  let dropped = 0;
  for (const record of readRecords(bytes)) {
    if (record === undefined) {
      damaged += 1;
    } else if (record.kind === 'dead') {
      deadSince ??= record.at;
    } else if (record.kind === 'found') {
      if (found.size < maxEntries) {
        found.set(`${record.pid}:${record.startTime}`, record);
      }
    } else if (record.kind === 'gone') {
      entries.delete(record.id);
      gone.add(record.id);
    } else if (!gone.has(record.id)) {
      const before = entries.get(record.id);
      if (before === undefined && entries.size >= maxEntries) {
        dropped += 1;
      } else {
        entries.set(record.id, {
          id: record.id,
          name: record.kind === 'intent' ? record.name : (before?.name ?? '?'),
          pid: record.kind === 'started' ? record.pid : before?.pid,
          startTime: record.kind === 'started' ? record.startTime : before?.startTime,
        });
      }
    }
  }
  return {
    entries: [...entries.values()],
    found: [...found.values()].map(({ pid, startTime, name }) => ({ pid, startTime, name })),
    ...(deadSince === undefined ? {} : { deadSince }),
    damaged,
    dropped,
  };
}

function* readRecords(bytes: Buffer): Generator<LedgerRecord | undefined> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(newline, at);
    const line = bytes.subarray(at, end < 0 ? bytes.length : end);
    if (line.length > 0) {
      yield decodeLine(line);
    }
    at += line.length + 1;
  }
}

function decodeLine(line: Buffer): LedgerRecord | undefined {
  const json = unframeLine(line);
  return json === undefined ? undefined : toRecord(parseJson(json));
}

function toRecord(value: unknown): LedgerRecord | undefined {
  const { kind, id, name, pid, startTime, at } = asRecord(value);
  const hasStartTime = typeof startTime === 'string' && /^\d{1,20}$/.test(startTime);
  switch (kind) {
    case 'intent':
      return isId(id) && typeof name === 'string' ? { kind, id, name: name.slice(0, maxNameChars) } : undefined;
    case 'started':
      return isId(id) && isPid(pid) && (startTime === undefined || hasStartTime)
        ? { kind, id, pid, ...(hasStartTime ? { startTime } : {}) }
        : undefined;
    case 'gone':
      return isId(id) ? { kind, id } : undefined;
    case 'found':
      return isPid(pid) && hasStartTime && typeof name === 'string'
        ? { kind, pid, startTime, name: name.slice(0, maxNameChars) }
        : undefined;
    case 'dead':
      return typeof at === 'number' && Number.isFinite(at) ? { kind, at } : undefined;
    default:
      return undefined;
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{12}$/.test(value);
}

/** Init and the special numbers below it are nobody's process. */
function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 1 && value <= maxPid;
}
