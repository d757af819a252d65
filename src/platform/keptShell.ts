import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { constants } from 'node:os';
import { messageOf } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import type { KillResult, ShellEvents, ShellMemory, ShellProcess } from '../core/shells/shellPorts.ts';
import type { KeptFiles } from './keptFiles.ts';
import { PipeOutlet } from './pipeOutlet.ts';
import type { ProcessRecord } from './processRecord.ts';
import { isAlive, readStat, startTimeOf } from './processTable.ts';
import type { ReadPacer } from './readPacer.ts';
import { startAtDeath } from './reaper.ts';
import { ShellLife } from './shellLife.ts';
import { ShellTree } from './shellTree.ts';

/**
 * Runs `"$@"` and leaves its exit code in a file. It outlives what is asked of the command to end, so that it can tell
 * how the command took it; what it would say itself is no output of the command.
 */
const codeScript = [
  'gr_file=$1; shift',
  'trap : HUP INT QUIT TERM',
  'exec 3>&2 2>/dev/null',
  '"$@" 2>&3 3>&-',
  'gr_code=$?',
  'umask 077',
  'echo "$gr_code" >"$gr_file"',
  'exit "$gr_code"',
].join('\n');

/** Holds what is open until nobody can take the shell back any more: while the ledger has this name. */
const holdingScript = 'while [ -e "$1" ]; do sleep 1; done';

/** How often the leader is looked at that is another host's child, and while it is being ended. */
const watchMs = 250;
const endingWatchMs = 10;
/** The system does not tell everywhere at once whether it is still the same process. */
const looksPerSearch = 8;

export interface KeptLaunch {
  readonly files: KeptFiles;
  /** The path of the ledger that has its processes. */
  readonly ledger: string;
  readonly record: ProcessRecord;
  readonly pacer: ReadPacer;
  readonly events: ShellEvents;
  readonly log: Log;
}

export interface NewKeptShell extends KeptLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A shell of a dead host, whose output was opened already. */
export interface FoundShell extends KeptLaunch {
  readonly leader: { readonly pid: number; readonly startTime: string };
  readonly readers: readonly number[];
}

/** A shell on pipes that have names: it can go on when its window has died, and another window takes it back. */
export class KeptShell implements ShellProcess {
  readonly pid: number;
  readonly tree: ShellTree;
  readonly life: ShellLife;
  readonly #files: KeptFiles;
  readonly #holder: Disposable | undefined;
  readonly #startTime: string | undefined;
  #watch: NodeJS.Timeout | undefined;
  #watchEveryMs = watchMs;
  #looks = 0;

  private constructor(pid: number, launch: KeptLaunch, readers: readonly number[], adoptedStartTime?: string) {
    const { files, ledger, record, pacer, events, log } = launch;
    this.pid = pid;
    this.#files = files;
    this.#startTime = adoptedStartTime;
    this.#holder = startHolder(ledger, readers, log);
    const [stdout = null, stderr = null] = readers.map((fd) => new net.Socket({ fd, readable: true, writable: false }));
    const counting: ShellEvents = {
      output: (bytes, isError) => {
        files.note({ seen: files.state.seen + bytes.length });
        events.output(bytes, isError);
      },
      readFailed: (message) => events.readFailed(message),
      exited: (code, left) => events.exited(code, left),
      left: (pids) => events.left(pids),
      ended: () => events.ended(),
    };
    const outlet = new PipeOutlet({ stdout, stderr }, counting, pacer);
    this.tree = new ShellTree({
      pid,
      mark: record.mark,
      sparesLeader: false,
      isNamespace: false,
      ...(adoptedStartTime === undefined ? {} : { adoptedStartTime }),
    });
    this.life = new ShellLife({ tree: this.tree, outlet, events: counting, record: this.#recordOf(record), log });
  }

  static async start(launch: NewKeptShell): Promise<KeptShell> {
    const { argv, cwd, env, files, record, log } = launch;
    const readers = files.openReaders();
    let writers: readonly number[] = [];
    try {
      writers = files.openWriters();
      const child = spawn('/bin/sh', ['-c', codeScript, 'greenroom-shell', files.codeFile, ...argv], {
        cwd,
        env,
        stdio: ['ignore', ...writers],
        // A session of its own, so that the whole of it can be found, and ended at once.
        detached: true,
      });
      const { pid } = child;
      if (pid === undefined) {
        return await new Promise<never>((_resolve, reject) => child.once('error', reject));
      }
      record.started(pid);
      child.on('error', (error) => log.error('a shell reported an error', error));
      const shell = new KeptShell(pid, launch, readers);
      child.on('exit', (code, signal) => {
        shell.tree.leaderIsGone();
        shell.life.exited(code ?? (signal === null ? -1 : 128 + constants.signals[signal]));
      });
      return shell;
    } catch (error) {
      readers.forEach((fd) => fs.closeSync(fd));
      throw error;
    } finally {
      // From here on only the shell writes, so that its end is the end of the output.
      writers.forEach((fd) => fs.closeSync(fd));
    }
  }

  /** Goes on with the shell of another host. */
  static adopt(found: FoundShell): KeptShell {
    const { pid, startTime } = found.leader;
    const shell = new KeptShell(pid, found, found.readers, startTime);
    shell.#watchAfter(0);
    return shell;
  }

  kill(graceMs: number): Promise<KillResult> {
    this.noteEnding();
    this.#watchEveryMs = endingWatchMs;
    if (this.#watch !== undefined) {
      this.#watchAfter(endingWatchMs);
    }
    return this.life.kill(graceMs);
  }

  /** Whatever happens from now on: it is not taken back. */
  noteEnding(): void {
    this.#files.note({ isEnding: true });
  }

  write(): Promise<void> {
    return Promise.reject(new Error(t('The shell has no terminal that could be written to.')));
  }

  resize(): void {
    // Pipes have no size.
  }

  remember({ isListed, readTo }: ShellMemory): void {
    if (!this.life.hasEnded) {
      this.#files.note({ isListed, readTo });
    }
  }

  #recordOf(record: ProcessRecord): ProcessRecord {
    return {
      mark: record.mark,
      started: (pid) => record.started(pid),
      gone: () => {
        clearTimeout(this.#watch);
        this.#holder?.dispose();
        this.#files.remove();
        record.gone();
      },
    };
  }

  #watchAfter(ms: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => void this.#look(), ms);
    this.#watch.unref();
  }

  async #look(): Promise<void> {
    this.#looks += 1;
    if (await this.#isLeaderAlive()) {
      this.#watchAfter(this.#watchEveryMs);
      return;
    }
    this.#watch = undefined;
    this.tree.leaderIsGone();
    this.life.exited(this.#files.readCode() ?? -1);
  }

  async #isLeaderAlive(): Promise<boolean> {
    if (process.platform === 'linux') {
      const stat = readStat(this.pid);
      return stat !== undefined && stat.startTime === this.#startTime && !stat.zombie;
    }
    if (!isAlive(this.pid)) {
      return false;
    }
    return this.#looks % looksPerSearch !== 1 || (await startTimeOf(this.pid)) === this.#startTime;
  }
}

/** Without one, what a shell says last can be lost if it ends with its window; it runs all the same. */
function startHolder(ledger: string, readers: readonly number[], log: Log): Disposable | undefined {
  try {
    const program = ['/bin/sh', '-c', holdingScript, 'greenroom-holder', ledger];
    return startAtDeath({ word: 'holder', program, holds: readers, log });
  } catch (error) {
    log.warn(`the holder could not be started: ${messageOf(error)}`);
    return undefined;
  }
}
