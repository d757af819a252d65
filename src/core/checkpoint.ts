import { asString, isRecord, parseJson } from '../base/json.ts';
import { windowMessages } from '../protocol/messages.ts';
import { type ModelState, parseModelState } from './modelState.ts';

/** The form of the files with checkpoints; one of another form is made again. */
const checkpointFormat = 1;

/** A session opens with a snapshot's messages, or with those in this much of its log's end where they are large. */
const openingBytes = 256 << 10;
/** About so much of the log is read for one page of messages. */
const pageBytes = 512 << 10;

/** A place in a session's log from which it can be read, and what all that is before it comes to. */
export interface Checkpoint {
  /** Where the next line begins. */
  readonly offset: number;
  /** The line before: its length with its end, and its checksum. It tells whether the log is still the same. */
  readonly anchor: { readonly bytes: number; readonly crc: string };
  readonly state: ModelState;
}

/**
 * The first line of a file with checkpoints. `edition` names what reduced the events: another version may come to
 * something else, and another language to other sentences.
 */
export function encodeCheckpointHeader(id: string, edition: string): string {
  return JSON.stringify({ greenroom: 'checkpoints', format: checkpointFormat, id, edition });
}

export function encodeCheckpoint({ offset, anchor, state }: Checkpoint): string {
  return JSON.stringify({ offset, anchor, state });
}

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
