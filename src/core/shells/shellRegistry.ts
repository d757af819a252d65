import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/event.ts';
import type { Log } from '../../base/log.ts';
import type { Redactor } from '../redact.ts';
import { Completions, completionCharacters } from './completions.ts';
import { endOfOutput } from './plainOutput.ts';
import { Shell, type ShellPast } from './shell.ts';
import type { ShellInfo } from './shellInfo.ts';
import { pastOf } from './shellPast.ts';
import type { ShellLogFile, ShellLogs, ShellRunner, ShellSpec } from './shellPorts.ts';

/** Lists are told of new output at most this often. */
const outputChangeMs = 250;
/** Commands that somebody waits for take no place in the list; more at a time are refused. */
const maxForeground = 64;
/** Escape codes and overwritten lines take part of what is read for the end of the output. */
const completionBytes = 64 * 1024;

export interface ShellLimits {
  readonly maxRunning: number;
  readonly maxRetained: number;
  readonly unreadLimitBytes: number;
  readonly logLimitBytes: number;
  readonly killGraceMs: number;
}

export interface ShellRegistryDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** 128 random bits as 32 lower-case hex digits. */
  readonly newId: () => string;
  readonly runner: ShellRunner;
  readonly logs: ShellLogs;
  readonly redactor: Redactor;
  /** Asked for at each use: lowering one removes nothing that exists. */
  readonly limits: () => ShellLimits;
  /** What a session is told when one of its shells ends: nothing if `silent`. */
  readonly onExit: () => 'inject' | 'wake' | 'silent';
}

export interface StartOptions extends ShellSpec {
  readonly sessionId: string;
  readonly timeoutSeconds?: number;
}

/** A shell that an earlier window has started, and that is taken back. */
export interface AdoptOptions extends StartOptions {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How many bytes of its output had come; undefined: not known, so as many as are stored. */
  readonly seen: number | undefined;
  /** The model had read it up to here. */
  readonly readTo: number;
  /** Goes on with its processes. */
  readonly start: ShellRunner['start'];
}

/** Why nothing was started, and nothing registered. */
export type Refusal =
  | { readonly refused: 'capReached'; readonly running: number }
  | { readonly refused: 'closing' }
  | { readonly refused: 'tooMany'; readonly running: number }
  | { readonly refused: 'duplicate'; readonly id: string };

/** What a shell that is taken back has already. */
interface Adopted {
  readonly id: string;
  readonly past: ShellPast;
  readonly file: ShellLogFile;
  readonly runner: Pick<ShellRunner, 'start'>;
}

export interface Started {
  readonly shell: Shell;
  /** Settles when the processes exist, or could not be started. */
  readonly launched: Promise<void>;
}

export interface ShellChange {
  readonly shellId: string;
  readonly sessionId: string;
}

/** All shells of a window: what runs, what has ended, and the rules for how many of both there may be. */
export class ShellRegistry {
  readonly completions = new Completions();
  readonly #deps: ShellRegistryDeps;
  /** In the order of their start. */
  readonly #shells = new Map<string, Shell>();
  readonly #evicting = new Set<Shell>();
  readonly #quiet = new Set<string>();
  readonly #closingSessions = new Set<string>();
  readonly #changed: Emitter<ShellChange>;
  readonly #ended: Emitter<Shell>;
  #isClosing = false;

  constructor(deps: ShellRegistryDeps) {
    this.#deps = deps;
    const onListenerError = (error: unknown): void => deps.log.error('a listener of the shells failed', error);
    this.#changed = new Emitter(onListenerError);
    this.#ended = new Emitter(onListenerError);
  }

  /** A shell came, went, changed its status, or said something; the last at most four times a second. */
  get onDidChange() {
    return this.#changed.event;
  }

  /** A shell of the list has its final status. */
  get onDidEnd() {
    return this.#ended.event;
  }

  /** In the order of their start, newest last. */
  list(sessionId?: string): readonly ShellInfo[] {
    return this.#listed
      .filter((shell) => sessionId === undefined || shell.sessionId === sessionId)
      .map(({ info }) => info);
  }

