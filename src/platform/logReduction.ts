import { isDeepStrictEqual } from 'node:util';
import type { Checkpoint } from '../core/checkpoint.ts';
import { LogReading } from '../core/logReading.ts';
import { MessageWindow, sessionBudget } from '../core/messageWindow.ts';
import type { SessionIdentity } from '../core/ports.ts';
import { resumeModel } from '../core/resumedModel.ts';
import { stateOf } from '../core/stateOfModel.ts';
import { createSessionModel, isQuiet, reduce, type SessionModel } from '../core/sessionReducer.ts';
import type { CheckpointFile, FoundCheckpoint } from './checkpointFile.ts';
import type { StoredLog } from './storedLog.ts';

export interface Reduced {
  readonly model: SessionModel;
  readonly reading: LogReading;
}

export interface Reduction {
  readonly log: StoredLog;
  readonly identity: SessionIdentity;
  readonly runtimeName: string;
  /** Where to begin; absent: at the beginning. */
  readonly start?: Checkpoint | undefined;
  /** What the log has to come to; see `reduceLog`. */
  readonly newest?: FoundCheckpoint | undefined;
  /** Takes checkpoints behind the newest, where this window writes the session. */
  readonly checkpoints?: CheckpointFile | undefined;
}

/**
 * What the log comes to, with its newest messages: more than a session may hold are not in memory at any time. If it does
 * not come to what the newest checkpoint says, one of the checkpoints is wrong, and the answer is `undefined`.
 */
export async function reduceLog(reduction: Reduction): Promise<Reduced | undefined> {
  const { log, identity, runtimeName, start, newest, checkpoints } = reduction;
  const model =
    start === undefined ? createSessionModel(identity, runtimeName) : resumeModel(identity, runtimeName, start.state);
  const reading = new LogReading(
    (numbered) => reduce(model, numbered),
    start === undefined ? undefined : { identity, lastSeq: start.state.lastSeq },
  );
  const window = new MessageWindow(sessionBudget);
  let isConfirmed = false;
  const confirm = (): void => {
    isConfirmed = true;
    if (newest === undefined) {
      checkpoints?.startAnew();
    } else {
      checkpoints?.continueAfter(newest);
    }
  };
  if (newest === undefined || newest.checkpoint.offset === start?.offset) {
    confirm();
  }
  reading.tornBytes = await log.read(start?.offset ?? 0, undefined, (line, lineStart, end) => {
    reading.add(line);
    if (line?.kind === 'event' && isQuiet(model)) {
      if (window.settle(model.view)) {
        window.trim(model.view, model.view.total);
      }
      if (end <= log.end && checkpoints?.isDue(end) === true) {
        checkpoints.add({ offset: end, anchor: log.anchorAt(lineStart, end), state: stateOf(model) });
        checkpoints.logWritten(end);
      }
    }
    if (end === newest?.checkpoint.offset && comesTo(model, newest.checkpoint)) {
      confirm();
    }
    return isConfirmed || newest === undefined || end < newest.checkpoint.offset;
  });
  return isConfirmed ? { model, reading } : undefined;
}

function comesTo(model: SessionModel, { state }: Checkpoint): boolean {
  return isQuiet(model) && isDeepStrictEqual(JSON.parse(JSON.stringify(stateOf(model))), state);
}
