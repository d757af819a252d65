import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startModelServer } from '../modelServer/modelServer.ts';
import type { ReplyStep } from '../modelServer/steps.ts';
import { type Bench, type BenchRow, median } from './bench.ts';
import {
  epochMs,
  type Last,
  type Measured,
  pieceChars,
  pieceDelayMs,
  pieces,
  script,
  slots,
  stageNonce,
  type ToHost,
} from './slots/script.ts';
import { switchTimes } from './slots/switches.ts';
import { delaysOf, Host, percentile } from './slots/host.ts';

const frameMs = 16;

interface Outcome {
  readonly startMs: number;
  /** While only the sessions in the background speak. */
  readonly background: Measured;
  /** While the one on stage speaks too. */
  readonly everybody: Measured;
  /** From the server's write of a piece on stage to the host that has it. */
  readonly delaysMs: readonly number[];
  readonly last: Last | undefined;
}

/** Starts a host, has its agents speak twice, and ends it. */
async function drive(hostUrl: string, root: string, last: boolean): Promise<Outcome> {
  const written: number[] = [];
  let open = Promise.withResolvers<void>();
  const model = await startModelServer({
    steps: [
      ({ body }): ReplyStep => {
        const isOnStage = JSON.stringify(body.messages).includes(stageNonce);
        return {
          reply: [{ type: 'text', text: script }],
          chunkChars: pieceChars,
          delayMs: pieceDelayMs,
          pause: { atChunk: 0, until: open.promise },
          ...(isOnStage ? { onPiece: (piece: number) => (written[piece] = epochMs()) } : {}),
        };
      },
    ],
  });
  const host = new Host(fileURLToPath(hostUrl), [model.url, root]);
  try {
    /** Has the given sessions speak, all at the same time, and measures that. */
    const speak = async (who: ToHost, count: number) => {
      open = Promise.withResolvers();
      const asked = performance.now();
      host.send(who);
      await host.until('started');
      await host.orFailure(model.untilMain(count));
      const startMs = performance.now() - asked;
      host.send('measure');
      await host.until('measuring');
      open.resolve();
      return { startMs, measured: (await host.until('measured')).measured };
    };
    const background = await speak('background', slots);
    const everybody = await speak('everybody', 2 * slots + 1);
    if (last) {
      host.send('last');
    }
    const ending = last ? (await host.until('last')).last : undefined;
    host.send('end');
    await host.ended;
    return {
      startMs: background.startMs,
      background: background.measured,
      everybody: everybody.measured,
      delaysMs: delaysOf(pieces, written, everybody.measured.seen),
      last: ending,
    };
  } finally {
    host.kill();
    await model.close();
  }
}

export const bench: Bench = {
  name: 'sixteen slots',
  async run() {
    const root = mkdtempSync(path.join(os.tmpdir(), 'bs-'));
    try {
      const folder = (name: string): string => {
        mkdirSync(path.join(root, name));
        return path.join(root, name);
      };
      const bare = await drive(import.meta.resolve('./slots/bareHost.ts'), folder('b'), false);
      const ours = await drive(import.meta.resolve('./slots/companyHost.ts'), folder('c'), true);
      return [...rowsOf(ours, bare), ...(await switchRows(ours.last))];
    } finally {
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  },
};

const bareName = 'the same CLIs, their bytes counted';

function rowsOf(ours: Outcome, bare: Outcome): readonly BenchRow[] {
  const compared = (name: string, unit: string, value: (outcome: Outcome) => number): BenchRow => ({
    name,
    value: value(ours),
    unit,
    baseline: value(bare),
    baselineName: bareName,
  });
  return [
    compared(`CPU of the host, ${slots} speak in the background`, '% of a core', (o) => o.background.cpuShare * 100),
    compared('CPU of the host, one on stage too', '% of a core', (o) => o.everybody.cpuShare * 100),
    compared('timers late, p50', 'ms', (o) => percentile(o.everybody.latenessMs, 0.5)),
    compared('timers late, p99', 'ms', (o) => percentile(o.everybody.latenessMs, 0.99)),
    compared('server to panel, p50', 'ms', (o) => percentile(o.delaysMs, 0.5)),
    compared('server to panel, p99', 'ms', (o) => percentile(o.delaysMs, 0.99)),
    {
      ...compared('all have started and asked the model', 'ms', (o) => o.startMs),
      baselineName: 'all CLIs started at once',
      maxRatio: 2,
    },
    {
      name: 'messages to the panel from the background',
      value: ours.background.posted,
      unit: 'messages',
      baseline: 1,
      baselineName: 'none is allowed',
      maxRatio: 0,
    },
    {
      name: 'messages to the panel from the stage',
      value: ours.everybody.posted,
      unit: 'messages',
      baseline: ours.everybody.wallMs / frameMs,
      baselineName: 'one a frame',
      maxRatio: 1,
    },
  ];
}

async function switchRows(last: Last | undefined): Promise<readonly BenchRow[]> {
  if (last === undefined) {
    return [];
  }
  const { few, manyDeltas, manyMessages } = await switchTimes();
  return [
    {
      name: 'memory of a session that has spoken',
      value: last.heapPerSessionKib,
      unit: 'KiB',
      baseline: 300,
      baselineName: 'the limit',
      maxRatio: 1,
    },
    {
      name: 'a switch, to the snapshot handed over',
      value: median(last.switchMs),
      unit: 'ms',
      baseline: 20,
      baselineName: 'the limit',
      maxRatio: 1,
    },
    {
      name: 'messages to the panel for a switch',
      value: last.posted,
      unit: 'messages',
      baseline: 1,
      baselineName: 'one snapshot',
      maxRatio: 1,
    },
    {
      name: 'a switch after 20,000 deltas',
      value: manyDeltas,
      unit: 'ms',
      baseline: few,
      baselineName: 'the same text in 60 deltas',
      maxRatio: 1.5,
    },
    {
      name: 'a switch to 5,000 messages',
      value: manyMessages,
      unit: 'ms',
      baseline: few,
      baselineName: 'to 60 messages',
      maxRatio: 1.5,
    },
  ];
}
