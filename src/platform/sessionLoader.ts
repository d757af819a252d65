import { GreenroomError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Checkpoint } from '../core/checkpoint.ts';
import { isBeforeOpening, isBeforePage } from '../core/readCheckpoint.ts';
import { DeltaMerger, isDelta } from '../core/deltaMerger.ts';
import { logFormat } from '../core/logRecords.ts';
import { LogReading } from '../core/logReading.ts';
import { MessageRangeReading } from '../core/messageRange.ts';
import type { LoadedSession, SessionIdentity, SessionSummary } from '../core/ports.ts';
import { resumeModel } from '../core/resumedModel.ts';
import type { NumberedEvent, SessionEvent } from '../core/sessionEvents.ts';
import { summaryOfModel } from '../core/sessionInfo.ts';
import type { LoadedModel, MessageRange } from '../core/sessionModels.ts';
import { createSessionModel } from '../core/sessionReducer.ts';
import { storeErrors } from '../core/storeErrors.ts';
import type { CheckpointFile } from './checkpointFile.ts';
import { CheckpointLookup } from './checkpointLookup.ts';
import { identityIn, identityOf } from './logIdentity.ts';
import { type Reduced, reduceLog } from './logReduction.ts';
import { StoredLog, type Unwritten } from './storedLog.ts';
import type { StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** A session's log that this window writes. */
export interface WrittenLog {
  readonly checkpoints: CheckpointFile;
  unwritten(): Unwritten;
}

export interface SessionLoaderOptions {
  readonly paths: StorePaths;
  readonly log: Log;
  /** What reduces the events; see `encodeCheckpointHeader`. */
  readonly edition: string;
  readonly writtenLog: (id: string) => WrittenLog | undefined;
  /** Another window may be writing the session's log. */
  readonly isWrittenElsewhere: (id: string) => boolean;
  /** Who the session is, where its own file no longer says it. */
  readonly identityOf: (id: string) => Promise<SessionIdentity | undefined>;
}

interface Opened {
  readonly log: StoredLog;
  readonly identity: SessionIdentity;
  readonly lookup: CheckpointLookup | undefined;
}

/**
 * Reads stored sessions: all events, what they come to, or some messages. With its checkpoints a session is read from
 * where it has to be; without, or if they do not fit, from the beginning, and they are made again by who writes it.
 */
export class SessionLoader {
  readonly #options: SessionLoaderOptions;

  constructor(options: SessionLoaderOptions) {
    this.#options = options;
  }

  load(id: string): Promise<LoadedSession> {
    return this.#opened(id, false, async ({ log, identity }) => {
      const merger = new DeltaMerger();
      const events: NumberedEvent[] = [];
      const reading = new LogReading((numbered) => {
        // Most records of a long session are no deltas: for them nothing is made.
        if (merger.size === 0 && !isDelta(numbered.event)) {
          events.push(numbered);
        } else {
          events.push(...merger.push(numbered));
        }
      });
      reading.tornBytes = await log.read(0, undefined, (line) => {
        reading.add(line);
        return true;
      });
      events.push(...merger.take());
      return { identity, events, ...this.#damageOf(id, reading) };
    });
  }

  loadModel(id: string, runtimeName: (runtime: string) => string): Promise<LoadedModel> {
    return this.#opened(id, true, async ({ log, identity, lookup }) => {
      const checkpoints = this.#options.writtenLog(id)?.checkpoints;
      checkpoints?.stop();
      const from = { log, identity, runtimeName: runtimeName(identity.runtime), checkpoints };
      const { model, reading } = (await reduceTail(from, lookup)) ?? (await reduceWhole(from));
      return { model, ...this.#damageOf(id, reading) };
    });
  }

  /** What lists show of a session; undefined if its file does not say whose it is. Rejects with what the system said. */
  async summaryOf(id: string): Promise<SessionSummary | undefined> {
    try {
      return summaryOfModel((await this.loadModel(id, (runtime) => runtime)).model);
    } catch (error) {
      if (error instanceof GreenroomError && error.code === 'damagedSession') {
        return undefined;
      }
      throw error;
    }
  }

  loadMessages(id: string, before: number, count: number): Promise<MessageRange> {
    return this.#opened(id, true, async ({ log, identity, lookup }) => {
      const { start, end } = boundsOf(log, lookup, before, before - count);
      const model = start === undefined ? createSessionModel(identity, '') : resumeModel(identity, '', start.state);
      const range = new MessageRangeReading(model, before, count);
      const reading = new LogReading(
        (numbered) => {
          if (reading.missingEvents > 0) {
            range.noteDamage();
          }
          range.add(numbered);
        },
        start === undefined ? undefined : { identity, lastSeq: start.state.lastSeq },
      );
      let isEnough = false;
      await log.read(start?.offset ?? 0, end?.offset, (line) => {
        reading.add(line);
        if (line === undefined) {
          range.noteDamage();
        }
        // Where something is missing, only the next checkpoint tells how many messages there should be.
        isEnough = range.isComplete && (end === undefined || !range.isDamaged);
        return !isEnough;
      });
      const total = isEnough || end === undefined ? Math.max(before, model.view.total) : end.state.total;
      return range.finish(total, this.#damageOf(id, reading).damage);
    });
  }

  loadEvents(id: string, after: number, count: number): Promise<readonly NumberedEvent[]> {
    return this.#opened(id, true, async ({ log, identity, lookup }) => {
      const found = lookup?.find(({ state }) => state.lastSeq <= after).found?.checkpoint;
      const start = found !== undefined && log.fits(found) ? found : undefined;
      const events: NumberedEvent[] = [];
      const reading = new LogReading(
        (numbered) => {
          if (numbered.seq > after) {
            events.push(numbered);
          }
        },
        start === undefined ? undefined : { identity, lastSeq: start.state.lastSeq },
      );
      await log.read(start?.offset ?? 0, undefined, (line) => {
        reading.add(line);
        return events.length < count;
      });
      return events.slice(0, count);
    });
  }

  findEvent(id: string, matches: (event: SessionEvent) => boolean): Promise<SessionEvent | undefined> {
    return this.#opened(id, false, async ({ log }) => {
      let found: SessionEvent | undefined;
      const reading = new LogReading(({ event }) => {
        found = matches(event) ? event : found;
      });
      await log.read(0, undefined, (line) => {
        reading.add(line);
        return true;
      });
      return found;
    });
  }

  async #opened<T>(id: string, withCheckpoints: boolean, read: (opened: Opened) => Promise<T>): Promise<T> {
    const { paths, edition } = this.#options;
    const path = paths.session(id);
    let log: StoredLog | undefined;
    let lookup: CheckpointLookup | undefined;
    try {
      // Before the log: what another window adds meanwhile has no checkpoint here that the log does not reach.
      lookup = withCheckpoints ? CheckpointLookup.open(paths.checkpoints(id), id, edition) : undefined;
      log = new StoredLog(path, this.#options.writtenLog(id)?.unwritten());
      const identity = await this.#identify(id, log);
      return await read({ log, identity, lookup });
    } catch (error) {
      if (error instanceof GreenroomError) {
        throw error;
      }
      throw isMissing(error) ? storeErrors.unknownSession(id) : storeErrors.damagedSession(id, String(error));
    } finally {
      log?.close();
      lookup?.close();
    }
  }

  async #identify(id: string, log: StoredLog): Promise<SessionIdentity> {
    const first = log.firstLine();
    if (first?.kind === 'header' && first.format > logFormat) {
      throw storeErrors.newerVersion(id, first.format);
    }
    const identity = (await identityIn(log, id)) ?? identityOf(id, await this.#options.identityOf(id));
    if (identity === undefined) {
      throw storeErrors.damagedSession(id, this.#options.paths.session(id));
    }
    return identity;
  }

  #damageOf(id: string, reading: LogReading): { readonly damage?: string } {
    if (this.#options.isWrittenElsewhere(id)) {
      // The other window is in the middle of a line.
      reading.tornBytes = 0;
    }
    const { damage } = reading;
    if (damage === undefined) {
      return {};
    }
    this.#options.log.warn(`A stored session is damaged: ${this.#options.paths.session(id)}: ${damage}`);
    return { damage };
  }
}

