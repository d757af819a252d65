import { Deferred } from '../../base/async.ts';
import { type Disposable, toDisposable } from '../../base/lifecycle.ts';
import type { Clock } from '../../core/ports.ts';

/**
 * So many CLIs start at the same time. A start writes the CLI's configuration file (`~/.claude.json`) about eight times,
 * under a lock for which it does not wait long: one that finds it held waits 1.5 s and then writes without it, over what
 * others have written meanwhile. Sixteen starts of 2.1.328 on two cores, medians of three: all at once 34 writes without
 * the lock, the first answer after 9 s and the last after 13 s; eight at a time 8, 5 s and 9 s; three none, 1 s and 8 s;
 * two none, 0.7 s and 4 s; one none, 0.6 s and 6 s.
 */
const maxStarting = 2;
/**
 * A start that is not through by then no longer holds up the others. Two at a time took 0.5 s each, and at most 2.1 s on a
 * machine that was busy otherwise.
 */
const maxStartMs = 5_000;

/** Lets CLIs start a few at a time, in the order in which they came. A run waits here with one start at most. */
export class StartGate {
  readonly #clock: Clock;
  readonly #waiting = new Set<Deferred<Disposable | undefined>>();
  #starting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A place among those that start, to be disposed once the start is through; undefined if `signal` was aborted before
   * there was one. `onWait` is called if it is not free at once.
   */
  async enter(signal: AbortSignal, onWait: () => void): Promise<Disposable | undefined> {
    if (signal.aborted) {
      return undefined;
    }
    if (this.#starting < maxStarting) {
      return this.#admit();
    }
    onWait();
    const admitted = new Deferred<Disposable | undefined>();
    this.#waiting.add(admitted);
    const leave = (): void => {
      this.#waiting.delete(admitted);
      admitted.resolve(undefined);
    };
    signal.addEventListener('abort', leave);
    const place = await admitted.promise;
    signal.removeEventListener('abort', leave);
    if (signal.aborted) {
      place?.dispose();
      return undefined;
    }
    return place;
  }

  #admit(): Disposable {
    this.#starting += 1;
    const place = toDisposable(() => {
      patience.dispose();
      this.#starting -= 1;
      this.#admitNext();
    });
    const patience = this.#clock.after(maxStartMs, () => place.dispose());
    return place;
  }

  #admitNext(): void {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
      next.resolve(this.#admit());
    }
  }
}
