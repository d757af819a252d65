import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPacedServer } from './apiSessions/pacedServer.ts';
import { type Bench, type BenchRow, median } from './bench.ts';
import { delaysOf, Host, percentile } from './slots/host.ts';
import { slots } from './slots/script.ts';

const sessions = slots + 1;
const rates = [100, 1_000];
const seconds = 3;
const rounds = 3;
const frameMs = 16;

type Way = 'bytes' | 'parsed' | 'sdk' | 'ours';
const ways: readonly Way[] = ['bytes', 'parsed', 'sdk', 'ours'];

interface Outcome {
  readonly cpuPercent: number;
  readonly p50: number;
  readonly p99: number;
  readonly lateP99: number;
  /** Messages to the panel in each frame. */
  readonly messages: number;
}

async function drive(way: Way, root: string, perSecond: number): Promise<Outcome> {
  const server = await startPacedServer();
  const script =
    way === 'ours'
      ? import.meta.resolve('./apiSessions/companyHost.ts')
      : import.meta.resolve('./apiSessions/floorHost.ts');
  const host = new Host(fileURLToPath(script), [server.url, way === 'ours' ? root : way]);
  try {
    // The first answers load and compile what is needed.
    for (const count of [200, seconds * perSecond]) {
      host.send('everybody');
      await host.until('started');
      await host.orFailure(server.waiting(sessions));
      host.send('measure');
      await host.until('measuring');
      const written = await host.orFailure(server.speak(count, perSecond));
      const { measured } = await host.until('measured');
      if (count === 200) {
        continue;
      }
      const delays = delaysOf(count, written, measured.seen);
      host.send('end');
      await host.ended;
      return {
        cpuPercent: measured.cpuShare * 100,
        p50: percentile(delays, 0.5),
        p99: percentile(delays, 0.99),
        lateP99: percentile(measured.latenessMs, 0.99),
        messages: measured.posted / (measured.wallMs / frameMs),
      };
    }
    throw new Error('nothing was measured');
  } finally {
    host.kill();
    server.close();
  }
}

async function rowsAt(perSecond: number, root: string): Promise<readonly BenchRow[]> {
  const outcomes: Record<Way, Outcome[]> = { bytes: [], parsed: [], sdk: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const folder = path.join(root, `${perSecond}-${round}-${way}`);
      mkdirSync(folder);
      outcomes[way].push(await drive(way, folder, perSecond));
    }
  }
  const of = (way: Way, value: keyof Outcome): number => median(outcomes[way].map((outcome) => outcome[value]));
  const compared = (name: string, unit: string, value: keyof Outcome, way: Way, baselineName: string): BenchRow => ({
    name: `${perSecond}/s: ${name}`,
    value: of('ours', value),
    unit,
    baseline: of(way, value),
    baselineName,
  });
  return [
    compared('CPU', '% of a core', 'cpuPercent', 'bytes', 'bytes only read'),
    compared('CPU', '% of a core', 'cpuPercent', 'parsed', 'parsing alone'),
    compared('CPU', '% of a core', 'cpuPercent', 'sdk', "the SDK's own streams"),
    compared('server to panel, p50', 'ms', 'p50', 'sdk', "server to the SDK's event"),
    compared('server to panel, p99', 'ms', 'p99', 'sdk', "server to the SDK's event"),
    compared('timers late, p99', 'ms', 'lateP99', 'sdk', "the SDK's own streams"),
    {
      name: `${perSecond}/s: messages to the panel`,
      value: of('ours', 'messages'),
      unit: 'a frame',
      baseline: 1,
      baselineName: 'one a frame',
      maxRatio: 1.05,
    },
  ];
}

export const bench: Bench = {
  name: `${sessions} sessions by API key, so many deltas a second each`,
  async run() {
    const root = mkdtempSync(path.join(os.tmpdir(), 'ba-'));
    try {
      const rows: BenchRow[] = [];
      for (const rate of rates) {
        rows.push(...(await rowsAt(rate, root)));
      }
      return rows;
    } finally {
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  },
};
