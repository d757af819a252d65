import type { Clock } from '../../base/clock.ts';
import { type ErrorInfo, GreenroomError, messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Log } from '../../base/log.ts';
import { unexpectedError } from '../../core/errors.ts';
import type { ApprovalMode, RunContext, RunResult, RunStatus, Runtime } from '../../core/runtime.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { untilAborted } from '../shared/cancellable.ts';
import { ConsecutiveTurns } from '../shared/consecutiveTurns.ts';
import { demoFiles } from './demoFiles.ts';
import { DemoTurn, RequestWithdrawn } from './demoTurn.ts';
import type { DemoWorkshop } from './demoWorkshop.ts';
import { scenarioFor } from './scenarios.ts';

export interface DemoServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly workshop: DemoWorkshop;
}

/** A run of the demo: a script in place of a model, with tools that really act. One instance drives one run. */
export class DemoRuntime implements Runtime {
  readonly #services: DemoServices;
  #status: RunStatus = 'idle';
  #context: RunContext | undefined;
  #emit: (event: RuntimeEvent) => void = () => undefined;
  #turns: ConsecutiveTurns | undefined;
  #turnCount = 0;
  #stopped = false;

  constructor(services: DemoServices) {
    this.#services = services;
  }

  get status(): RunStatus {
    return this.#status;
  }

  async start(context: RunContext, emit: (event: RuntimeEvent) => void): Promise<RunResult> {
    if (this.#context !== undefined) {
      const error = unexpectedError('a runtime drives one run');
      emit(failed(error, 0, 0, 0));
      return { aborted: false, rateLimitExit: false, error };
    }
    this.#context = context;
    this.#emit = (event) => {
      try {
        emit(event);
      } catch (error) {
        this.#services.log.error('demo: a listener failed', error);
      }
    };
    const nativeSessionId = context.nativeSessionId ?? `demo-${context.sessionId}`;
    const result: RunResult = { nativeSessionId, aborted: false, rateLimitExit: false };
    if (this.#stopped) {
      this.#status = 'completed';
      this.#emit({ type: 'turnCancelled', durationMs: 0 });
      return result;
    }
    this.#status = 'running';
    // Where the chat names the model it says for as long as the session is shown that there is none.
    this.#emit({ type: 'sessionStarted', nativeSessionId, model: t('no model') });
    this.#warn('demo', t('This is a demo: no model is at work, and what it says is scripted. Its tools are real.'));
    if (context.model !== undefined) {
      this.#warnOfModel();
    }
    this.#turns = new ConsecutiveTurns({
      clock: this.#services.clock,
      idleSeconds: context.idleSeconds,
      emit: this.#emit,
      drive: (prompt, signal) => this.#drive(prompt, signal),
    });
    this.#turns.send(context.prompt);
    await this.#turns.ended;
    this.#status = 'completed';
    this.#emit({ type: 'done', nativeSessionId });
    return result;
  }

  send(prompt: string): boolean {
    return this.#turns?.send(prompt) ?? false;
  }

  async interrupt(): Promise<void> {
    await this.#turns?.interrupt();
  }

  /** The gate knows the mode and decides by it. */
  setMode(_mode: ApprovalMode): Promise<void> {
    return Promise.resolve();
  }

  /** There is none to change, which is said. */
  setModel(model: string | undefined): Promise<boolean> {
    if (model !== undefined && this.#status === 'running') {
      this.#warnOfModel();
    }
    return Promise.resolve(true);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turns?.stop();
  }

  /** Everything is in the stream. */
  bufferedEvents(): readonly RuntimeEvent[] {
    return [];
  }

  /** Plays a turn and gives the event that ends it. Never rejects. */
  async #drive(prompt: string, signal: AbortSignal): Promise<RuntimeEvent> {
    const { clock, workshop, log } = this.#services;
    this.#turnCount += 1;
    const startedAt = clock.monotonic();
    const duration = (): number => Math.round(clock.monotonic() - startedAt);
    const context = this.#context;
    if (context === undefined) {
      return { type: 'turnCancelled', durationMs: 0 };
    }
    const turn = new DemoTurn(
      {
        clock,
        workshop,
        gate: context.approvals,
        emit: this.#emit,
        idPrefix: `demo-r${context.run}-t${this.#turnCount}`,
      },
      signal,
    );
    try {
      const found = await untilAborted(workshop.prepare(demoFiles()), signal);
      if (found === 'repaired') {
        this.#warn('demoRepaired', t("Files of the demo's folder were missing or damaged; they were made anew."));
      }
      const failure = await turn.play(scenarioFor(prompt, workshop.shell));
      if (failure !== undefined) {
        return failed(failure, duration(), turn.stepCount, turn.callCount);
      }
      return {
        type: 'turnComplete',
        stopReason: 'endTurn',
        durationMs: duration(),
        totalTokens: 0,
        turnCount: turn.stepCount,
        toolCallCount: turn.callCount,
      };
    } catch (error) {
      if (signal.aborted || error instanceof RequestWithdrawn) {
        return { type: 'turnCancelled', durationMs: duration() };
      }
      if (!(error instanceof GreenroomError)) {
        log.error('demo: a turn failed', error);
      }
      const info = error instanceof GreenroomError ? error.info : unexpectedError(messageOf(error));
      return failed(info, duration(), turn.stepCount, turn.callCount);
    }
  }

  #warnOfModel(): void {
    this.#warn('demoModel', t('The demo has no model, so that choosing one changes nothing.'));
  }

  #warn(code: string, message: string): void {
    this.#emit({ type: 'warning', code, message });
  }
}

function failed(error: ErrorInfo, durationMs: number, turnCount: number, toolCallCount: number): RuntimeEvent {
  return { type: 'turnComplete', stopReason: 'error', error, durationMs, totalTokens: 0, turnCount, toolCallCount };
}
