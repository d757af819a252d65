import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Log } from '../../src/base/log.ts';
import { Redactor } from '../../src/core/redact.ts';
import type { Shell } from '../../src/core/shells/shell.ts';
import { ShellRegistry } from '../../src/core/shells/shellRegistry.ts';
import type { NodePty } from '../../src/platform/nodePty.ts';
import { ShellLogFolder } from '../../src/platform/shellLogFolder.ts';
import { NodeShellRunner } from '../../src/platform/shellRunner.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { type Bench, type BenchRow, median } from './bench.ts';

const mebibyte = 1024 * 1024;
const unreadLimitBytes = mebibyte;
const logLimitBytes = 10 * mebibyte;
const session = '00000000-0000-4000-8000-000000000000';
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const nodePty = createRequire(import.meta.url)('node-pty') as NodePty;

const floodRounds = 9;
const floodMs = 700;
const floods = 8;
/** Better than this need not be. */
const leastLatenessMs = 1.5;
const lagMs = 3000;
const lagRounds = 3;
const killRounds = 9;
const line = 'a line of output as a build prints it, neither very short nor long enough to be wrapped anywhere';

const root = mkdtempSync(path.join(os.tmpdir(), 'gr-bench-'));
const registry = new ShellRegistry({
  clock: systemClock,
  log: silent,
  newId: () => randomBytes(16).toString('hex'),
  runner: new NodeShellRunner({ log: silent, environment: () => process.env, isolation: () => 'group' }),
  logs: new ShellLogFolder({
    root,
    limitBytes: () => logLimitBytes,
    redactor: new Redactor(),
    clock: systemClock,
    log: silent,
  }),
  redactor: new Redactor(),
  limits: () => ({ maxRunning: 16, maxRetained: 32, unreadLimitBytes, logLimitBytes, killGraceMs: 2000 }),
  onExit: () => 'silent',
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function start(command: string, tty = false): Promise<Shell> {
  const started = registry.start({ sessionId: session, command, cwd: os.tmpdir(), tty });
  if ('refused' in started) {
    throw new Error(started.refused);
  }
  await started.launched;
  return started.shell;
}

/** A process group of its own, without anything of ours. */
function bare(command: string, stdio: 'pipe' | 'ignore'): ChildProcess {
  return spawn('/bin/bash', ['-c', command], { cwd: os.tmpdir(), stdio: ['ignore', stdio, 'ignore'], detached: true });
}

async function killBare(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  process.kill(-groupOf(child), 'SIGKILL');
  await exited;
}

function groupOf({ pid }: ChildProcess): number {
  if (pid === undefined || pid <= 1) {
    throw new Error('nothing was started');
  }
  return pid;
}

/** MB per second of one `yes`, as Node gives the bytes of a pipe. */
async function bareSpeed(): Promise<number> {
  const child = bare('yes', 'pipe');
  let bytes = 0;
  child.stdout?.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  const speed = await measured(() => bytes);
  await killBare(child);
  return speed;
}

async function shellSpeed(): Promise<number> {
  const shell = await start('yes');
  const speed = await measured(() => shell.output.end);
  await shell.kill();
  assertExact(shell);
  return speed;
}

async function measured(bytes: () => number): Promise<number> {
  await sleep(100);
  const [from, started] = [bytes(), performance.now()];
  await sleep(floodMs);
  return (bytes() - from) / 1000 / (performance.now() - started);
}

/** What was dropped is known to the byte. */
function assertExact(shell: Shell): void {
  const { head, droppedBytes, tail, from, to } = shell.unread.peek(true);
  if (from !== 0 || to !== shell.output.end || head.length + droppedBytes + tail.length !== to) {
    throw new Error(`${droppedBytes} bytes are said to be dropped of ${to}`);
  }
}

/** The 99th percentile of how late a timer of 5 ms is. */
async function lateness(): Promise<number> {
  const late: number[] = [];
  const end = performance.now() + lagMs;
  for (let due = performance.now() + 5; due < end; due = performance.now() + 5) {
    await sleep(5);
    late.push(Math.max(0, performance.now() - due));
  }
  return late.toSorted((a, b) => a - b)[Math.floor(late.length * 0.99)] ?? Number.NaN;
}

async function naiveLateness(): Promise<number> {
  const children = Array.from({ length: floods }, () => {
    const child = bare('yes', 'pipe');
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      text = text.slice(-unreadLimitBytes);
    });
    return child;
  });
  await sleep(300);
  const late = await lateness();
  await Promise.all(children.map(killBare));
  return late;
}

/** As many processes beside us that nobody reads: what the machine itself does to the event loop. */
async function unreadLateness(): Promise<number> {
  const children = Array.from({ length: floods }, () => bare('yes > /dev/null', 'ignore'));
  await sleep(300);
  const late = await lateness();
  await Promise.all(children.map(killBare));
  return late;
}

async function shellLateness(): Promise<{ readonly late: number; readonly grownBytes: number }> {
  const before = process.memoryUsage().rss;
  const shells = await Promise.all(Array.from({ length: floods }, () => start('yes')));
  await sleep(300);
  const late = await lateness();
  const grownBytes = process.memoryUsage().rss - before;
  await Promise.all(shells.map((shell) => shell.kill()));
  shells.forEach(assertExact);
  return { late, grownBytes };
}

/** Prints its pids, and waits. */
const group = (size: number): string =>
  `for i in $(seq ${size - 1}); do sleep 1000 & echo $!; done; echo $$; echo ready; ${size === 1 ? 'exec sleep 1000' : 'wait'}`;

