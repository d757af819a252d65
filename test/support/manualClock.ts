import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, toDisposable } from '../../src/base/lifecycle.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #time = 0;
  #order = 0;
  readonly #start: number;
  readonly #timers = new Set<Timer>();

  constructor(start = 1_700_000_000_000) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(delayMs: number, run: () => void): Disposable {
    const timer = { at: this.#time + delayMs, order: this.#order++, run };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Lets `ms` pass; what is due runs in order, at its own time. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) {
        break;
      }
      this.#timers.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
  }

  /** Lets `ms` pass in small steps, and lets what was waiting for a step go on before the next. */
  async run(ms: number, stepMs = 10): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.advance(Math.min(stepMs, ms - passed));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
