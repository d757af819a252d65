import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { t } from '../base/l10n.ts';
import type { Log } from '../base/log.ts';
import type { KillResult, ShellEvents, ShellProcess } from '../core/shells/shellPorts.ts';
import type { ProcessRecord } from './processRecord.ts';
import { PipeOutlet } from './pipeOutlet.ts';
import type { ReadPacer } from './readPacer.ts';
import { ShellLife } from './shellLife.ts';
import { ShellTree } from './shellTree.ts';

export interface ShellLaunch {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The program makes a namespace, and tells the code of what runs there by itself. */
  readonly isNamespace: boolean;
  readonly record: ProcessRecord;
  readonly pacer: ReadPacer;
  readonly events: ShellEvents;
  readonly log: Log;
}

/** Where a namespace's first process writes the exit code. */
export const codeDescriptor = 3;

/** A shell whose output and error output are pipes, and which has no input. */
export class PipeShell implements ShellProcess {
  readonly pid: number;
  readonly tree: ShellTree;
  readonly life: ShellLife;

  private constructor(child: ChildProcess, pid: number, launch: ShellLaunch) {
    const { isNamespace, record, pacer, events, log } = launch;
    this.pid = pid;
    this.tree = new ShellTree({ pid, mark: record.mark, sparesLeader: false, isNamespace });
    const outlet = new PipeOutlet(child, events, pacer);
    this.life = new ShellLife({ tree: this.tree, outlet, events, record, log });
    child.on('exit', (code, signal) => {
      this.tree.leaderIsGone();
      this.life.exited(code ?? (signal === null ? -1 : 128 + constants.signals[signal]));
    });
    if (isNamespace) {
      readCode(child.stdio[codeDescriptor] as Readable, (code) => this.life.exited(code));
    }
  }

  static async start(launch: ShellLaunch): Promise<PipeShell> {
    const { argv, cwd, env, isNamespace, record, log } = launch;
    const [program = '', ...args] = argv;
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...(isNamespace ? (['pipe'] as const) : [])],
      // A session of its own, so that the whole of it can be found, and ended at once.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    if (child.pid !== undefined) {
      record.started(child.pid);
    }
    const { pid } = child;
    if (pid === undefined) {
      return new Promise((_resolve, reject) => child.once('error', reject));
    }
    child.on('error', (error) => log.error('a shell reported an error', error));
    return new PipeShell(child, pid, launch);
  }

  kill(graceMs: number): Promise<KillResult> {
    return this.life.kill(graceMs);
  }

  write(): Promise<void> {
    return Promise.reject(new Error(t('The shell has no terminal that could be written to.')));
  }

  resize(): void {
    // Pipes have no size.
  }
}

/** The code is a line of digits; whoever holds the pipe longer does not matter. */
function readCode(stream: Readable, onCode: (code: number) => void): void {
  let text = '';
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('latin1')).slice(0, 16);
    const match = /^(\d{1,3})\n/.exec(text);
    if (match !== null) {
      onCode(Number(match[1]));
      stream.destroy();
    }
  });
}
