import { unexpectedError } from '../../core/errors.ts';
import type { ApprovalMode, RunContext, RunResult, RunStatus, Runtime } from '../../core/runtime.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { AgentRun, type AgentServices } from './agentRun.ts';
import { ConsecutiveTurns } from './consecutiveTurns.ts';
import type { ModelVendor } from './modelVendor.ts';

/** An agent of our own: a model of some vendor in a loop with tools. One instance drives one run. */
export class AgentRuntime implements Runtime {
  readonly #services: AgentServices;
  readonly #vendorOf: (context: RunContext) => ModelVendor;
  #status: RunStatus = 'idle';
  #run: AgentRun | undefined;
  #turns: ConsecutiveTurns | undefined;
  #stopped = false;

  constructor(services: AgentServices, vendorOf: (context: RunContext) => ModelVendor) {
    this.#services = services;
    this.#vendorOf = vendorOf;
  }

  get status(): RunStatus {
    return this.#status;
  }

  async start(context: RunContext, emit: (event: RuntimeEvent) => void): Promise<RunResult> {
    if (this.#run !== undefined) {
      const error = unexpectedError('a runtime drives one run');
      emit({
        type: 'turnComplete',
        stopReason: 'error',
        error,
        durationMs: 0,
        totalTokens: 0,
        turnCount: 0,
        toolCallCount: 0,
      });
      return { aborted: false, rateLimitExit: false, error };
    }
    const run = new AgentRun(this.#services, this.#vendorOf(context), context, emit);
    this.#run = run;
    if (this.#stopped) {
      this.#status = 'completed';
      run.emit({ type: 'turnCancelled', durationMs: 0 });
      return run.result;
    }
    this.#status = 'running';
    this.#turns = new ConsecutiveTurns({
      clock: this.#services.clock,
      idleSeconds: context.idleSeconds,
      emit: run.emit,
      drive: (prompt, signal) => run.drive(prompt, signal),
    });
    this.#turns.send(context.prompt);
    await this.#turns.ended;
    this.#status = 'completed';
    run.emit({ type: 'done', nativeSessionId: run.nativeSessionId });
    return run.result;
  }

  send(prompt: string): boolean {
    return this.#turns?.send(prompt) ?? false;
  }

  async interrupt(): Promise<void> {
    await this.#turns?.interrupt();
  }

  /** The gate knows the mode and decides by it; the model is told with the next message. */
  setMode(mode: ApprovalMode): Promise<void> {
    this.#run?.setMode(mode);
    return Promise.resolve();
  }

  /** Holds from the next turn on. What the default is, only whoever starts a run knows. */
  setModel(model: string | undefined): Promise<boolean> {
    if (model === undefined || this.#run === undefined) {
      return Promise.resolve(false);
    }
    this.#run.setModel(model);
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
}
