import { Deferred } from '../base/async.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { KillResult, ShellEvents } from '../core/shells/shellPorts.ts';
import type { ProcessEntry } from './processEntry.ts';
import type { ProcessRecord } from './processRecord.ts';
import type { ShellTree } from './shellTree.ts';
import { within } from './within.ts';

/** After the shell has exited, what it said last gets this long to come. */
const drainMs = 200;
/** An exit is told at once; reading what came before it may take a while. */
const exitPatienceMs = 2000;
/** What was left running is looked at this often, and looked for again after so many looks. */
const watchMs = 250;
const looksPerSearch = 8;

/** Where the output of a shell comes from. */
export interface ShellOutlet {
  /** Resolves once everything that was written has been given, or after `patienceMs`. */
  drain(patienceMs: number): Promise<void>;
  /** Nothing is read any more; descriptors are closed, and whoever held the terminal is gone. */
  close(): Promise<void>;
}

export interface ShellLifeOptions {
  readonly tree: ShellTree;
  readonly outlet: ShellOutlet;
  readonly events: ShellEvents;
  readonly record: ProcessRecord;
  readonly log: Log;
  /** The processes are ended, and the exit is still not told. */
  readonly onStuck?: () => void;
}

/**
 * From the exit of a shell to the end of the last process that it has started. The status comes from processes, never
 * from the end of the output, which some other process may hold open for ever.
 */
export class ShellLife {
  readonly #options: ShellLifeOptions;
  readonly #ended = new Deferred<void>();
  readonly #exit = new Deferred<void>();
  #code: number | undefined;
  #isTold = false;
  #hasEnded = false;
  #watch: NodeJS.Timeout | undefined;
  #looks = 0;
  #left: readonly ProcessEntry[] = [];
  #checking: Promise<void> | undefined;

  constructor(options: ShellLifeOptions) {
    this.#options = options;
  }

  /** Settles when nothing of the shell lives any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The shell itself has exited. Only the first call counts. */
  exited(code: number): void {
    if (this.#code === undefined) {
      this.#code = code;
      this.#exit.resolve();
      void this.#check();
    }
  }

  async kill(graceMs: number): Promise<KillResult> {
    const { tree, log, onStuck } = this.#options;
    let signal: number | undefined;
    let foundAny = false;
    let quietSince: number | undefined;
    try {
      for (let waitMs = 5; ; waitMs = Math.min(waitMs * 2, 100)) {
        const result = await tree.end(graceMs);
        signal = result.signal ?? signal;
        foundAny ||= result.foundAny;
        if (result.survivors.length > 0) {
          log.error(`could not end the processes ${result.survivors.join(', ')}`);
          return { ...result, signal, foundAny };
        }
        // A shell that has only just begun may start its command after this look.
        await within(this.#exit.promise, waitMs);
        await this.#check();
        if (this.#hasEnded) {
          return { survivors: [], signal, foundAny };
        }
        quietSince ??= performance.now();
        if (performance.now() - quietSince > exitPatienceMs) {
          onStuck?.();
        }
      }
    } catch (error) {
      log.error('the processes of a shell could not be looked for', error);
      return { survivors: this.#left.map(({ pid }) => pid), signal: undefined, foundAny: !this.#hasEnded };
    }
  }

  /** Looks at what lives, and tells. Joins a look that is under way. */
  #check(): Promise<void> {
    this.#checking ??= this.#checkNow()
      .catch((error: unknown) => {
        this.#options.log.error(`what a shell has left running could not be looked for: ${messageOf(error)}`);
        this.#watchLater();
      })
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #checkNow(): Promise<void> {
    const { outlet, tree, events } = this.#options;
    const code = this.#code;
    if (code === undefined || this.#hasEnded) {
      return;
    }
    if (!this.#isTold) {
      await outlet.drain(drainMs);
    }
    const before = this.#left.map(({ pid }) => pid).join();
    this.#left = await tree.members();
    const pids = this.#left.map(({ pid }) => pid);
    if (pids.length === 0) {
      await this.#end(code);
      return;
    }
    if (!this.#isTold) {
      this.#isTold = true;
      events.exited(code, pids);
    } else if (pids.join() !== before) {
      events.left(pids);
    }
    this.#watchLater();
  }

  async #end(code: number): Promise<void> {
    const { outlet, events, record } = this.#options;
    clearTimeout(this.#watch);
    // Whoever could have written is dead.
    await outlet.drain(drainMs);
    await outlet.close();
    this.#hasEnded = true;
    record.gone();
    if (!this.#isTold) {
      this.#isTold = true;
      events.exited(code, []);
    }
    events.ended();
    this.#ended.resolve();
  }

  #watchLater(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#looks += 1;
      if (this.#looks % looksPerSearch === 0 || !this.#options.tree.anyAlive(this.#left)) {
        void this.#check();
      } else {
        this.#watchLater();
      }
    }, watchMs);
    this.#watch.unref();
  }
}
