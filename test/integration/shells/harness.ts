import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redactor } from '../../../src/core/redact.ts';
import type { Shell } from '../../../src/core/shells/shell.ts';
import { ShellRegistry, type StartOptions } from '../../../src/core/shells/shellRegistry.ts';
import { NodeShellRunner } from '../../../src/platform/shellRunner.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryShellLogs } from '../../support/fakeShells.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { processesOf, reaperScript, type SeenProcess } from '../ledger/harness.ts';

export interface RealShellsOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isKept?: boolean;
}

/** By this variable a test knows every process that it has started. */
const variable = 'GREENROOM_SHELLS_TEST';

/** What shells run on, by whether it is a terminal, and whether they are to be taken back after a crash. */
export const grounds = [
  { name: 'on pipes', tty: false, isKept: false },
  { name: 'on pipes, to be taken back after a crash', tty: false, isKept: true },
  { name: 'on a terminal', tty: true, isKept: false },
] as const;

/** A registry with real processes. */
export class RealShells {
  readonly value = randomBytes(8).toString('hex');
  readonly log = new MemoryLog();
  readonly logs = new MemoryShellLogs();
  readonly runner: NodeShellRunner;
  readonly registry: ShellRegistry;
  limits = { maxRunning: 8, maxRetained: 32, unreadLimitBytes: 1 << 20, logLimitBytes: 10 << 20, killGraceMs: 300 };
  isolation: 'group' | 'namespace' = 'group';
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'rs-'));

  constructor({ environment = {}, isKept = false }: RealShellsOptions = {}) {
    this.runner = new NodeShellRunner({
      log: this.log,
      environment: () => ({ ...process.env, ...environment, [variable]: this.value }),
      isolation: () => this.isolation,
      keeping: {
        folder: path.join(this.root, 'kept'),
        ledgers: path.join(this.root, 'processes'),
        clock: systemClock,
        log: this.log,
        redactor: new Redactor(),
        reaper: reaperScript,
        isWanted: () => isKept,
      },
    });
    this.registry = new ShellRegistry({
      clock: systemClock,
      log: this.log,
      newId: () => randomBytes(16).toString('hex'),
      runner: this.runner,
      logs: this.logs,
      redactor: new Redactor(),
      limits: () => this.limits,
      onExit: () => 'inject',
    });
  }

  async start(command: string, options: Partial<StartOptions> = {}): Promise<Shell> {
    const started = this.registry.start({ sessionId: 's', command, cwd: os.tmpdir(), tty: false, ...options });
    if ('refused' in started) {
      throw new Error(`refused: ${started.refused}`);
    }
    await started.launched;
    return started.shell;
  }

  /** Runs a command to its end, or to where it has left something running. */
  async run(command: string, options: Partial<StartOptions> = {}): Promise<Shell> {
    const shell = await this.start(command, options);
    await this.until(shell, () => shell.status.kind !== 'running', 'the shell exits');
    return shell;
  }

  async until(shell: Shell, check: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
    try {
      await eventually(check, what, timeoutMs);
    } catch {
      const said = JSON.stringify(textOf(shell).slice(-500));
      throw new Error(
        `not within ${timeoutMs} ms: ${what}; it is ${JSON.stringify(shell.status)} and has said ${said}`,
      );
    }
  }

  /** Resolves with the pids that the command has printed as `p<pid>`. */
  async pids(shell: Shell, count: number): Promise<readonly number[]> {
    const found = (): readonly number[] => [...textOf(shell).matchAll(/p(\d+)\r?\n/g)].map(([, pid]) => Number(pid));
    await this.until(shell, () => found().length >= count, `${count} pids`);
    return found();
  }

  processes(): readonly SeenProcess[] {
    return processesOf(this.value);
  }

  /** What of shells could be taken back: nothing once they have ended. */
  keptFiles(): readonly string[] {
    return readdirSync(this.root).flatMap((name) => readdirSync(path.join(this.root, name)));
  }

  /** Ends what is left, and what a failed test has left. */
  async dispose(): Promise<void> {
    await this.registry.close();
    await this.runner.kept?.close();
    rmSync(this.root, { recursive: true, force: true });
    for (const { pid } of this.processes()) {
      if (pid > 1 && pid !== process.pid) {
        process.kill(pid, 'SIGKILL');
      }
    }
  }
}

/** All that the shell has said, as far as it is kept. */
export function textOf(shell: Shell): string {
  const { head, tail } = shell.unread.peek(true);
  return Buffer.concat([head, tail]).toString();
}

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Our children that nobody has waited for. */
export function zombies(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = statOf(name);
    return stat?.state === 'Z' && stat.parent === process.pid ? [Number(name)] : [];
  });
}

function statOf(name: string): { readonly state: string; readonly parent: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${name}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state: fields[0] ?? '', parent: Number(fields[1]) };
  } catch {
    return undefined;
  }
}
