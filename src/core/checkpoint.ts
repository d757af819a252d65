import type { ModelState } from './modelState.ts';

/** The form of the files with checkpoints; one of another form is made again. */
const checkpointFormat = 1;

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
