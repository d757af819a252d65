import { asString, isRecord, parseJson } from '../base/json.ts';
import { windowMessages } from '../protocol/messages.ts';
import type { Checkpoint } from './checkpoint.ts';
import { parseModelState } from './parseModelState.ts';

/** A session opens with a snapshot's messages, or with those in this much of its log's end where they are large. */
const openingBytes = 256 << 10;
/** About so much of the log is read for one page of messages. */
const pageBytes = 512 << 10;

/** `undefined` for what is no checkpoint. */
export function decodeCheckpoint(json: string): Checkpoint | undefined {
  const value = parseJson(json);
  if (!isRecord(value) || !isRecord(value['anchor'])) {
    return undefined;
  }
  const offset = asLength(value['offset']);
  const bytes = asLength(value['anchor']['bytes']);
  const crc = asString(value['anchor']['crc']);
  const state = parseModelState(value['state']);
  return offset === undefined || bytes === undefined || bytes > offset || crc === undefined || state === undefined
    ? undefined
    : { offset, anchor: { bytes, crc }, state };
}

/** Whether a session of which `newest` is the newest checkpoint can be opened from here. */
export function isBeforeOpening({ offset, state }: Checkpoint, newest: Checkpoint, logEnd: number): boolean {
  return newest.state.total - state.total >= windowMessages || logEnd - offset >= openingBytes;
}

/** Whether a page that begins with message `first` can be read from here; `last` is the last checkpoint inside it. */
export function isBeforePage({ offset, state }: Checkpoint, first: number, last: Checkpoint): boolean {
  return state.total <= first || last.offset - offset >= pageBytes;
}

function asLength(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}
