import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessEntry } from './processEntry.ts';
import { isAlive, listProcesses, listProcessesNow, readMarks, readMarksNow, signalEntry } from './processTable.ts';
import { bystandersOf, identityOf, treeMembers, type TreeRoot } from './treeMembers.ts';

export interface EndOptions {
  readonly graceMs: number;
  /** Is not ended. */
  readonly spare?: number | undefined;
  /** Whose trees they are, and what started it: see `bystandersOf`. This process and its parent, if not said. */
  readonly host?: { readonly pid: number; readonly parent: number };
  /** What is older than this cannot belong to the trees, so its environment is not read. */
  readonly bornAfter?: string | undefined;
  /** Told of each process once, before it is signalled. */
  readonly onFound?: (entry: ProcessEntry) => void;
  /** Told of each signal that was sent. */
  readonly onSignal?: (entry: ProcessEntry, signal: 'SIGTERM' | 'SIGKILL') => void;
  /** False: the process is not asked, only killed once its time is up. */
  readonly asks?: (entry: ProcessEntry) => boolean;
  /** What was found before, by `identityOf`; what is found is added. */
  readonly known?: Set<string>;
}

export interface NowOptions {
  readonly graceMs: number;
  /** What only holds something for the others is ended as soon as they are gone. */
  readonly holders?: ReadonlySet<number>;
}

const firstPollMs = 5;
const longestPollMs = 100;
/** A killed process is gone at once unless the kernel holds it; after this time it is reported instead. */
const killPatienceMs = 3000;

/** The pids of the direct children. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const entries = await listProcesses();
  return entries.filter((entry) => entry.parent === pid && !entry.zombie).map((entry) => entry.pid);
}

/** `endTrees` for one tree. Returns the pids that could not be ended. */
export async function endTree(root: TreeRoot, graceMs: number, spare?: number): Promise<readonly number[]> {
  return (await endTrees([root], { graceMs, spare })).map(({ pid }) => pid);
}

/**
 * Ends every process of the trees: asks with SIGTERM, kills after `graceMs`, and looks again until none is left. Returns
 * those that could not be ended.
 */
export async function endTrees(roots: readonly TreeRoot[], options: EndOptions): Promise<readonly ProcessEntry[]> {
  const { graceMs, spare, onFound, onSignal } = options;
  const known = options.known ?? new Set<string>();
  const told = new Set<string>();
  const startedAt = performance.now();
  let pollMs = firstPollMs;
  for (;;) {
    const members = (await findMembers(roots, known, options)).filter((entry) => entry.pid !== spare);
    if (members.length === 0) {
      return [];
    }
    const elapsed = performance.now() - startedAt;
    if (elapsed > graceMs + killPatienceMs) {
      return members;
    }
    const isTimeUp = elapsed >= graceMs;
    let foundAny = false;
    for (const entry of members) {
      const isNew = !told.has(identityOf(entry));
      if (isNew) {
        foundAny = true;
        told.add(identityOf(entry));
        known.add(identityOf(entry));
        onFound?.(entry);
      }
      if (process.platform === 'win32') {
        await endOnWindows(entry);
      } else if (isTimeUp || (isNew && options.asks?.(entry) !== false)) {
        const signal = isTimeUp ? 'SIGKILL' : 'SIGTERM';
        onSignal?.(entry, signal);
        askToEnd(entry, signal);
      }
    }
    if (isTimeUp && foundAny) {
      // Who starts others while they are killed is not given the time for it.
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const waitMs = isTimeUp ? pollMs : Math.min(pollMs, graceMs - elapsed);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    pollMs = Math.min(pollMs * 2, longestPollMs);
  }
}

/** One that is stopped hears the request only when it goes on. */
function askToEnd(entry: ProcessEntry, signal: 'SIGTERM' | 'SIGKILL'): void {
  signalEntry(entry, signal);
  if (signal === 'SIGTERM') {
    signalEntry(entry, 'SIGCONT');
  }
}

/**
 * `endTrees` for the moment in which this process ends: returns only when nothing lives any more, or when it cannot be
 * ended. Nothing else happens meanwhile.
 */
export function endTreesNow(
  roots: readonly TreeRoot[],
  { graceMs, holders = new Set() }: NowOptions,
): readonly ProcessEntry[] {
  if (process.platform === 'win32') {
    for (const { pid } of roots) {
      spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
    }
    return [];
  }
  const known = new Set<string>();
  const startedAt = performance.now();
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 2, longestPollMs)) {
    const table = listProcessesNow();
    const bystanders = new Set([process.pid, ...bystandersOf(table, process.pid, process.ppid)]);
    const marks = readMarksNow(youngerThan(table, undefined, bystanders));
    const members = treeMembers(table, { roots, marks, known, bystanders });
    const elapsed = performance.now() - startedAt;
    if (members.length === 0 || elapsed > graceMs + killPatienceMs) {
      return members;
    }
    const isOver = elapsed >= graceMs || members.every(({ pid }) => holders.has(pid));
    for (const entry of members) {
      if (isOver) {
        signalEntry(entry, 'SIGKILL');
      } else if (!known.has(identityOf(entry))) {
        askToEnd(entry, 'SIGTERM');
      }
      known.add(identityOf(entry));
    }
    Atomics.wait(
      new Int32Array(new SharedArrayBuffer(4)),
      0,
      0,
      elapsed < graceMs ? Math.min(pollMs, graceMs - elapsed) : pollMs,
    );
  }
}

/** Windows knows no request to end that a program without a window would hear: its trees are ended at once. */
async function endOnWindows({ pid }: ProcessEntry): Promise<void> {
  if (isAlive(pid)) {
    await promisify(execFile)('taskkill', ['/pid', String(pid), '/T', '/F']).catch(() => undefined);
  }
}

/** The living processes of the trees, as `treeMembers` finds them. */
export async function findMembers(
  roots: readonly TreeRoot[],
  known: ReadonlySet<string>,
  { bornAfter, host = { pid: process.pid, parent: process.ppid } }: Pick<EndOptions, 'bornAfter' | 'host'>,
): Promise<readonly ProcessEntry[]> {
  const table = await listProcesses();
  const bystanders = new Set([process.pid, ...bystandersOf(table, host.pid, host.parent)]);
  const marks = await readMarks(youngerThan(table, bornAfter, bystanders));
  return treeMembers(table, { roots, marks, known, bystanders });
}

/** Whose environment is worth reading. */
function youngerThan(
  table: readonly ProcessEntry[],
  bornAfter: string | undefined,
  bystanders: ReadonlySet<number>,
): readonly ProcessEntry[] {
  const earliest = Number(bornAfter ?? 0);
  return table.filter(({ zombie, pid, startTime }) => !zombie && !bystanders.has(pid) && Number(startTime) >= earliest);
}
