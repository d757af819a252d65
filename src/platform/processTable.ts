import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { parsePs, parsePsMarks, parseStat, parseWindowsTable, type ProcessEntry } from './processEntry.ts';
import { errnoOf } from './systemErrors.ts';

/** Names the variable by which every process of a tree can be found, also one that left its session and its parent. */
export const markVariable = 'GREENROOM_PROCESS_MARK';

const maxTableBytes = 64 * 1024 * 1024;
/** The times of `ps` are words in the language and the zone of whoever asks. */
const psOptions = { maxBuffer: maxTableBytes, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC0' } };
const marksOptions = ['-axEwwo', 'pid=,command='];
const psColumns = 'pid=,ppid=,pgid=,stat=,lstart=,ucomm=';
const windowsQuery =
  'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) $($_.CreationDate.Ticks) $($_.Name)" }';

export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  switch (process.platform) {
    case 'linux':
      return listProcessesNow();
    case 'win32': {
      const args = ['-NoProfile', '-NonInteractive', '-Command', windowsQuery];
      const { stdout } = await promisify(execFile)('powershell.exe', args, { maxBuffer: maxTableBytes });
      return parseWindowsTable(stdout);
    }
    default:
      return parsePs((await promisify(execFile)('/bin/ps', ['-axo', psColumns], psOptions)).stdout);
  }
}

/** The same without waiting for anybody; on Windows nothing can be known so. */
export function listProcessesNow(): readonly ProcessEntry[] {
  switch (process.platform) {
    case 'linux':
      return readdirSync('/proc').flatMap((name) => readStat(Number(name)) ?? []);
    case 'win32':
      return [];
    default:
      return parsePs(execFileSync('/bin/ps', ['-axo', psColumns], psOptions).toString());
  }
}

/**
 * The marks in the environments of these processes, by pid, as far as they may be read: on Linux of all processes of
 * this person, on macOS of those that the system does not protect, on Windows of none.
 */
export async function readMarks(entries: readonly ProcessEntry[]): Promise<ReadonlyMap<number, string>> {
  if (process.platform === 'linux' || process.platform === 'win32') {
    return readMarksNow(entries);
  }
  const { stdout } = await promisify(execFile)('/bin/ps', marksOptions, psOptions);
  return parsePsMarks(stdout, markVariable);
}

/** The same without waiting for anybody. */
export function readMarksNow(entries: readonly ProcessEntry[]): ReadonlyMap<number, string> {
  switch (process.platform) {
    case 'linux':
      return new Map(
        entries.flatMap(({ pid }) => {
          const mark = markOf(pid);
          return mark === undefined ? [] : [[pid, mark] as const];
        }),
      );
    case 'win32':
      return new Map();
    default:
      return parsePsMarks(execFileSync('/bin/ps', marksOptions, psOptions).toString(), markVariable);
  }
}

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

/** Sends a signal to this very process: where the system tells at once, not to one that has its pid by now. */
export function signalEntry(entry: Pick<ProcessEntry, 'pid' | 'startTime'>, signal: NodeJS.Signals): boolean {
  if (process.platform === 'linux' && readStat(entry.pid)?.startTime !== entry.startTime) {
    return false;
  }
  return signalProcess(entry.pid, signal);
}

/**
 * Sends signals to a whole group at once, to whoever is in it at that moment. Its leader has to be there, alive or not yet
 * waited for: then the number is nobody else's. Answers whether the leader lived before that; undefined: nothing was sent.
 */
export function signalGroup(
  leader: { readonly pid: number; readonly startTime: string | undefined },
  ...signals: readonly NodeJS.Signals[]
): 'alive' | 'exited' | undefined {
  const { pid, startTime } = leader;
  if (process.platform === 'win32' || !Number.isInteger(pid) || pid <= 1 || pid === process.pid) {
    return undefined;
  }
  const found = process.platform === 'linux' ? readStat(pid) : undefined;
  if (process.platform === 'linux' && (found?.startTime !== startTime || found?.group !== pid)) {
    return undefined;
  }
  try {
    for (const signal of signals) {
      process.kill(-pid, signal);
    }
    return found?.zombie === true ? 'exited' : 'alive';
  } catch {
    return undefined;
  }
}

/** Whether anybody is in the group of this number. */
export function hasGroup(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) {
    return false;
  }
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Together with its pid this names a process for ever; undefined if there is none. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    return readStat(pid)?.startTime;
  }
  return (await listProcesses()).find((entry) => entry.pid === pid)?.startTime;
}

/** The same without waiting: 0 for a process that exists where the system does not tell at once. */
export function startTimeAtOnce(pid: number): string | undefined {
  const entry = readStat(pid);
  if (entry !== undefined) {
    return entry.zombie ? undefined : entry.startTime;
  }
  return isAlive(pid) ? '0' : undefined;
}

/** When this process started; undefined where the system tells it too late to wait for. */
export function ownStartTime(): string | undefined {
  switch (process.platform) {
    case 'linux':
      return readStat(process.pid)?.startTime;
    case 'win32':
      return undefined;
    default:
      try {
        const text = execFileSync('/bin/ps', ['-o', psColumns, '-p', String(process.pid)], psOptions).toString();
        return parsePs(text)[0]?.startTime;
      } catch {
        return undefined;
      }
  }
}

export function readStat(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

function markOf(pid: number): string | undefined {
  let environment: string;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return undefined;
  }
  const needle = `${markVariable}=`;
  for (let at = environment.indexOf(needle); at >= 0; at = environment.indexOf(needle, at + 1)) {
    if (at === 0 || environment[at - 1] === '\0') {
      const end = environment.indexOf('\0', at);
      return environment.slice(at + needle.length, end < 0 ? undefined : end);
    }
  }
  return undefined;
}
