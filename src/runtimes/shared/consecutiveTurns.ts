import { Deferred } from '../../base/async.ts';
import type { Clock } from '../../base/clock.ts';
import { MutableDisposable } from '../../base/lifecycle.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';

export interface TurnsDeps {
  readonly clock: Clock;
  /** A run without a turn ends after this time; 0: never. */
  readonly idleSeconds: number;
  readonly emit: (event: RuntimeEvent) => void;
  /** Plays a turn and gives the event that ends it. Never rejects. */
  readonly drive: (prompt: string, signal: AbortSignal) => Promise<RuntimeEvent>;
}

/** The turns of a run inside this process, one after the other: each one that was taken ends exactly once. */
export class ConsecutiveTurns {
  readonly #deps: TurnsDeps;
  readonly #queue: string[] = [];
  readonly #ended = new Deferred<void>();
  readonly #idle = new MutableDisposable();
  #turn: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  /** Takes no more turns. */
  #closing = false;
  #stopped = false;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
  }

  /** Resolves when no turn runs and none is taken any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** False if the run takes no more turns. */
  send(prompt: string): boolean {
    if (this.#closing) {
      return false;
    }
    this.#queue.push(prompt);
    this.#next();
    return true;
  }

  /** Ends the turn, not the run. Resolves when nothing of the turn runs any more. */
  async interrupt(): Promise<void> {
    const turn = this.#turn;
    turn?.abort.abort();
    await turn?.ended;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#closing = true;
    this.#idle.dispose();
    this.#turn?.abort.abort();
    this.#next();
    await this.#ended.promise;
  }

  /** Goes on with the next message; without one it waits, or ends the run. */
  #next(): void {
    if (this.#turn !== undefined) {
      return;
    }
    if (this.#stopped) {
      for (const _prompt of this.#queue.splice(0)) {
        this.#deps.emit({ type: 'turnCancelled', durationMs: 0 });
      }
    }
    const prompt = this.#queue.shift();
    if (prompt !== undefined) {
      this.#begin(prompt);
    } else if (this.#closing) {
      this.#ended.resolve();
    } else {
      this.#waitIdle();
    }
  }

  #waitIdle(): void {
    const { clock, idleSeconds } = this.#deps;
    this.#idle.value =
      idleSeconds === 0
        ? undefined
        : clock.after(idleSeconds * 1000, () => {
            this.#closing = true;
            this.#next();
          });
  }

  #begin(prompt: string): void {
    this.#idle.value = undefined;
    const abort = new AbortController();
    const ended = new Deferred<void>();
    this.#turn = { abort, ended: ended.promise };
    void this.#deps.drive(prompt, abort.signal).then((end) => {
      this.#turn = undefined;
      this.#deps.emit(end);
      ended.resolve();
      // A listener may have begun the next turn.
      this.#next();
    });
  }
}