interface From {
  readonly log: StoredLog;
  readonly identity: SessionIdentity;
  readonly runtimeName: string;
  readonly checkpoints: CheckpointFile | undefined;
}

/** `undefined` if there are no checkpoints, or one does not fit. */
async function reduceTail(from: From, lookup: CheckpointLookup | undefined): Promise<Reduced | undefined> {
  const { log } = from;
  const newest = lookup?.newest();
  if (lookup === undefined || newest === undefined || !log.fits(newest.checkpoint)) {
    return undefined;
  }
  const start = lookup.find((one) => isBeforeOpening(one, newest.checkpoint, log.end)).found?.checkpoint;
  return start === undefined || log.fits(start) ? reduceLog({ ...from, start, newest }) : undefined;
}

async function reduceWhole(from: From): Promise<Reduced> {
  const reduced = await reduceLog(from);
  if (reduced === undefined) {
    throw new Error('Nothing had to be confirmed.');
  }
  return reduced;
}

/** Where to begin and to end reading for the messages from `first` to `before`; undefined: as far as there is anything. */
function boundsOf(
  log: StoredLog,
  lookup: CheckpointLookup | undefined,
  before: number,
  first: number,
): { readonly start: Checkpoint | undefined; readonly end: Checkpoint | undefined } {
  const { found, next } = lookup?.find(({ state }) => state.total < before) ?? {};
  const last = found?.checkpoint;
  const start = last && lookup?.find((one) => isBeforePage(one, first, last)).found?.checkpoint;
  return {
    start: start !== undefined && log.fits(start) ? start : undefined,
    end: next !== undefined && log.fits(next.checkpoint) ? next.checkpoint : undefined,
  };
}
