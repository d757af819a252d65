import type { Clock } from '../base/clock.ts';
import { type Disposable, MutableDisposable } from '../base/lifecycle.ts';
import { endsTurn, type Happened } from './absences.ts';
import { interruptedCode } from './errors.ts';
import type { SessionEvent } from './sessionEvents.ts';

/** What happens within this time is told at once. */
const collectMs = 1_500;
/** A burst of more causes than this is told without the others. */
const maxCauses = 500;

/** Why the person is told. */
export type Cause =
  | { readonly sessionId: string; readonly kind: 'asks'; readonly requestId: string }
  | { readonly sessionId: string; readonly kind: EndKind | 'stalled' };

type EndKind = 'done' | 'failed' | 'limited' | 'interrupted';

/** The causes in what was appended to a session that nobody looks at. */
export function causesOf(sessionId: string, { events, ops }: Pick<Happened, 'events' | 'ops'>): readonly Cause[] {
  const ends = endsTurn({ events, ops });
  const causes = events.flatMap(({ event }): readonly Cause[] => {
    if (event.type === 'approvalNeeded' || event.type === 'questionAsked') {
      return [{ sessionId, kind: 'asks', requestId: event.id }];
    }
    const kind = ends ? endOf(event) : undefined;
    return kind === undefined ? [] : [{ sessionId, kind }];
  });
  const isStalled = ops.some((op) => op[0] === 'header' && typeof op[1].silentSince === 'number');
  return isStalled ? [...causes, { sessionId, kind: 'stalled' }] : causes;
}

function endOf(event: SessionEvent): EndKind | undefined {
  if (event.type === 'error') {
    return event.error.code === interruptedCode ? 'interrupted' : 'failed';
  }
  if (event.type !== 'turnComplete' || event.stopReason === 'cancelled') {
    return undefined;
  }
  if (event.stopReason === 'endTurn') {
    return 'done';
  }
  const code = event.error?.code;
  return code === 'rateLimited' ? 'limited' : code === interruptedCode ? 'interrupted' : 'failed';
}

/**
 * Collects causes for a moment, so that a burst is told as one: every request, and of what became of a session the newest.
 * What a turn asked is forgotten with its end.
 */
export class AttentionCollector implements Disposable {
  readonly #clock: Clock;
  readonly #tell: (causes: readonly Cause[]) => void;
  readonly #timer = new MutableDisposable<Disposable>();
  /** By request, or by session. */
  readonly #causes = new Map<string, Cause>();

  constructor(clock: Clock, tell: (causes: readonly Cause[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  add(cause: Cause): void {
    if (cause.kind !== 'asks' && cause.kind !== 'stalled') {
      this.forget(cause.sessionId);
    }
    if (this.#causes.size < maxCauses) {
      this.#causes.set(cause.kind === 'asks' ? cause.requestId : cause.sessionId, cause);
    }
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
    for (const [key, cause] of this.#causes) {
      if (cause.sessionId === sessionId) {
        this.#causes.delete(key);
      }
    }
  }

  dispose(): void {
    this.#timer.dispose();
    this.#causes.clear();
  }
}
