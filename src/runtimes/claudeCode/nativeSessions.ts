import { Deferred } from '../../base/async.ts';
import type { Clock } from '../../core/ports.ts';

/** How long a run waits for the process before it that is on its way out. */
const leavePatienceMs = 15_000;

/** Keeps two processes from working on one conversation: the CLI would lose what one of them did. */
export class NativeSessions {
  readonly #clock: Clock;
  readonly #holders = new Map<string, { readonly owner: object; readonly released: Deferred<void> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Takes the conversation for `owner`, waiting for a while if another has it. False if it stays taken, or if nobody
   * wants it any more.
   */
  async acquire(id: string, owner: object, isWanted: () => boolean): Promise<boolean> {
    const deadline = this.#clock.monotonic() + leavePatienceMs;
    for (;;) {
      if (!isWanted()) {
        return false;
      }
      if (this.take(id, owner)) {
        return true;
      }
      const holder = this.#holders.get(id);
      const remaining = deadline - this.#clock.monotonic();
      if (holder === undefined || remaining <= 0) {
        return false;
      }
      const timer = this.#clock.after(remaining, () => holder.released.resolve());
      await holder.released.promise;
      timer.dispose();
    }
  }

  /** Takes the conversation if nobody else has it. */
  take(id: string, owner: object): boolean {
    const holder = this.#holders.get(id);
    if (holder === undefined) {
      this.#holders.set(id, { owner, released: new Deferred() });
    }
    return holder === undefined || holder.owner === owner;
  }

  release(owner: object): void {
    for (const [id, holder] of this.#holders) {
      if (holder.owner === owner) {
        this.#holders.delete(id);
        holder.released.resolve();
      }
    }
  }
}
