import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/lifecycle.ts';

export interface SilencePorts {
  readonly clock: Clock;
  /** 0: silence is never too long. */
  readonly timeoutMs: number;
  /** Whether silence means nothing now: nobody has to speak, or somebody else's answer is awaited. */
  readonly isExpected: () => boolean;
  /** Called once; `start` watches again. */
  readonly onTooLong: (silentMs: number) => void;
}

/** Notices when nothing was heard for too long. */
export class SilenceWatch implements Disposable {
  readonly #ports: SilencePorts;
  #heardAt: number;
  #timer: Disposable | undefined;

  constructor(ports: SilencePorts) {
    this.#ports = ports;
    this.#heardAt = ports.clock.monotonic();
  }

  start(): void {
    this.#timer?.dispose();
    if (this.#ports.timeoutMs > 0) {
      this.#look();
    }
  }

  /** Something was heard. */
  heard(): void {
    this.pardon(0);
  }

  /** Silence is fine for this long from now. */
  pardon(durationMs: number): void {
    this.#heardAt = Math.max(this.#heardAt, this.#ports.clock.monotonic() + durationMs);
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #look(): void {
    if (this.#ports.isExpected()) {
      this.heard();
    }
    const silentMs = this.#ports.clock.monotonic() - this.#heardAt;
    if (silentMs >= this.#ports.timeoutMs) {
      this.#ports.onTooLong(silentMs);
    } else {
      this.#timer = this.#ports.clock.after(this.#ports.timeoutMs - silentMs, () => this.#look());
    }
  }
}
