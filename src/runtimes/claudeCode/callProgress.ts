import type { Disposable } from '../../base/lifecycle.ts';
import type { Clock } from '../../core/ports.ts';

export interface ProgressPorts {
  readonly clock: Clock;
  /** Tells the CLI that the call still works; undefined: it did not ask. `progress` grows each time. */
  readonly report: ((progress: number, message: string | undefined) => void) | undefined;
  /** Shows the person what the tool said since the last time. */
  readonly show: (text: string) => void;
}

/** Well within the shortest silence (60 s) after which a version was seen to give a call up. */
const heartbeatMs = 15_000;
const reportGapMs = 1_000;
const showGapMs = 100;
const longestMessage = 200;
/** What a transcript shows of a call that is at work. */
const maxShownLength = 65_536;

/** What is told of one call while it is at work, neither too rarely nor too often. Ends with `dispose`. */
export class CallProgress implements Disposable {
  readonly #ports: ProgressPorts;
  #said = '';
  #shown = '';
  #count = 0;
  #reportedAt: number;
  #heartbeat: Disposable | undefined;
  #report: Disposable | undefined;
  #show: Disposable | undefined;

  constructor(ports: ProgressPorts) {
    this.#ports = ports;
    this.#reportedAt = ports.clock.monotonic() - reportGapMs;
    this.#waitHeartbeat();
  }

  /** `text` is everything that the tool has said so far. */
  said(text: string): void {
    this.#said = text;
    this.#show ??= this.#ports.clock.after(showGapMs, () => this.#showNow());
    if (this.#ports.report !== undefined && this.#report === undefined) {
      const waitMs = Math.max(0, this.#reportedAt + reportGapMs - this.#ports.clock.monotonic());
      this.#report = this.#ports.clock.after(waitMs, () => this.#reportNow());
    }
  }

  dispose(): void {
    this.#heartbeat?.dispose();
    this.#report?.dispose();
    this.#show?.dispose();
  }

  /** What does not go on from what was shown is left to the result. */
  #showNow(): void {
    this.#show = undefined;
    const said = this.#said.slice(0, maxShownLength + 1);
    if (said.length > this.#shown.length && said.startsWith(this.#shown)) {
      this.#ports.show(said.slice(this.#shown.length));
      this.#shown = said;
    }
  }

  #reportNow(): void {
    this.#report?.dispose();
    this.#report = undefined;
    this.#reportedAt = this.#ports.clock.monotonic();
    this.#count += 1;
    this.#ports.report?.(this.#count, lastLine(this.#said));
    this.#waitHeartbeat();
  }

  #waitHeartbeat(): void {
    this.#heartbeat?.dispose();
    if (this.#ports.report !== undefined) {
      this.#heartbeat = this.#ports.clock.after(heartbeatMs, () => this.#reportNow());
    }
  }
}

function lastLine(text: string): string | undefined {
  const line =
    text
      .slice(-4 * longestMessage)
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1)
      ?.trim() ?? '';
  return line === '' ? undefined : line.slice(0, longestMessage);
}
