import { epochMs, lastPieceIn, type Measured } from './script.ts';

const tickMs = 5;

/** What this process uses, and how late its timers are, from `start` to `stop`. */
export class Meter {
  #cpu = process.cpuUsage();
  #startedAt = 0;
  #lateness: number[] = [];
  #seen: [number, number][] = [];
  #last = -1;
  #timer: NodeJS.Timeout | undefined;
  posted = 0;

  start(): void {
    this.#lateness = [];
    this.#seen = [];
    this.#last = -1;
    this.posted = 0;
    this.#cpu = process.cpuUsage();
    this.#startedAt = performance.now();
    const tick = (): void => {
      const due = performance.now() + tickMs;
      this.#timer = setTimeout(() => {
        this.#lateness.push(Math.max(0, performance.now() - due));
        tick();
      }, tickMs);
    };
    tick();
  }

  /** Text of the session on stage has come; pieces that came with it count from now. */
  saw(text: string): void {
    const piece = lastPieceIn(text);
    if (piece !== undefined && piece > this.#last) {
      this.#last = piece;
      this.#seen.push([piece, epochMs()]);
    }
  }

  stop(): Measured {
    clearTimeout(this.#timer);
    const wallMs = performance.now() - this.#startedAt;
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      cpuShare: (user + system) / 1000 / wallMs,
      latenessMs: this.#lateness,
      seen: this.#seen,
      posted: this.posted,
      wallMs,
    };
  }
}
