import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from './systemErrors.ts';

/** Names the variable by which every process of a tree can be found, also one that left its session and its parent. */
export const markVariable = 'GREENROOM_PROCESS_MARK';

export interface TreeRoot {
  /** The leader of the tree's session and group; it may be dead already. */
  readonly pid: number;
  /** From `startTimeOf`: tells the leader from a later process of the same pid. */
  readonly startTime: string | undefined;
  /** The value of `markVariable` in the environment of the tree. */
  readonly mark: string;
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly zombie: boolean;
  /** Together with the pid it names the process, whose pid may be used again. */
  readonly startTime: string;
}

const firstPollMs = 5;
const longestPollMs = 100;
/** A killed process is gone at once unless the kernel holds it; after this time it is reported instead. */
const killPatienceMs = 3000;

/** Whether a process of this pid exists and is no zombie, as far as it can be told. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    return readStat(pid)?.zombie === false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Sends a signal, but never to a group, to init or to ourselves. False if there is no such process. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) {
    return false;
  }
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Together with its pid this names a process for ever; undefined if there is none. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    return readStat(pid)?.startTime;
  }
  const entries = process.platform === 'win32' ? [] : await listProcesses();
  return entries.find((entry) => entry.pid === pid)?.startTime;
}

/** The pids of the direct children. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const entries = await listProcesses();
  return entries.filter((entry) => entry.parent === pid && !entry.zombie).map((entry) => entry.pid);
}

/**
 * Ends every process of the tree except `spare`: asks with SIGTERM, kills after `graceMs`, and looks again until none is
 * left. Returns the pids that could not be ended.
 */
export async function endTree(root: TreeRoot, graceMs: number, spare?: number): Promise<readonly number[]> {
  if (process.platform === 'win32') {
    await promisify(execFile)('taskkill', ['/pid', String(root.pid), '/T', '/F']).catch(() => undefined);
    return isAlive(root.pid) ? [root.pid] : [];
  }
  const asked = new Set<string>();
  const startedAt = performance.now();
  let pollMs = firstPollMs;
  for (;;) {
    const members = (await findTree(root)).filter((entry) => entry.pid !== spare);
    if (members.length === 0) {
      return [];
    }
    const elapsed = performance.now() - startedAt;
    if (elapsed > graceMs + killPatienceMs) {
      return members.map((entry) => entry.pid);
    }
    for (const entry of members) {
      const name = `${entry.pid}:${entry.startTime}`;
      if (elapsed >= graceMs) {
        signalProcess(entry.pid, 'SIGKILL');
      } else if (!asked.has(name)) {
        asked.add(name);
        signalProcess(entry.pid, 'SIGTERM');
      }
    }
    const remaining = graceMs - elapsed;
    const waitMs = remaining > 0 ? Math.min(pollMs, remaining) : pollMs;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    pollMs = Math.min(pollMs * 2, longestPollMs);
  }
}

/** The processes of a tree: the leader, its session and group, their descendants, and whoever carries the mark. */
async function findTree({ pid, startTime, mark }: TreeRoot): Promise<readonly ProcessEntry[]> {
  const needle = Buffer.from(`${markVariable}=${mark}\0`);
  // What is older than this host cannot be of its making, so its environment is not read.
  const youngerThan = Number(readStat(process.pid)?.startTime ?? 0);
  const entries = (await listProcesses()).filter((entry) => entry.pid > 1 && entry.pid !== process.pid);
  // The system does not give the pid of a session or a group to another process while it has members.
  const leader = entries.find((entry) => entry.pid === pid);
  const pidIsOurs = leader === undefined || leader.startTime === startTime;
  const found = new Set<number>(pidIsOurs ? [pid] : []);
  for (const entry of entries) {
    if (
      (pidIsOurs && (entry.session === pid || entry.group === pid)) ||
      (!entry.zombie && Number(entry.startTime) >= youngerThan && environmentHas(entry.pid, needle))
    ) {
      found.add(entry.pid);
    }
  }
  for (let grew = true; grew;) {
    grew = false;
    for (const entry of entries) {
      if (found.has(entry.parent) && !found.has(entry.pid)) {
        found.add(entry.pid);
        grew = true;
      }
    }
  }
  return entries.filter((entry) => found.has(entry.pid) && !entry.zombie);
}

function environmentHas(pid: number, needle: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(needle);
  } catch {
    return false;
  }
}

async function listProcesses(): Promise<readonly ProcessEntry[]> {
  if (process.platform === 'linux') {
    const entries: ProcessEntry[] = [];
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      const entry = Number.isInteger(pid) ? readStat(pid) : undefined;
      if (entry !== undefined) {
        entries.push(entry);
      }
    }
    return entries;
  }
  const { stdout } = await promisify(execFile)('/bin/ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match === null) {
      return [];
    }
    const [, pid, parent, group, state, startTime] = match;
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: -1,
        zombie: state?.startsWith('Z') ?? false,
        startTime: startTime ?? '',
      },
    ];
  });
}

function readStat(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    startTime: fields[19] ?? '',
  };
}
