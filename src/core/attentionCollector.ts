import type { Clock } from '../base/clock.ts';
import { type Disposable, MutableDisposable } from '../base/lifecycle.ts';
import type { SessionEvent } from './sessionEvents.ts';

/** What happens within this time is told at once. */
const collectMs = 1_500;

/** Why the person is told: `attention` needs them or cannot go on, `news` is good to know. */
export interface Cause {
  readonly sessionId: string;
  readonly kind: 'asks' | 'failed' | 'limited' | 'done';
}

/** The cause that an event of a session nobody looks at gives, if any. */
export function causeOf(sessionId: string, event: SessionEvent): Cause | undefined {
  switch (event.type) {
    case 'approvalNeeded':
    case 'questionAsked':
      return { sessionId, kind: 'asks' };
    case 'error':
      return { sessionId, kind: 'failed' };
    case 'turnComplete':
      if (event.stopReason === 'endTurn') {
        return { sessionId, kind: 'done' };
      }
      return { sessionId, kind: event.error?.code === 'rateLimited' ? 'limited' : 'failed' };
    default:
      return undefined;
  }
}

/** Collects causes for a moment, the newest of each session, so that a burst is told as one. */
export class AttentionCollector implements Disposable {
  readonly #clock: Clock;
  readonly #tell: (causes: readonly Cause[]) => void;
  readonly #timer = new MutableDisposable<Disposable>();
  readonly #causes = new Map<string, Cause>();

  constructor(clock: Clock, tell: (causes: readonly Cause[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(cause: Cause): void {
    this.#causes.set(cause.sessionId, cause);
    this.#timer.value ??= this.#clock.after(collectMs, () => {
      this.#timer.value = undefined;
      const causes = [...this.#causes.values()];
      this.#causes.clear();
      if (causes.length > 0) {
        this.#tell(causes);
      }
    });
  }

  /** The person has seen the session: there is nothing to tell. */
  forget(sessionId: string): void {
    this.#causes.delete(sessionId);
  }

  dispose(): void {
    this.#timer.dispose();
    this.#causes.clear();
  }
}