  /** Whether a session has shells in the list. */
  has(sessionId: string): boolean {
    return this.#listed.some((shell) => shell.sessionId === sessionId);
  }

  logFolder(sessionId: string): string {
    return this.#deps.logs.folderOf(sessionId);
  }

  /** How many take a place among those that may run. */
  get runningCount(): number {
    return this.#listed.filter(({ isActive }) => isActive).length;
  }

  /** The shell of the list with this id. With a session: only if it belongs to it. */
  get(id: string, sessionId?: string): Shell | undefined {
    const shell = this.#shells.get(id);
    return shell?.isListed === true && (sessionId === undefined || shell.sessionId === sessionId) ? shell : undefined;
  }

  /** Starts a background shell. Whether it may run is decided and written down before anything else can happen. */
  start(options: StartOptions): Started | Refusal {
    return this.#refusalOf(options.sessionId) ?? this.#capRefusal() ?? this.#register(options, true);
  }

  /** Starts a command that its caller waits for: it takes no place in the list unless it is moved there. */
  startForeground(options: StartOptions): Started | Refusal {
    const running = this.#shells.size - this.#listed.length;
    return (
      this.#refusalOf(options.sessionId) ??
      (running >= maxForeground ? { refused: 'tooMany', running } : this.#register(options, false))
    );
  }

  /** Lists a shell of an earlier window again. It takes a place among those that run, whether there is one or not. */
  async adopt({ start, ...options }: AdoptOptions): Promise<Started | Refusal> {
    const { logs, limits } = this.#deps;
    const stored = await logs.reopen(options.sessionId, options.id);
    const past = await pastOf(options, stored, limits().unreadLimitBytes);
    return (
      this.#refusalOf(options.sessionId) ??
      this.#register(options, true, { id: options.id, past, file: stored.file, runner: { start } })
    );
  }

  /** Gives a command that runs, or has left something running, a place in the list. */
  moveToBackground(shell: Shell): Refusal | undefined {
    const refusal = this.#refusalOf(shell.sessionId) ?? this.#capRefusal();
    if (refusal === undefined) {
      // It is listed where it was started, which may be before others.
      void this.#makeRoom();
      shell.isListed = true;
      this.#tell(shell);
    }
    return refusal;
  }

  /**
   * The caller of a foreground command has its result. The stored output stays if it is needed; what could not be ended
   * gets a place in the list, whether there is one or not.
   */
  finishForeground(shell: Shell, keepsLog: boolean): void {
    if (shell.isActive) {
      shell.isListed = true;
      this.#tell(shell);
    } else if (!shell.isListed && this.#shells.delete(shell.id)) {
      (keepsLog ? shell.store() : shell.forget()).catch((error: unknown) => this.#logFailure(error));
    }
  }

  /** Ends all that run, or all of one session. Resolves to how many were ended. */
  async killAll(sessionId?: string): Promise<number> {
    const active = [...this.#shells.values()].filter(
      (shell) => shell.isActive && (sessionId === undefined || shell.sessionId === sessionId),
    );
    const outcomes = await Promise.all(active.map((shell) => shell.kill()));
    return outcomes.filter(({ kind }) => kind === 'ended').length;
  }

  /** The session is closed: its shells end, and until they have, it starts no others. */
  async closeSession(sessionId: string): Promise<void> {
    this.#closingSessions.add(sessionId);
    try {
      await this.killAll(sessionId);
    } finally {
      this.#closingSessions.delete(sessionId);
      this.completions.forget(sessionId);
    }
  }

  /** The session is gone for good, and what is kept of its shells with it. */
  async forgetSession(sessionId: string): Promise<void> {
    await this.closeSession(sessionId);
    const own = [...this.#shells.values()].filter((shell) => shell.sessionId === sessionId && !shell.isActive);
    await Promise.all(own.map((shell) => this.#remove(shell)));
  }

  /** Refuses starts from now on, and ends every process before it returns. */
  closeNow(graceMs: number): void {
    this.#isClosing = true;
    this.#deps.runner.killAllNow(graceMs);
  }

  /** Refuses starts from now on; resolves when nothing runs and what was said is stored. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.killAll();
    await Promise.all([...this.#shells.values()].map((shell) => (shell.isActive ? shell.syncLog() : shell.store())));
    this.#changed.dispose();
    this.#ended.dispose();
  }

  get #listed(): readonly Shell[] {
    return [...this.#shells.values()].filter(({ isListed }) => isListed);
  }

  #refusalOf(sessionId: string): Refusal | undefined {
    return this.#isClosing || this.#closingSessions.has(sessionId) ? { refused: 'closing' } : undefined;
  }

  #capRefusal(): Refusal | undefined {
    const running = this.runningCount;
    return running >= this.#deps.limits().maxRunning ? { refused: 'capReached', running } : undefined;
  }

  #register(options: StartOptions, isListed: boolean, adopted?: Adopted): Started | Refusal {
    const { clock, log, logs, limits } = this.#deps;
    const id = adopted?.id ?? this.#deps.newId();
    if (this.#shells.has(id)) {
      return { refused: 'duplicate', id };
    }
    const room = isListed ? this.#makeRoom() : Promise.resolve();
    const { unreadLimitBytes, logLimitBytes } = limits();
    const shell = new Shell(
      { ...options, id, timeoutSeconds: options.timeoutSeconds, unreadLimitBytes, logLimitBytes },
      isListed,
      {
        clock,
        log,
        runner: adopted?.runner ?? this.#deps.runner,
        file: adopted?.file ?? logs.create(options.sessionId, id),
        killGraceMs: () => limits().killGraceMs,
        onChange: (changed, what) => this.#onChange(changed, what),
      },
      adopted?.past,
    );
    this.#shells.set(id, shell);
    if (isListed) {
      this.#tell(shell);
    }
    return { shell, launched: shell.launch(room) };
  }

  /** Makes a place in the list: of a finished one, else of the oldest that runs, which is ended first. */
  #makeRoom(): Promise<unknown> {
    const kept = this.#listed.filter((shell) => !this.#evicting.has(shell));
    if (kept.length < this.#deps.limits().maxRetained) {
      return Promise.resolve();
    }
    const finished = kept.find(({ isActive }) => !isActive);
    const evicted = finished ?? kept[0];
    if (evicted === undefined) {
      return Promise.resolve();
    }
    if (finished !== undefined) {
      void this.#remove(finished);
      return Promise.resolve();
    }
    this.#evicting.add(evicted);
    return evicted.kill().then((outcome) => {
      this.#evicting.delete(evicted);
      // What could not be ended is not forgotten.
      return outcome.kind === 'survived' ? undefined : this.#remove(evicted);
    });
  }

  async #remove(shell: Shell): Promise<void> {
    this.#shells.delete(shell.id);
    this.#tell(shell);
    try {
      await shell.forget();
    } catch (error) {
      this.#logFailure(error);
    }
  }

  #onChange(shell: Shell, what: 'output' | 'status' | 'ended'): void {
    if (!shell.isListed || this.#shells.get(shell.id) !== shell) {
      return;
    }
    switch (what) {
      case 'output':
        if (!this.#quiet.has(shell.id)) {
          this.#quiet.add(shell.id);
          this.#deps.clock.after(outputChangeMs, () => {
            this.#quiet.delete(shell.id);
            this.#tell(shell);
          });
        }
        break;
      case 'status':
        this.#tell(shell);
        break;
      case 'ended':
        this.#complete(shell);
        this.#tell(shell);
        this.#ended.fire(shell);
        break;
    }
  }

  #complete(shell: Shell): void {
    if (this.#deps.onExit() === 'silent' || this.#isClosing || this.#closingSessions.has(shell.sessionId)) {
      return;
    }
    this.completions.add(shell.sessionId, {
      id: shell.id,
      command: shell.options.command,
      status: shell.status,
      elapsedMs: shell.elapsedMs,
      output: endOfOutput(shell.endText(completionBytes), completionCharacters, this.#deps.redactor),
      isKnown: () => shell.hasToldEnd,
    });
  }

  #tell(shell: Shell): void {
    this.#changed.fire({ shellId: shell.id, sessionId: shell.sessionId });
  }

  #logFailure(error: unknown): void {
    this.#deps.log.error('the stored output of a shell could not be removed', error);
  }
}
