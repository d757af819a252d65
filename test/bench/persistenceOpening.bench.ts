import fs from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Session } from '../../src/core/session.ts';
import type { SessionEvent } from '../../src/core/sessionEvents.ts';
import { createSessionModel } from '../../src/core/sessionReducer.ts';
import { writeLargeLog } from '../support/largeLog.ts';
import type { FakeRuntime } from '../support/fakeRuntime.ts';
import { makeStoreFolder } from '../support/storeFolder.ts';
import { append } from '../support/storedEvents.ts';
import { openWindow } from '../support/storeWindow.ts';
import { type Bench, median } from './bench.ts';

const id = '00000001-1111-4111-8111-111111111111';
const identity = { id, runtime: 'fake', cwd: '/w', createdAt: 1 };
const rounds = 40;
const deltaCount = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Opened {
  /** From asking for the session until its newest messages are there. */
  readonly openMs: number;
  readonly pageMs: number;
}

type Window = ReturnType<typeof openWindow>;

/** The best of many: what else runs on the machine hits some of them. */
function best(values: readonly number[]): number {
  return Math.min(...values);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

async function withWindow<T>(root: string, run: (window: Window) => Promise<T>): Promise<T> {
  const window = openWindow(root);
  await window.manager.restore();
  try {
    return await run(window);
  } finally {
    await window.manager.close();
  }
}

async function measureOpening(root: string): Promise<Opened> {
  const opens: number[] = [];
  const pages: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await withWindow(root, async ({ manager, store }) => {
      opens.push(await timed(() => manager.get(id)));
      const total = manager.live(id)?.model.view.total ?? 0;
      pages.push(await timed(() => store.loadMessages(id, Math.floor((total * (round + 1)) / (rounds + 1)), 60)));
    });
  }
  return { openMs: best(opens), pageMs: best(pages) };
}

/** What a window holds more, in MB, once a session is open and all that can be is thrown away. */
async function heapOfOpened(root: string): Promise<number> {
  const sizes: number[] = [];
  for (let round = 0; round < 5; round++) {
    await withWindow(root, async ({ manager }) => {
      const before = await settledHeap();
      await manager.get(id);
      sizes.push((await settledHeap()) - before);
    });
  }
  return median(sizes) / 1e6;
}

async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

interface Unaided {
  /** Time of the processor for opening a session that has no checkpoints, and for reading all its events. */
  readonly openMs: number;
  readonly loadMs: number;
  /** How long nobody else got a turn meanwhile. */
  readonly longestPauseMs: number;
}

async function measureUnaided(root: string): Promise<Unaided> {
  const all: Unaided[] = [];
  for (let round = 0; round < 3; round++) {
    fs.rmSync(path.join(root, 'checkpoints'), { recursive: true, force: true });
    await withWindow(root, async ({ manager, store }) => {
      const loadMs = await computed(() => store.load(id));
      let longestPauseMs = 0;
      let last = performance.now();
      const ticks = setInterval(() => {
        const now = performance.now();
        longestPauseMs = Math.max(longestPauseMs, now - last);
        last = now;
      }, 1);
      const openMs = await computed(() => manager.get(id));
      clearInterval(ticks);
      all.push({ openMs, loadMs, longestPauseMs });
    });
  }
  return {
    openMs: best(all.map(({ openMs }) => openMs)),
    loadMs: best(all.map(({ loadMs }) => loadMs)),
    longestPauseMs: best(all.map(({ longestPauseMs }) => longestPauseMs)),
  };
}

/** What the processor was needed, in ms. */
async function computed(run: () => Promise<unknown>): Promise<number> {
  const started = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

/** What a delta costs the host in each of the sessions, in µs: from the runtime to the log and to whoever listens. */
async function deltaCosts(window: Window, sessions: readonly Session[]): Promise<readonly number[]> {
  const runs: FakeRuntime[] = [];
  for (const session of sessions) {
    runs.push(await window.begin(session, 'go on'));
  }
  const costs = sessions.map((): number[] => []);
  for (let round = 0; round < 10; round++) {
    for (const [index, run] of runs.entries()) {
      const started = performance.now();
      for (let count = 0; count < deltaCount; count++) {
        run.emit({ type: 'textDelta', partId: `p${round}`, text: 'about twenty four chars ' });
      }
      costs[index]?.push(((performance.now() - started) * 1000) / deltaCount);
      await sessions[index]?.flush();
    }
  }
  return costs.map(best);
}

async function writeMessages(window: Window, count: number): Promise<void> {
  const log = await window.store.create(identity);
  const model = createSessionModel(identity, '');
  for (let seq = 1; seq <= count; seq++) {
    const event: SessionEvent = { type: 'userMessage', messageId: `${seq}`, text: 'x'.repeat(1_000) };
    append(log, model, { seq, at: seq, run: 0, event });
  }
  await log.close();
}

export const bench: Bench = {
  name: 'persistence: opening',
  async run() {
    const folder = makeStoreFolder();
    try {
      const place = async (name: string, fill: (window: Window) => Promise<unknown>): Promise<string> => {
        const root = path.join(folder.root, name);
        fs.mkdirSync(root, { recursive: true });
        await withWindow(root, fill);
        return root;
      };
      const messages = await place('messages', (window) => writeMessages(window, 10_000));
      const small = await place('small', ({ store }) => writeLargeLog(store, identity, 10 << 20));
      const large = await place('large', ({ store }) => writeLargeLog(store, identity, 100 << 20));
      const [ofMessages, ofSmall, ofLarge] = [
        await measureOpening(messages),
        await measureOpening(small),
        await measureOpening(large),
      ];
      const heap = await heapOfOpened(large);
      const [inNew, inLong] = await withWindow(messages, async (window) =>
        deltaCosts(window, [await window.stage(), await window.manager.get(id)]),
      );
      const unaided = await measureUnaided(large);
      const limit = (value: number, unit: string) => ({ unit, baseline: value, baselineName: 'limit', maxRatio: 1 });
      return [
        { name: 'open 10,000 messages at their end', value: ofMessages.openMs, ...limit(2, 'ms') },
        { name: 'open 100 MB at its end', value: ofLarge.openMs, ...limit(4, 'ms') },
        {
          name: 'open 100 MB at its end',
          value: ofLarge.openMs,
          unit: 'ms',
          baseline: ofSmall.openMs,
          baselineName: 'the same of 10 MB',
          maxRatio: 1.3,
        },
        { name: 'a page of 100 MB', value: ofLarge.pageMs, ...limit(10, 'ms') },
        { name: 'memory of an open 100 MB session', value: heap, ...limit(4, 'MB') },
        {
          name: 'a delta after 10,000 messages',
          value: inLong ?? Number.NaN,
          unit: 'µs',
          baseline: inNew ?? Number.NaN,
          baselineName: 'in a new session',
          maxRatio: 1.25,
        },
        {
          name: 'open 100 MB without checkpoints',
          value: unaided.openMs,
          unit: 'ms',
          baseline: unaided.loadMs,
          baselineName: 'reading all events of it',
          maxRatio: 1.5,
        },
        { name: 'longest pause meanwhile', value: unaided.longestPauseMs, ...limit(200, 'ms') },
      ];
    } finally {
      folder.dispose();
    }
  },
};
