import { Deferred } from '../../src/base/async.ts';
import { Redactor } from '../../src/core/redact.ts';
import type {
  KillResult,
  ShellEvents,
  ShellLogFile,
  ShellLogs,
  ShellProcess,
  ShellRunner,
  ShellSpec,
} from '../../src/core/shells/shellPorts.ts';
import type { Shell } from '../../src/core/shells/shell.ts';
import {
  type Refusal,
  ShellRegistry,
  type ShellRegistryDeps,
  type StartOptions,
} from '../../src/core/shells/shellRegistry.ts';
import { ManualClock } from './manualClock.ts';
import { MemoryLog } from './memoryLog.ts';

/** The processes of a shell, as a test wants them. */
export class FakeProcess implements ShellProcess {
  readonly pid: number;
  readonly spec: ShellSpec;
  readonly events: ShellEvents;
  readonly written: string[] = [];
  kills = 0;
  /** What a kill finds; undefined: it waits for `killed`. */
  survivors: readonly number[] = [];
  isGone = false;
  left: readonly number[] = [];
  holdKill: Promise<unknown> = Promise.resolve();
  /** A shell that handles the request to end has a code of its own. */
  codeWhenKilled = 143;

  constructor(pid: number, spec: ShellSpec, events: ShellEvents) {
    this.pid = pid;
    this.spec = spec;
    this.events = events;
  }

  say(text: string | Uint8Array, isError = false): void {
    this.events.output(typeof text === 'string' ? Buffer.from(text) : text, isError);
  }

  exit(code: number, left: readonly number[] = []): void {
    this.left = left;
    this.#hasExited = true;
    this.events.exited(code, left);
    if (left.length === 0) {
      this.end();
    }
  }

  end(): void {
    this.isGone = true;
    this.events.ended();
  }

  #hasExited = false;

  async kill(): Promise<KillResult> {
    this.kills += 1;
    await this.holdKill;
    if (this.survivors.length > 0) {
      return { survivors: this.survivors, signal: 9, foundAny: true };
    }
    if (this.isGone) {
      return { survivors: [], signal: undefined, foundAny: false };
    }
    const signal = this.#hasExited ? undefined : 15;
    if (!this.#hasExited) {
      this.#hasExited = true;
      this.events.exited(this.codeWhenKilled, []);
    }
    this.end();
    return { survivors: [], signal, foundAny: true };
  }

  write(text: string): Promise<void> {
    this.written.push(text);
    return Promise.resolve();
  }

  resize(): void {
    // A fake has no size.
  }
}

export class FakeRunner implements ShellRunner {
  readonly processes: FakeProcess[] = [];
  /** The next starts wait for this. */
  hold: Promise<unknown> = Promise.resolve();
  fail: Error | undefined;
  killedNow = 0;

  async start(spec: ShellSpec, events: ShellEvents): Promise<ShellProcess> {
    await this.hold;
    if (this.fail !== undefined) {
      throw this.fail;
    }
    const process = new FakeProcess(1000 + this.processes.length, spec, events);
    this.processes.push(process);
    return process;
  }

  killAllNow(): void {
    this.killedNow += 1;
  }

  get last(): FakeProcess {
    const last = this.processes.at(-1);
    if (last === undefined) {
      throw new Error('nothing was started');
    }
    return last;
  }
}

export class MemoryLogFile implements ShellLogFile {
  readonly path: string;
  readonly writes: { readonly from: number; readonly bytes: Buffer }[] = [];
  isFlushed = false;
  isRemoved = false;
  fail: Error | undefined;

  constructor(path: string) {
    this.path = path;
  }

  write(from: number, bytes: Uint8Array): Promise<void> {
    if (this.fail !== undefined) {
      return Promise.reject(this.fail);
    }
    this.writes.push({ from, bytes: Buffer.from(bytes) });
    return Promise.resolve();
  }

  flush(): Promise<void> {
    this.isFlushed = true;
    return this.fail === undefined ? Promise.resolve() : Promise.reject(this.fail);
  }

  locate(from: number, to: number) {
    let at = from;
    for (const { from: start, bytes } of this.writes) {
      if (start <= at && at < start + bytes.length) {
        at = start + bytes.length;
      }
    }
    return at >= to ? [{ path: this.path, offset: from }] : undefined;
  }

  read(from: number, maxBytes: number): Promise<{ readonly from: number; readonly bytes: Uint8Array } | undefined> {
    const piece = this.writes.find(({ from: start, bytes }) => start + bytes.length > from);
    if (piece === undefined) {
      return Promise.resolve(undefined);
    }
    const start = Math.max(from, piece.from);
    return Promise.resolve({
      from: start,
      bytes: piece.bytes.subarray(start - piece.from, start - piece.from + maxBytes),
    });
  }

  remove(): Promise<void> {
    this.isRemoved = true;
    return Promise.resolve();
  }

  get text(): string {
    return Buffer.concat(this.writes.map(({ bytes }) => bytes)).toString();
  }
}

export class MemoryShellLogs implements ShellLogs {
  readonly files = new Map<string, MemoryLogFile>();

  create(sessionId: string, shellId: string): MemoryLogFile {
    const file = new MemoryLogFile(`${this.folderOf(sessionId)}/${shellId}.log`);
    this.files.set(shellId, file);
    return file;
  }

  reopen(sessionId: string, shellId: string) {
    const file = this.files.get(shellId) ?? this.create(sessionId, shellId);
    return Promise.resolve({ file, end: Math.max(0, ...file.writes.map(({ from, bytes }) => from + bytes.length)) });
  }

  folderOf(sessionId: string): string {
    return `/logs/${sessionId}`;
  }

  of(shell: Shell): MemoryLogFile {
    const file = this.files.get(shell.id);
    if (file === undefined) {
      throw new Error('the shell has no log');
    }
    return file;
  }
}

/** A registry whose processes, clock, ids and logs a test controls. */
export class ShellStage {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly runner = new FakeRunner();
  readonly logs = new MemoryShellLogs();
  limits = { maxRunning: 8, maxRetained: 32, unreadLimitBytes: 1 << 20, logLimitBytes: 10 << 20, killGraceMs: 2000 };
  onExit: 'inject' | 'wake' | 'silent' = 'inject';
  readonly registry: ShellRegistry;
  #ids = 0;

  constructor(overrides: Partial<ShellRegistryDeps> = {}) {
    this.registry = new ShellRegistry({
      clock: this.clock,
      log: this.log,
      newId: () => (this.#ids += 1).toString(16).padStart(32, '0'),
      runner: this.runner,
      logs: this.logs,
      redactor: new Redactor(),
      limits: () => this.limits,
      onExit: () => this.onExit,
      ...overrides,
    });
  }

  /** A shell that runs. */
  async start(options: Partial<StartOptions> = {}): Promise<{ readonly shell: Shell; readonly process: FakeProcess }> {
    const started = this.registry.start({ sessionId: 's', command: 'true', cwd: '/w', tty: false, ...options });
    if ('refused' in started) {
      throw new Error(`refused: ${started.refused}`);
    }
    await started.launched;
    return { shell: started.shell, process: this.runner.last };
  }

  tryStart(options: Partial<StartOptions> = {}): Refusal | Shell {
    const started = this.registry.start({ sessionId: 's', command: 'true', cwd: '/w', tty: false, ...options });
    return 'refused' in started ? started : started.shell;
  }
}

/** A promise that a test settles, for what is to be held up. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const deferred = new Deferred<void>();
  return { opened: deferred.promise, open: () => deferred.resolve() };
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
