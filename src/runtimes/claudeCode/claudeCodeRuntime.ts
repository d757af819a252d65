import { messageOf } from '../../base/errors.ts';
import type { ApprovalMode, RunContext, RunResult, RunStatus, Runtime } from '../../core/runtime.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { ClaudeRun } from './claudeRun.ts';
import { notStarted } from './errors.ts';
import type { NativeSessions } from './nativeSessions.ts';
import type { ClaudeCodeServices } from './services.ts';
import type { StartGate } from './startGate.ts';

/** The Claude Code CLI as a runtime. One instance drives one run. */
export class ClaudeCodeRuntime implements Runtime {
  readonly #services: ClaudeCodeServices;
  readonly #nativeSessions: NativeSessions;
  readonly #startGate: StartGate;
  #run: ClaudeRun | undefined;
  #status: RunStatus = 'idle';

  constructor(services: ClaudeCodeServices, nativeSessions: NativeSessions, startGate: StartGate) {
    this.#services = services;
    this.#nativeSessions = nativeSessions;
    this.#startGate = startGate;
  }

  get status(): RunStatus {
    return this.#status;
  }

  async start(context: RunContext, emit: (event: RuntimeEvent) => void): Promise<RunResult> {
    if (this.#run !== undefined) {
      const error = notStarted('a runtime drives one run');
      emit({
        type: 'turnComplete',
        stopReason: 'error',
        error,
        durationMs: 0,
        totalTokens: 0,
        turnCount: 0,
        toolCallCount: 0,
      });
      return { aborted: true, rateLimitExit: false, error };
    }
    this.#status = 'running';
    this.#run = new ClaudeRun(this.#services, this.#nativeSessions, this.#startGate, context, (event) => {
      try {
        emit(event);
      } catch (error) {
        this.#services.log.error(`claude-code: a listener failed: ${messageOf(error)}`, error);
      }
    });
    const result = await this.#run.drive();
    this.#status = result.error === undefined ? 'completed' : 'failed';
    return result;
  }

  send(prompt: string): boolean {
    return this.#run?.send(prompt) ?? false;
  }

  async interrupt(): Promise<void> {
    await this.#run?.interrupt();
  }

  async setMode(mode: ApprovalMode): Promise<void> {
    await this.#run?.setMode(mode);
  }

  async setModel(model: string | undefined): Promise<boolean> {
    return (await this.#run?.setModel(model)) ?? false;
  }

  async stopTask(taskId: string): Promise<boolean> {
    return (await this.#run?.stopTask(taskId)) ?? false;
  }

  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  /** Everything is in the stream. */
  bufferedEvents(): readonly RuntimeEvent[] {
    return [];
  }
}
