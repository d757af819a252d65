import type { Disposable } from './lifecycle.ts';

/** Time as the core sees it; tests bring their own. */
export interface Clock {
  /** Wall-clock milliseconds since 1970; may jump. */
  now(): number;
  /** Milliseconds that only grow; for durations. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`, unless disposed before. */
  after(delayMs: number, run: () => void): Disposable;
}
