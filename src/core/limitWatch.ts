import type { Clock } from '../base/clock.ts';
import { type Disposable, MutableDisposable } from '../base/lifecycle.ts';

/** A machine that slept, or whose clock was set, is noticed within this time. */
const longestSleepMs = 60_000;

/** Says when the earliest of some times of day has passed. */
export class LimitWatch implements Disposable {
  readonly #clock: Clock;
  readonly #untils: () => readonly number[];
  readonly #onPassed: () => void;
  readonly #timer = new MutableDisposable<Disposable>();

  /** `untils`: the times that have not passed yet, in milliseconds since 1970. */
  constructor(clock: Clock, untils: () => readonly number[], onPassed: () => void) {
    this.#clock = clock;
    this.#untils = untils;
    this.#onPassed = onPassed;
  }

  /** Looks at the times again, because they may have changed. */
  look(): void {
    const next = Math.min(...this.#untils());
    const waitMs = next - this.#clock.now();
    this.#timer.value = Number.isFinite(next)
      ? this.#clock.after(Math.min(Math.max(0, waitMs), longestSleepMs), () => this.#wake(next))
      : undefined;
  }

  dispose(): void {
    this.#timer.dispose();
  }

  #wake(next: number): void {
    if (this.#clock.now() < next) {
      this.look();
    } else {
      this.#timer.value = undefined;
      this.#onPassed();
    }
  }
}
