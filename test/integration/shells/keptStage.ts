import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Shell } from '../../../src/core/shells/shell.ts';
import { eventually } from '../../support/eventually.ts';
import { Ground, reaperScript } from '../ledger/harness.ts';
import { KeptWindow, readAll, type WindowOptions } from './keptWindow.ts';

const hostFile = fileURLToPath(new URL('./keptHost.ts', import.meta.url));

/** Most of what windows do for each other needs none, and it takes a while to start. */
const noReaper = '';
export const withReaper = { reaper: reaperScript } as const;

/** As `eventually`, for what every process of the machine is looked at for: that takes longer than most of it lasts. */
export function eventuallySeen(check: () => boolean, what: string): Promise<boolean> {
  let nextAt = 0;
  const look = (): boolean => {
    if (performance.now() < nextAt) {
      return false;
    }
    const isSo = check();
    nextAt = performance.now() + 40;
    return isSo;
  };
  return eventually(look, what, 30_000);
}

export type SerializedOptions = Partial<Omit<WindowOptions, 'log' | 'clock'>> & { readonly readAtOnce?: string };

/** A window in a process of its own, that can be killed. */
export class KeptHost {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  output = '';

  constructor(ground: Ground, options: SerializedOptions, commands: readonly string[]) {
    const all = { root: ground.root, reaper: noReaper, ...options };
    this.child = spawn(process.execPath, [hostFile, JSON.stringify(all), ...commands], {
      env: ground.environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
  }

  async ready(): Promise<this> {
    await eventually(
      () => this.output.includes('ready\n'),
      () => `it is ready: ${this.output}`,
      30_000,
    );
    return this;
  }

  /** How many bytes each shell has said, in the order of their start. */
  said(): readonly number[] {
    return [...this.output.matchAll(/^shell (\w+)/gm)].map(([, id]) =>
      Number([...this.output.matchAll(new RegExp(`^said ${id} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0),
    );
  }

  async until(check: (said: readonly number[]) => boolean, what: string): Promise<void> {
    await eventually(
      () => check(this.said()),
      () => `${what}: ${this.output.slice(-500)}`,
      30_000,
    );
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

/** Windows of one person that come one after the other, in processes of their own or in this one. */
export class KeptStage {
  readonly ground = new Ground();
  readonly #windows: KeptWindow[] = [];

  /** A window in a process of its own. Those of its commands that only sleep do so already. */
  async host(commands: readonly string[], options: SerializedOptions = {}): Promise<KeptHost> {
    const started = await new KeptHost(this.ground, options, commands).ready();
    const asleep = commands.flatMap((command) => /^(?:\w+:)?sleep (\d+)/.exec(command)?.[1] ?? []);
    await eventuallySeen(() => asleep.every((seconds) => this.sleepers(Number(seconds)).length > 0), 'all sleep');
    return started;
  }

  /** The window that comes next, in this process. */
  open(options: SerializedOptions = {}): KeptWindow {
    const { root, log } = this.ground;
    const window = new KeptWindow({ root, log, reaper: noReaper, environment: this.ground.environment(), ...options });
    this.#windows.push(window);
    return window;
  }

  sleepers(seconds: number) {
    return this.ground.processes().filter(({ command }) => command.startsWith(`sleep ${seconds}`));
  }

  /** Closes the windows, and sees to it that nothing is left of what they have started. */
  async dispose(): Promise<void> {
    await Promise.all(this.#windows.map((window) => window.close()));
    const kept = this.#windows.flatMap((window) => window.keptFolders());
    const ledgers = this.ground.ledgers();
    await eventuallySeen(() => this.ground.processes().length === 0, 'everything ends').catch(() => undefined);
    const left = this.ground.processes();
    this.ground.dispose();
    const log = this.ground.log.lines.filter((line) => !line.startsWith('info'));
    assert.deepEqual({ left, kept, ledgers, log }, { left: [], kept: [], ledgers: [], log: [] });
  }
}

export function only([shell, ...others]: readonly Shell[]): Shell {
  assert.ok(shell !== undefined && others.length === 0, `${others.length + (shell ? 1 : 0)} shells`);
  return shell;
}

export async function textOf(shell: Shell): Promise<string> {
  return (await readAll(shell)).map(({ text }) => text).join('');
}
