import { createRequire } from 'node:module';
import os from 'node:os';
import type { Log } from '../../src/base/log.ts';
import type { NodePty } from '../../src/platform/nodePty.ts';
import { NodeProcessLauncher } from '../../src/platform/processLauncher.ts';
import { LineDecoder } from '../../src/runtimes/shared/lineDecoder.ts';
import { median, type Bench } from './bench.ts';

const rounds = 7;
const lossRounds = 20;
/** A line as the CLI prints one for a piece of text. */
const line = `{"type":"stream_event","event":{"type":"content_block_delta","delta":{"text":"${'x'.repeat(120)}"}}}`;
const floodLines = 100_000;
const floodBytes = (line.length + 1) * floodLines;
const flood = `yes '${line}' | head -n ${floodLines}`;
const short = 'seq 1 20000';
const shortBytes = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('').length;

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const env = { PATH: process.env['PATH'] ?? '' };
const nodePty = createRequire(import.meta.url)('node-pty') as NodePty;
const launcher = new NodeProcessLauncher({ log: silent });

interface Measured {
  readonly bytes: number;
  readonly ms: number;
}

async function ours(script: string): Promise<Measured> {
  const started = performance.now();
  const agent = await launcher.launch({ command: '/bin/sh', args: ['-c', script], cwd: os.tmpdir(), env });
  const decoder = new LineDecoder();
  let bytes = 0;
  agent.onOutput((piece) => {
    bytes += piece.length;
    decoder.push(piece);
  });
  await agent.ended;
  return { bytes, ms: performance.now() - started };
}

/** What one gets from node-pty by its manual; line ends are counted as the program wrote them. */
function plain(script: string): Promise<Measured> {
  const started = performance.now();
  const pty = nodePty.spawn('/bin/sh', ['-c', script], {
    name: 'xterm',
    cols: 200,
    rows: 50,
    cwd: os.tmpdir(),
    env,
    encoding: null,
  });
  let bytes = 0;
  pty.onData((piece) => {
    bytes += piece.length - piece.filter((byte) => byte === 13).length;
  });
  return new Promise((resolve) => pty.onExit(() => resolve({ bytes, ms: performance.now() - started })));
}

const mbPerSecond = ({ bytes, ms }: Measured): number => bytes / 1e6 / (ms / 1000);

export const bench: Bench = {
  name: 'pseudo-terminal',
  async run() {
    const speeds = { ours: [] as number[], plain: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      speeds.plain.push(mbPerSecond(await plain(flood)));
      const measured = await ours(flood);
      if (measured.bytes !== floodBytes) {
        throw new Error(`lost ${floodBytes - measured.bytes} of ${floodBytes} bytes`);
      }
      speeds.ours.push(mbPerSecond(measured));
    }
    const cut = { ours: 0, plain: 0 };
    const times = { ours: [] as number[], plain: [] as number[] };
    for (let round = 0; round < lossRounds; round++) {
      const there = await plain(short);
      const here = await ours(short);
      cut.plain += there.bytes === shortBytes ? 0 : 1;
      cut.ours += here.bytes === shortBytes ? 0 : 1;
      times.plain.push(there.ms);
      times.ours.push(here.ms);
    }
    return [
      {
        name: 'time for a megabyte of lines',
        value: 1000 / median(speeds.ours),
        unit: 'ms',
        baseline: 1000 / median(speeds.plain),
        baselineName: 'node-pty by its manual',
        maxRatio: 1,
      },
      {
        name: `runs cut short of ${lossRounds}`,
        value: cut.ours,
        unit: 'runs',
        baseline: Math.max(cut.plain, 1),
        baselineName: 'node-pty by its manual',
        maxRatio: 0,
      },
      {
        name: 'start to end of a short run',
        value: median(times.ours),
        unit: 'ms',
        baseline: median(times.plain),
        baselineName: 'node-pty by its manual',
      },
    ];
  },
};
