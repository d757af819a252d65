import { Deferred } from '../../base/async.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { type Disposable, MutableDisposable, toDisposable } from '../../base/lifecycle.ts';
import type { Log } from '../../base/log.ts';
import { decodeUtf8, openCharacterBytes, restOfCharacterBytes } from '../../base/utf8.ts';
import { OutputLog, type PastOutput } from './outputLog.ts';
import { lastLineOf } from './plainOutput.ts';
import type { ShellInfo } from './shellInfo.ts';
import { ShellLogWriter } from './shellLogWriter.ts';
import type { ShellEvents, ShellLogFile, ShellProcess, ShellRunner, ShellSpec } from './shellPorts.ts';
import { failure, type FinalStatus, isActive, type ShellStatus } from './shellStatus.ts';
import { UnreadOutput } from './unreadOutput.ts';

/** Where the last line is looked for. */
const lastLineBytes = 4096;
const lastLineCharacters = 200;
/** Of what was ended before it began: as if it had been asked to end. */
const killedCode = 128 + 15;
/** The timers of the systems take no more. */
const longestTimeoutMs = 2 ** 31 - 1;

export interface ShellOptions extends ShellSpec {
  readonly id: string;
  readonly sessionId: string;
  /** Undefined: until it ends or is killed. */
  readonly timeoutSeconds: number | undefined;
  readonly unreadLimitBytes: number;
  readonly logLimitBytes: number;
}

/** What is known of a shell that an earlier window has started. */
export interface ShellPast {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly output: PastOutput;
  /** The beginning of what the model has not read. */
  readonly unread: Omit<PastOutput, 'end'>;
}

export interface ShellDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly runner: Pick<ShellRunner, 'start'>;
  readonly file: ShellLogFile;
  readonly killGraceMs: () => number;
  /** `ended`: the status is final. */
  readonly onChange: (shell: Shell, what: 'output' | 'status' | 'ended') => void;
}

/** `notRunning`: there was nothing to kill. */
export type KillOutcome =
  | { readonly kind: 'ended'; readonly status: ShellStatus }
  | { readonly kind: 'notRunning' }
  | { readonly kind: 'survived'; readonly pids: readonly number[] };

/** Why a shell is ended from outside, as the status that it then has. */
type EndCause = { readonly kind: 'killed' } | { readonly kind: 'failed'; readonly reason: string };

/** One command with its processes, its output and its status. A final status never changes. */
export class Shell {
  readonly options: ShellOptions;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly output: OutputLog;
  readonly unread: UnreadOutput;
  readonly file: ShellLogFile;
  /** The session's model knows the final status, so that it is not told again. */
  hasToldEnd = false;
  readonly #deps: ShellDeps;
  readonly #writer: ShellLogWriter;
  readonly #startedMs: number;
  readonly #process = new Deferred<ShellProcess | undefined>();
  readonly #timeout = new MutableDisposable();
  /** How long it had run when it came to this window. */
  readonly #pastMs: number;
  #isListed: boolean;
  /** The beginnings of characters, by whether they are error output. */
  readonly #held = new Map<boolean, Uint8Array>();
  readonly #listeners = new Set<() => void>();
  #launched: ShellProcess | undefined;
  #status: ShellStatus = { kind: 'running' };
  #endedMs: number | undefined;
  #exitCode: number | undefined;
  #hasEnded = false;
  #killing: Promise<KillOutcome> | undefined;
  #cause: EndCause | undefined;
  #isForgotten = false;
  #storing: Promise<void> | undefined;
  #finalLine: string | undefined;

