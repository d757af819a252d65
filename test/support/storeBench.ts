import fs from 'node:fs';
import type { ErrorInfo } from '../../src/base/errors.ts';
import type { NumberedEvent, SessionEvent } from '../../src/core/sessionEvents.ts';
import { lastSeqOf } from '../../src/core/sessionEvents.ts';
import { SessionStore, type SessionStoreOptions } from '../../src/platform/sessionStore.ts';
import { StorePaths } from '../../src/platform/storePaths.ts';
import { FaultyIo } from './faultyIo.ts';
import { ManualClock } from './manualClock.ts';
import { MemoryLog } from './memoryLog.ts';
import { makeStoreFolder } from './storeFolder.ts';

export const sessionId = '0f0e0d0c-0b0a-4908-8706-050403020100';
export const otherId = '11111111-2222-4333-8444-555555555555';
export const identity = { id: sessionId, runtime: 'demo', cwd: '/work', createdAt: 1_700_000_000_000 };

/** A store in a folder of its own, with a clock and a disk that the test commands. */
export class StoreBench {
  readonly #folder = makeStoreFolder();
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly io = new FaultyIo();
  /** What the person was told: the code and sentence of a failure, or `saved`. */
  readonly told: string[] = [];
  readonly paths = new StorePaths(this.#folder.root);
  readonly #stores: SessionStore[] = [];

  get root(): string {
    return this.#folder.root;
  }

  store(
    more: Partial<Pick<SessionStoreOptions, 'maxHeldBytes' | 'edition' | 'checkpointSpacingBytes'>> = {},
  ): SessionStore {
    const store = new SessionStore({
      root: this.root,
      clock: this.clock,
      log: this.log,
      io: this.io,
      onSaveFailed: (error: ErrorInfo | undefined) => this.told.push(error?.message ?? 'saved'),
      ...more,
    });
    this.#stores.push(store);
    return store;
  }

  /** The bytes of a session's file. */
  file(id = sessionId): Buffer {
    return fs.readFileSync(this.paths.session(id));
  }

  async dispose(): Promise<void> {
    this.io.repair();
    this.io.largestWrite = Number.POSITIVE_INFINITY;
    for (const store of this.#stores) {
      await store.close().catch(() => undefined);
    }
    this.#folder.dispose();
  }
}

export function numbered(seq: number, event: SessionEvent): NumberedEvent {
  return { seq, at: 1_700_000_000_000 + seq, run: 1, event };
}

export function text(seq: number, words: string): NumberedEvent {
  return numbered(seq, { type: 'textDelta', partId: 'p', text: words });
}

export function status(seq: number, words = `status ${seq}`): NumberedEvent {
  return numbered(seq, { type: 'status', text: words });
}

/** All text of the events, in order, with the numbers that they cover. */
export function said(events: readonly NumberedEvent[]): { readonly text: string; readonly last: number } {
  const last = events.at(-1);
  return {
    text: events.map(({ event }) => ('text' in event ? event.text : '')).join(''),
    last: last === undefined ? 0 : lastSeqOf(last),
  };
}
