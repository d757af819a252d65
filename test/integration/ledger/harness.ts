import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { recoverProcesses } from '../../../src/platform/ledgerRecovery.ts';
import { PrivateFolder } from '../../../src/platform/privateFolder.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

export const reaperScript = fileURLToPath(new URL('../../../src/platform/reaperMain.ts', import.meta.url));

/** By this variable a test knows every process that it has started, the reaper too. */
const variable = 'GREENROOM_LEDGER_TEST';

export interface SeenProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly parent: number;
  readonly command: string;
}

/** The living processes of a test, found without the code under test. */
export function processesOf(value: string): readonly SeenProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || !readFileSync(`/proc/${name}/environ`, 'latin1').includes(value)) {
        return [];
      }
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
      return fields[0] === 'Z' || fields[0] === 'X'
        ? []
        : [{ pid: Number(name), startTime: fields[19] ?? '', parent: Number(fields[1]), command }];
    } catch {
      return [];
    }
  });
}

/** One window after the other: a folder for their ledgers, and what they start. */
export class Ground {
  readonly value = randomBytes(8).toString('hex');
  readonly root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gl-')));
  readonly folder: string;
  readonly log = new MemoryLog();

  constructor() {
    this.folder = path.join(this.root, 'processes');
  }

  async host(
    options: { readonly transport?: 'pty' | 'pipe'; readonly reaper?: string; readonly folder?: string },
    scripts: readonly string[],
  ): Promise<Host> {
    const host = new Host(this, options, scripts);
    await host.until(/^ready$/m);
    return host;
  }

  /** What a window does at its start. */
  recover(): Promise<string | undefined> {
    return recoverProcesses({ folder: this.folder, clock: systemClock, log: this.log, graceMs: 100 });
  }

  processes(): readonly SeenProcess[] {
    return processesOf(this.value);
  }

  async untilGone(): Promise<void> {
    await eventually(() => this.processes().length === 0, 'all processes of the test end');
  }

  ledgers(): readonly string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return [];
    }
  }

  environment(): NodeJS.ProcessEnv {
    return { ...process.env, [variable]: this.value };
  }

  /** Ends what a failed test has left, and only that. */
  dispose(): void {
    for (const { pid } of this.processes()) {
      if (pid > 1 && pid !== process.pid) {
        process.kill(pid, 'SIGKILL');
      }
    }
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    PrivateFolder.removeLeftovers();
  }
}

export class Host {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ground: Ground;
  #output = '';
  #wake: (() => void)[] = [];

  constructor(
    ground: Ground,
    {
      transport = 'pty',
      reaper = reaperScript,
      folder = ground.folder,
    }: { readonly transport?: 'pty' | 'pipe'; readonly reaper?: string; readonly folder?: string },
    scripts: readonly string[],
  ) {
    this.#ground = ground;
    const file = fileURLToPath(new URL('./ledgerHost.ts', import.meta.url));
    this.child = spawn(process.execPath, [file, folder, transport, reaper, ...scripts], {
      env: ground.environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      const waiting = this.#wake;
      this.#wake = [];
      for (const wake of waiting) {
        wake();
      }
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves once the output fits. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match !== null) {
        return match;
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Resolves with the pids that the scripts have printed as `p<pid>`. */
  async pids(count: number): Promise<readonly number[]> {
    await this.until(new RegExp(`(?:p\\d+\\r?\\n[^]*?){${count}}`));
    return [...this.#output.matchAll(/p(\d+)\r?\n/g)].map(([, pid]) => Number(pid));
  }

  reaper(): SeenProcess | undefined {
    return this.#ground.processes().find(({ parent, command }) => parent === this.pid && command.includes('reaper'));
  }

  async kill(): Promise<void> {
    const exited = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await exited;
  }

  async close(): Promise<void> {
    const exited = once(this.child, 'close');
    this.child.stdin.write('close\n');
    await exited;
  }
}

/** A program with children that have left it in every way there is. */
export const escapist = `
  setsid sh -c 'echo p$$; exec sleep 1000' &
  (setsid sh -c 'sleep 1000 & echo p$!' &)
  setsid bash -c 'trap "" TERM HUP INT; echo p$BASHPID; while :; do sleep 1000; done' &
  nohup sleep 1000 >/dev/null 2>&1 & echo p$!
  echo p$$
  while :; do sleep 1000; done`;
export const escapistPids = 5;