  constructor(options: ShellOptions, isListed: boolean, deps: ShellDeps, past?: ShellPast) {
    this.options = options;
    this.#isListed = isListed;
    this.#deps = deps;
    this.file = deps.file;
    this.startedAt = past?.startedAt ?? deps.clock.now();
    this.#pastMs = Math.max(0, deps.clock.now() - this.startedAt);
    this.#startedMs = deps.clock.monotonic() - this.#pastMs;
    this.output = new OutputLog(options.logLimitBytes, options.unreadLimitBytes, past?.output);
    this.unread = new UnreadOutput(this.output, options.unreadLimitBytes, past?.unread);
    this.unread.onRead = () => this.#remember();
    this.#writer = new ShellLogWriter({
      clock: deps.clock,
      log: deps.log,
      output: this.output,
      file: deps.file,
      keepBytes: Math.max(options.unreadLimitBytes, lastLineBytes),
    });
  }

  get id(): string {
    return this.options.id;
  }

  get sessionId(): string {
    return this.options.sessionId;
  }

  get status(): ShellStatus {
    return this.#status;
  }

  get isActive(): boolean {
    return isActive(this.#status);
  }

  /** It has a place in the list; a command that its caller waits for has none. */
  get isListed(): boolean {
    return this.#isListed;
  }

  set isListed(isListed: boolean) {
    this.#isListed = isListed;
    this.#remember();
  }

  get elapsedMs(): number {
    return Math.floor((this.#endedMs ?? this.#deps.clock.monotonic()) - this.#startedMs);
  }

  /** The code of the shell itself, which may have left processes running. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  get info(): ShellInfo {
    const status = this.#status;
    const code = status.kind === 'exited' || status.kind === 'killed' ? status.code : this.#exitCode;
    const reason =
      status.kind === 'failed'
        ? status.reason
        : status.kind === 'leftRunning'
          ? `pids: ${status.pids.join(', ')}`
          : undefined;
    const lastLine = this.lastLine;
    return {
      id: this.id,
      sessionId: this.sessionId,
      command: this.options.command,
      status: status.kind,
      ...(code === undefined || status.kind === 'running' ? {} : { exitCode: code }),
      ...(reason === undefined ? {} : { reason }),
      cwd: this.options.cwd,
      tty: this.options.tty,
      startedAt: this.startedAt,
      ...(lastLine === undefined ? {} : { lastLine }),
      elapsedMs: this.elapsedMs,
      bytesSeen: this.output.end,
      bytesDropped: this.unread.droppedBytes,
      ...(this.#launched === undefined ? {} : { pid: this.#launched.pid }),
    };
  }

  get lastLine(): string | undefined {
    return this.#finalLine ?? lastLineOf(this.endText(lastLineBytes), lastLineCharacters);
  }

  /** The last bytes of the output as text, as far as they are in memory. */
  endText(bytes: number): string {
    const { end, headEnd, tailStart } = this.output;
    const from = Math.max(0, end - bytes);
    const textOf = (start: number, to: number): string => {
      const found = this.output.copy(start, to);
      return decodeUtf8(found.subarray(restOfCharacterBytes(found)));
    };
    if (this.output.has(from, end)) {
      return textOf(from, end);
    }
    const tail = textOf(Math.max(from, tailStart), end);
    const before = from < headEnd ? textOf(from, headEnd) : '';
    return before === '' || tail === '' ? before + tail : `${before.replace(/\n$/, '')}\n…\n${tail}`;
  }

  /** Starts the processes once `before` has settled; called once. Settles when they exist or could not be started. */
  async launch(before: Promise<unknown>): Promise<void> {
    await before;
    if (this.#cause !== undefined) {
      // Killed before there was anything to kill.
      this.#process.resolve(undefined);
      return;
    }
    const { timeoutSeconds } = this.options;
    if (timeoutSeconds !== undefined) {
      const timeoutMs = Math.min(Math.max(0, timeoutSeconds * 1000 - this.#pastMs), longestTimeoutMs);
      this.#timeout.value = this.#deps.clock.after(timeoutMs, () => {
        void this.#end({ kind: 'failed', reason: failure.timeout(timeoutSeconds) });
      });
    }
    try {
      const spec = { ...this.options, startedAt: this.startedAt };
      this.#launched = await this.#deps.runner.start(spec, this.#events());
      this.#remember();
      this.#process.resolve(this.#launched);
      this.#deps.onChange(this, 'status');
    } catch (error) {
      this.#finish({ kind: 'failed', reason: failure.spawn(messageOf(error)) });
      this.#process.resolve(undefined);
    }
  }

  /** Ends the shell and everything that it has started. A second call joins the first. */
  kill(): Promise<KillOutcome> {
    return this.#end({ kind: 'killed' });
  }

  async write(text: string): Promise<void> {
    const process = await this.#process.promise;
    await process?.write(text);
  }

  async resize(columns: number, rows: number): Promise<void> {
    const process = await this.#process.promise;
    process?.resize(columns, rows);
  }

  /** Takes back a timeout that has not struck. */
  disarm(): void {
    this.#timeout.value = undefined;
  }

  /** Called for each piece of output and each change of the status, until it is disposed. */
  onActivity(run: () => void): Disposable {
    this.#listeners.add(run);
    return toDisposable(() => this.#listeners.delete(run));
  }

  /** Brings what came until now to the stored log. False if that is not possible. */
  syncLog(): Promise<boolean> {
    return this.#writer.sync();
  }

  /** Once the status is final: stores what is kept of the output, and lets go of the memory if that worked. */
  store(): Promise<void> {
    this.#storing ??= this.#writer.finish().then((isStored) => {
      if (isStored) {
        this.unread.detach();
        this.output.release();
      }
    });
    return this.#storing;
  }

  /** Whatever still comes is ignored, and the stored log is taken away. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    this.#timeout.dispose();
    this.#writer.stop();
    await this.#storing;
    await this.file.remove();
  }

  #remember(): void {
    this.#launched?.remember?.({ isListed: this.#isListed, readTo: this.unread.from });
  }

  #events(): ShellEvents {
    return {
      output: (bytes, isError) => {
        if (!this.#isForgotten && this.isActive) {
          this.#take(bytes, isError);
        }
      },
      readFailed: (message) => {
        void this.#end({ kind: 'failed', reason: failure.read(message) });
      },
      exited: (code, left) => {
        this.#exitCode ??= code;
        this.#takeHeld();
        if (this.#killing === undefined && left.length > 0) {
          this.#become({ kind: 'leftRunning', code, pids: left });
        }
      },
      left: (pids) => {
        if (this.#killing === undefined && this.#status.kind === 'leftRunning') {
          this.#become({ ...this.#status, pids });
        }
      },
      ended: () => {
        this.#hasEnded = true;
        if (this.#killing === undefined) {
          // What survived a kill and ends later was killed all the same.
          this.#finish(this.#cause === undefined ? this.#exited() : this.#endedBy(this.#cause, undefined));
        }
      },
    };
  }

  /** A character that is not complete waits for its rest: what the other stream says in between would cut it in two. */
  #take(bytes: Uint8Array, isError: boolean): void {
    const held = this.#held.get(isError);
    if (held !== undefined) {
      this.#held.delete(isError);
      this.#keep(held, isError);
    }
    const open = openCharacterBytes(bytes);
    if (open > 0) {
      this.#held.set(isError, bytes.slice(bytes.length - open));
    }
    this.#keep(open > 0 ? bytes.subarray(0, bytes.length - open) : bytes, isError);
    this.#writer.wake();
    this.#wake('output');
  }

  #takeHeld(): void {
    for (const [isError, bytes] of this.#held) {
      this.#keep(bytes, isError);
    }
    this.#held.clear();
  }

  #keep(bytes: Uint8Array, isError: boolean): void {
    this.unread.push(bytes);
    this.output.push(bytes, isError);
  }

  #end(cause: EndCause): Promise<KillOutcome> {
    if (!this.isActive) {
      return Promise.resolve({ kind: 'notRunning' });
    }
    if (this.#killing === undefined) {
      this.#cause = cause;
      this.#killing = this.#endNow(cause).finally(() => {
        this.#killing = undefined;
      });
    }
    return this.#killing;
  }

  async #endNow(cause: EndCause): Promise<KillOutcome> {
    const process = await this.#process.promise;
    if (process === undefined) {
      if (this.isActive) {
        this.#finish(this.#endedBy(cause, undefined));
      }
      return { kind: 'ended', status: this.#status };
    }
    const codeBefore = this.#exitCode;
    const result = await process.kill(this.#deps.killGraceMs());
    if (result.survivors.length > 0 && !this.#hasEnded) {
      this.#become({ kind: 'leftRunning', code: this.#exitCode, pids: result.survivors });
      return { kind: 'survived', pids: result.survivors };
    }
    // A shell that exited by itself before keeps its code.
    const signal = codeBefore === undefined ? result.signal : undefined;
    this.#finish(result.foundAny ? this.#endedBy(cause, signal) : this.#exited());
    return { kind: 'ended', status: this.#status };
  }

  #exited(): FinalStatus {
    return { kind: 'exited', code: this.#exitCode ?? -1 };
  }

  #endedBy(cause: EndCause, signal: number | undefined): FinalStatus {
    if (cause.kind === 'failed') {
      return cause;
    }
    const code = this.#exitCode;
    // One that handles the signal and exits as it likes has been killed all the same.
    const hasOwnCode = signal === undefined || (code !== undefined && code > 128);
    return { kind: 'killed', code: hasOwnCode ? (code ?? killedCode) : 128 + signal };
  }

  #finish(status: FinalStatus): void {
    if (!this.isActive) {
      return;
    }
    this.#takeHeld();
    this.#timeout.dispose();
    this.#endedMs = this.#deps.clock.monotonic();
    this.#finalLine = this.lastLine;
    this.#become(status);
    if (this.isListed) {
      void this.store();
    }
  }

  #become(status: ShellStatus): void {
    this.#status = status;
    this.#wake(isActive(status) ? 'status' : 'ended');
  }

  #wake(what: 'output' | 'status' | 'ended'): void {
    this.#deps.onChange(this, what);
    for (const run of this.#listeners) {
      run();
    }
  }
}
