import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessEntry } from './processEntry.ts';
import { isAlive, listProcesses, readMarks, signalEntry } from './processTable.ts';
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
  const { graceMs, spare, onFound } = options;
  const known = new Set<string>();
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
    if (process.platform === 'win32') {
      await endOnWindows(members, known, onFound);
    }
    for (const entry of process.platform === 'win32' ? [] : members) {
      const isNew = !known.has(identityOf(entry));
      if (isNew) {
        known.add(identityOf(entry));
        onFound?.(entry);
      }
      if (elapsed >= graceMs) {
        signalEntry(entry, 'SIGKILL');
      } else if (isNew) {
        signalEntry(entry, 'SIGTERM');
      }
    }
    const remaining = graceMs - elapsed;
    const waitMs = remaining > 0 ? Math.min(pollMs, remaining) : pollMs;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    pollMs = Math.min(pollMs * 2, longestPollMs);
  }
}

/** Windows knows no request to end that a program without a window would hear: its trees are ended at once. */
async function endOnWindows(
  members: readonly ProcessEntry[],
  known: Set<string>,
  onFound: EndOptions['onFound'],
): Promise<void> {
  for (const entry of members) {
    if (!known.has(identityOf(entry))) {
      known.add(identityOf(entry));
      onFound?.(entry);
    }
    if (isAlive(entry.pid)) {
      await promisify(execFile)('taskkill', ['/pid', String(entry.pid), '/T', '/F']).catch(() => undefined);
    }
  }
}

async function findMembers(
  roots: readonly TreeRoot[],
  known: ReadonlySet<string>,
  { bornAfter, host = { pid: process.pid, parent: process.ppid } }: EndOptions,
): Promise<readonly ProcessEntry[]> {
  const table = await listProcesses();
  const bystanders = new Set([process.pid, ...bystandersOf(table, host.pid, host.parent)]);
  const earliest = Number(bornAfter ?? 0);
  const marks = await readMarks(
    table.filter((entry) => !entry.zombie && !bystanders.has(entry.pid) && Number(entry.startTime) >= earliest),
  );
  return treeMembers(table, { roots, marks, known, bystanders });
}
