import { performance } from 'node:perf_hooks';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/lifecycle.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return toDisposable(() => clearTimeout(timer));
  },
};
