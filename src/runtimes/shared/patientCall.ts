import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Log } from '../../base/log.ts';
import { unexpectedError } from '../../core/errors.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { longestWaitMs, maxRetries, waitBefore } from './backoff.ts';
import { pause, untilAborted } from './cancellable.ts';
import type { ModelAnswer, ModelChunk, ModelFailure, ModelRequest, ModelVendor } from './modelVendor.ts';
import { fellSilent, rateLimited } from './serviceErrors.ts';

/** A service that fell silent is asked once more. */
const maxSilentRetries = 1;
/** A service that does not even end when it was told to is left behind after this time. */
const leavePatienceMs = 5_000;

export interface PatienceDeps {
  readonly vendor: ModelVendor;
  readonly clock: Clock;
  readonly log: Log;
  /** 0..1, another each time. */
  readonly chance: () => number;
  readonly emit: (event: RuntimeEvent) => void;
  /** Without a sign of life for this long a request is ended; 0: never. */
  readonly inactivityTimeoutSeconds: number;
}

/** An attempt at an answer: takes what comes, and is told when it came to nothing. */
export interface Attempt {
  readonly take: (chunk: ModelChunk) => void;
  readonly failed: (willRetry: boolean) => void;
}

/** Calls a model, and again where that may help, after a wait that is shown. Undefined: the signal has aborted. */
export async function callPatiently(
  deps: PatienceDeps,
  request: ModelRequest,
  begin: (attempt: number) => Attempt,
  signal: AbortSignal,
): Promise<ModelAnswer | undefined> {
  let silences = 0;
  for (let attempt = 1; ; attempt++) {
    const tries = begin(attempt);
    const answer = await callOnce(deps, request, tries, signal);
    // Also what was given up on has been paid for.
    if ((answer.kind === 'failed' || signal.aborted) && answer.usage !== undefined) {
      deps.emit({ type: 'usage', ...answer.usage });
    }
    if (signal.aborted) {
      return undefined;
    }
    if (answer.kind === 'complete') {
      return answer;
    }
    const failure = withKnownEnd(answer.failure, deps.clock);
    silences += failure.error.code === 'inactive' ? 1 : 0;
    const most = Math.min(failure.maxRetries ?? maxRetries, maxRetries);
    const willRetry = failure.retryReason !== undefined && attempt <= most && silences <= maxSilentRetries;
    tries.failed(willRetry);
    if (!willRetry) {
      return { ...answer, failure };
    }
    const delayMs = waitBefore(attempt, failure.retryAfterMs, deps.chance());
    deps.emit({ type: 'retry', attempt, maxAttempts: most, delayMs, reason: failure.retryReason });
    try {
      await pause(deps.clock, delayMs, signal);
    } catch {
      return undefined;
    }
  }
}

async function callOnce(
  { vendor, clock, log, inactivityTimeoutSeconds }: PatienceDeps,
  request: ModelRequest,
  { take }: Attempt,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const silent = new AbortController();
  const patienceMs = inactivityTimeoutSeconds * 1000;
  let heardAt = clock.monotonic();
  const watch = (delayMs: number): ReturnType<Clock['after']> =>
    clock.after(delayMs, () => {
      const left = heardAt + patienceMs - clock.monotonic();
      if (left <= 0) {
        silent.abort();
      } else {
        timer = watch(left);
      }
    });
  let timer = patienceMs > 0 ? watch(patienceMs) : undefined;
  const given = AbortSignal.any([signal, silent.signal]);
  const leaving = new AbortController();
  let leaveTimer: ReturnType<Clock['after']> | undefined;
  const leave = (): void => {
    leaveTimer = clock.after(leavePatienceMs, () =>
      leaving.abort(new Error('the service did not end when it was stopped')),
    );
  };
  if (given.aborted) {
    leave();
  }
  given.addEventListener('abort', leave, { once: true });
  try {
    const call = vendor.call(
      request,
      (chunk) => {
        heardAt = clock.monotonic();
        // What comes after an abort belongs to nobody.
        if (!signal.aborted && !silent.signal.aborted) {
          take(chunk);
        }
      },
      given,
    );
    const answer = await untilAborted(call, leaving.signal);
    if (!silent.signal.aborted || answer.kind === 'complete') {
      return answer;
    }
    return {
      kind: 'failed',
      failure: { error: fellSilent(inactivityTimeoutSeconds), retryReason: t('The service fell silent.') },
      ...(answer.usage === undefined ? {} : { usage: answer.usage }),
    };
  } catch (error) {
    log.error(`${vendor.id}: a call failed`, error);
    return {
      kind: 'failed',
      failure: silent.signal.aborted
        ? { error: fellSilent(inactivityTimeoutSeconds) }
        : { error: unexpectedError(messageOf(error)) },
    };
  } finally {
    timer?.dispose();
    given.removeEventListener('abort', leave);
    leaveTimer?.dispose();
  }
}

/** A wait that is too long to be waited for is a limit with a known end. */
function withKnownEnd(failure: ModelFailure, clock: Clock): ModelFailure {
  const { retryAfterMs, limit } = failure;
  return retryAfterMs === undefined || retryAfterMs <= longestWaitMs
    ? failure
    : {
        error: rateLimited(failure.error.details),
        limit: limit ?? { type: 'rateLimit', status: 'blocked', resetsAt: clock.now() + retryAfterMs },
      };
}