function pidsIn(text: string): readonly number[] {
  return [...text.matchAll(/^(\d+)$/gm)].map(([, pid]) => Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Milliseconds until none of them lives. */
async function untilDead(pids: readonly number[], started: number): Promise<number> {
  while (pids.some(isAlive)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - started;
}

async function bareKill(size: number): Promise<number> {
  const child = bare(group(size), 'pipe');
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  while (!text.includes('ready')) await sleep(2);
  const exited = once(child, 'exit');
  const started = performance.now();
  process.kill(-groupOf(child), 'SIGKILL');
  const ms = await untilDead(pidsIn(text), started);
  await exited;
  return ms;
}

async function shellKill(size: number): Promise<{ readonly dead: number; readonly known: number }> {
  const shell = await start(group(size));
  const text = (): string => Buffer.from(shell.unread.peek(false).head).toString();
  while (!text().includes('ready')) await sleep(2);
  const pids = pidsIn(text());
  const started = performance.now();
  const killed = shell.kill().then(() => performance.now() - started);
  const dead = await untilDead(pids, started);
  return { dead, known: await killed };
}

/** MB per second of lines on a terminal. */
async function shellTerminalSpeed(): Promise<number> {
  const shell = await start(`yes '${line}'`, true);
  const speed = await measured(() => shell.output.end);
  await shell.kill();
  assertExact(shell);
  return speed;
}

async function plainTerminalSpeed(): Promise<number> {
  const pty = nodePty.spawn('/bin/bash', ['-c', `yes '${line}'`], {
    name: 'xterm',
    cols: 120,
    rows: 30,
    cwd: os.tmpdir(),
    env: { PATH: process.env['PATH'] ?? '' },
    encoding: null,
  });
  let bytes = 0;
  pty.onData((piece) => {
    bytes += piece.length;
  });
  const speed = await measured(() => bytes);
  const exited = new Promise((resolve) => pty.onExit(resolve));
  if (pty.pid > 1) {
    process.kill(pty.pid, 'SIGKILL');
  }
  await exited;
  return speed;
}

async function floodRows(): Promise<readonly BenchRow[]> {
  const speeds = { ours: [] as number[], bare: [] as number[] };
  for (let round = 0; round < floodRounds; round++) {
    speeds.bare.push(await bareSpeed());
    speeds.ours.push(await shellSpeed());
  }
  const lags = { ours: [] as number[], naive: [] as number[], unread: [] as number[] };
  const grown: number[] = [];
  for (let round = 0; round < lagRounds; round++) {
    // Before the strings have grown the heap.
    const { late, grownBytes } = await shellLateness();
    lags.ours.push(late);
    grown.push(grownBytes);
    lags.unread.push(await unreadLateness());
    lags.naive.push(await naiveLateness());
  }
  return [
    {
      name: 'one flood: time for a GB',
      value: 1_000_000 / median(speeds.ours),
      unit: 'ms',
      baseline: 1_000_000 / median(speeds.bare),
      baselineName: "Node's pipe, bytes only counted",
      maxRatio: 1 / 0.9,
    },
    {
      name: `${floods} floods: lateness of a timer, p99`,
      value: median(lags.ours),
      unit: 'ms',
      baseline: Math.max(median(lags.unread), leastLatenessMs),
      baselineName: 'as many that write to nowhere, or 1.5 ms',
      maxRatio: 1,
    },
    {
      name: `${floods} floods: the same`,
      value: median(lags.ours),
      unit: 'ms',
      baseline: median(lags.naive),
      baselineName: 'a string that keeps its last MiB',
    },
    {
      name: `${floods} floods: memory`,
      value: Math.max(...grown) / mebibyte,
      unit: 'MiB',
      baseline: (floods * (logLimitBytes + unreadLimitBytes / 4)) / mebibyte,
      baselineName: 'the limits of log and unread output',
      maxRatio: 1.1,
    },
  ];
}

async function killRows(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of [1, 16, 100]) {
    const times = { ours: [] as number[], known: [] as number[], bare: [] as number[] };
    for (let round = 0; round < killRounds; round++) {
      times.bare.push(await bareKill(size));
      const { dead, known } = await shellKill(size);
      times.ours.push(dead);
      times.known.push(known);
    }
    const baseline = { unit: 'ms', baseline: median(times.bare), baselineName: 'KILL to the bare group' };
    rows.push({ name: `kill ${size}: until all are dead`, value: median(times.ours), ...baseline, maxRatio: 1.5 });
    rows.push({ name: `kill ${size}: until it is checked`, value: median(times.known), ...baseline });
  }
  return rows;
}

async function terminalRow(): Promise<BenchRow> {
  const speeds = { ours: [] as number[], plain: [] as number[] };
  for (let round = 0; round < floodRounds; round++) {
    speeds.plain.push(await plainTerminalSpeed());
    speeds.ours.push(await shellTerminalSpeed());
  }
  return {
    name: 'terminal: time for a GB of lines',
    value: 1_000_000 / median(speeds.ours),
    unit: 'ms',
    baseline: 1_000_000 / median(speeds.plain),
    baselineName: 'node-pty, bytes only counted',
    maxRatio: 1 / 0.95,
  };
}

export const bench: Bench = {
  name: 'shells',
  async run() {
    try {
      // Everything is compiled and loaded once before it counts.
      await shellSpeed();
      await bareSpeed();
      return [...(await floodRows()), ...(await killRows()), await terminalRow()];
    } finally {
      await registry.close();
      rmSync(root, { recursive: true, force: true });
    }
  },
};
