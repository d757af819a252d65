import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { Redactor } from '../../../src/core/redact.ts';
import type { Shell } from '../../../src/core/shells/shell.ts';
import { ShellRegistry, type StartOptions } from '../../../src/core/shells/shellRegistry.ts';
import { NodeShellRunner } from '../../../src/platform/shellRunner.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryShellLogs } from '../../support/fakeShells.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { processesOf, type SeenProcess } from '../ledger/harness.ts';

/** By this variable a test knows every process that it has started. */
const variable = 'GREENROOM_SHELLS_TEST';

/** A registry with real processes. */
export class RealShells {
  readonly value = randomBytes(8).toString('hex');
  readonly log = new MemoryLog();
  readonly logs = new MemoryShellLogs();
  readonly runner: NodeShellRunner;
  readonly registry: ShellRegistry;
  limits = { maxRunning: 8, maxRetained: 32, unreadLimitBytes: 1 << 20, logLimitBytes: 10 << 20, killGraceMs: 300 };
  isolation: 'group' | 'namespace' = 'group';

  constructor(environment: Readonly<Record<string, string>> = {}) {
    this.runner = new NodeShellRunner({
      log: this.log,
      environment: () => ({ ...process.env, ...environment, [variable]: this.value }),
      isolation: () => this.isolation,
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

  /** Ends what is left, and what a failed test has left. */
  async dispose(): Promise<void> {
    await this.registry.close();
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
