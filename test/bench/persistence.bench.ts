import fs from 'node:fs';
import path from 'node:path';
import type { SessionEvent } from '../../src/core/sessionEvents.ts';
import { reduceAll } from '../../src/core/sessionReducer.ts';
import { SessionStore } from '../../src/platform/sessionStore.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { MemoryLog } from '../support/memoryLog.ts';
import { makeStoreFolder } from '../support/storeFolder.ts';
import { type Bench, median } from './bench.ts';

const rounds = 7;
const deltaCount = 50_000;
const messageCount = 10_000;
const sessionCount = 1000;

function idOf(index: number): string {
  return `${String(index).padStart(8, '0')}-1111-4111-8111-111111111111`;
}

function delta(seq: number): { seq: number; at: number; run: number; event: SessionEvent } {
  return { seq, at: seq, run: 1, event: { type: 'textDelta', partId: 'message-1', text: 'about twenty four chars ' } };
}

async function timed(run: () => Promise<void> | void): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

async function computed(run: () => Promise<void> | void): Promise<number> {
  const started = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

async function medianOf(run: (round: number) => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    values.push(await run(round));
  }
  return median(values);
}

export const bench: Bench = {
  name: 'persistence',
  async run() {
    const folder = makeStoreFolder();
    try {
      const open = (name: string) =>
        new SessionStore({
          root: path.join(folder.root, name),
          clock: systemClock,
          log: new MemoryLog(),
          onSaveFailed: () => undefined,
        });
      fs.mkdirSync(folder.root, { recursive: true });

      const perLine = await medianOf(async (round) => {
        const fd = fs.openSync(path.join(folder.root, `plain${round}`), 'a');
        const tookMs = await timed(() => {
          for (let seq = 1; seq <= deltaCount; seq++) {
            fs.writeSync(fd, `${JSON.stringify(delta(seq))}\n`);
          }
        });
        fs.closeSync(fd);
        return (tookMs * 1000) / deltaCount;
      });
      const perDelta = await medianOf(async (round) => {
        const log = await open(`deltas${round}`).create({ id: idOf(0), runtime: 'r', cwd: '/', createdAt: 1 });
        const tookMs = await timed(async () => {
          for (let seq = 1; seq <= deltaCount; seq++) {
            log.append(delta(seq));
          }
          await log.flush('written');
        });
        await log.close();
        return (tookMs * 1000) / deltaCount;
      });

      const messages = open('messages');
      const log = await messages.create({ id: idOf(0), runtime: 'r', cwd: '/', createdAt: 1 });
      for (let seq = 1; seq <= messageCount; seq++) {
        log.append({
          seq,
          at: seq,
          run: 1,
          event: { type: 'userMessage', messageId: `${seq}`, text: 'x'.repeat(1000) },
        });
      }
      await log.close();
      const lines = path.join(folder.root, 'messages', 'sessions', `${idOf(0)}.jsonl`);
      const parses: number[] = [];
      const loads: number[] = [];
      const opens: number[] = [];
      // One after the other in each round, and the best of all, in the time of the processor: what else runs on the machine
      // hits all alike, and does not count.
      for (let round = 0; round < 3 * rounds; round++) {
        parses.push(
          await computed(() => {
            for (const line of fs.readFileSync(lines, 'utf8').split('\n')) {
              if (line !== '') {
                JSON.parse(line);
              }
            }
          }),
        );
        loads.push(await computed(async () => void (await messages.load(idOf(0)))));
        opens.push(
          await computed(async () => {
            const { identity, events } = await messages.load(idOf(0));
            reduceAll(identity, 'r', events);
          }),
        );
      }
      const [parse, load, opened] = [Math.min(...parses), Math.min(...loads), Math.min(...opens)];

      const many = open('many');
      for (let index = 0; index < sessionCount; index++) {
        const id = idOf(index);
        const one = await many.create({ id, runtime: 'r', cwd: '/', createdAt: index });
        many.saveSummary({
          id,
          runtime: 'r',
          cwd: '/',
          createdAt: index,
          updatedAt: index,
          name: 'a name of usual length',
          state: 'done',
          messageCount: 10,
        });
        await one.close();
      }
      await many.flush();
      const root = path.join(folder.root, 'many');
      const list = await medianOf(() => timed(async () => void (await open('many').list())));
      const plainList = await medianOf(() =>
        timed(() => {
          JSON.parse(fs.readFileSync(path.join(root, 'index.json'), 'utf8'));
          for (const name of fs.readdirSync(path.join(root, 'sessions'))) {
            fs.statSync(path.join(root, 'sessions', name));
          }
        }),
      );
      fs.rmSync(path.join(root, 'index.json'));
      const rebuilt = open('many');
      const rebuild = await timed(async () => void (await rebuilt.list()));
      // The index that it would save later has its folder no longer then.
      await rebuilt.close();
      return [
        {
          name: 'append a delta',
          value: perDelta,
          unit: 'µs',
          baseline: perLine,
          baselineName: 'one writeSync each',
          maxRatio: 1,
        },
        {
          name: 'load 10,000 messages',
          value: load,
          unit: 'ms',
          baseline: parse,
          baselineName: 'JSON.parse of the lines',
          maxRatio: 1.25,
        },
        {
          name: 'load and reduce them',
          value: opened,
          unit: 'ms',
          baseline: parse,
          baselineName: 'JSON.parse of the lines',
          maxRatio: 2.2,
        },
        {
          name: 'list 1,000 sessions',
          value: list,
          unit: 'ms',
          baseline: plainList,
          baselineName: 'parse the index, stat each file',
          maxRatio: 3,
        },
        {
          name: 'list 1,000 without the index',
          value: rebuild,
          unit: 'ms',
          baseline: 1000,
          baselineName: 'limit',
          maxRatio: 1,
        },
      ];
    } finally {
      folder.dispose();
    }
  },
};
