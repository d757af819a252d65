import { Deferred } from '../../src/base/async.ts';
import type { RunContext, Runtime, RuntimeKind, RunResult, RunStatus } from '../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../src/core/sessionEvents.ts';
import type { ApprovalMode } from '../../src/protocol/view.ts';

/** A runtime whose events the test plays by hand. */
export class FakeRuntime implements Runtime {
  status: RunStatus = 'idle';
  readonly prompts: string[] = [];
  readonly calls: string[] = [];
  context: RunContext | undefined;
  acceptsModel = true;
  /** Whether `send` takes another turn. */
  takesMore = true;
  readonly #ended = new Deferred<RunResult>();
  #emit: (event: RuntimeEvent) => void = () => undefined;

  start(context: RunContext, emit: (event: RuntimeEvent) => void): Promise<RunResult> {
    this.status = 'running';
    this.context = context;
    this.#emit = emit;
    this.prompts.push(context.prompt);
    return this.#ended.promise;
  }

  send(prompt: string): boolean {
    if (!this.takesMore) {
      this.end();
      return false;
    }
    this.prompts.push(prompt);
    return true;
  }

  interrupt(): Promise<void> {
    this.calls.push('interrupt');
    return Promise.resolve();
  }

  setMode(mode: ApprovalMode): Promise<void> {
    this.calls.push(`setMode ${mode}`);
    return Promise.resolve();
  }

  setModel(model: string | undefined): Promise<boolean> {
    this.calls.push(`setModel ${model}`);
    return Promise.resolve(this.acceptsModel);
  }

  stopTask(taskId: string): Promise<boolean> {
    this.calls.push(`stopTask ${taskId}`);
    return Promise.resolve(true);
  }

  stop(): Promise<void> {
    this.calls.push('stop');
    this.end();
    return Promise.resolve();
  }

  bufferedEvents(): readonly RuntimeEvent[] {
    return [];
  }

  emit(...events: RuntimeEvent[]): void {
    for (const event of events) {
      this.#emit(event);
    }
  }

  endTurn(): void {
    this.emit({
      type: 'turnComplete',
      stopReason: 'endTurn',
      durationMs: 1,
      totalTokens: 1,
      turnCount: 1,
      toolCallCount: 0,
    });
  }

  end(result: Partial<RunResult> = {}): void {
    this.status = 'completed';
    this.#ended.resolve({ aborted: false, rateLimitExit: false, ...result });
  }
}

/** A kind whose runs the test can reach, in the order they were started. */
export function fakeKind(id = 'fake'): RuntimeKind & { readonly runs: FakeRuntime[] } {
  const runs: FakeRuntime[] = [];
  return {
    id,
    displayName: 'Fake',
    homepage: 'https://example.com',
    repositoryFiles: [],
    capabilities: { interrupt: true, resume: true, consecutiveTurns: true, needsTrust: true, suggestedModels: [] },
    create() {
      const runtime = new FakeRuntime();
      runs.push(runtime);
      return Promise.resolve(runtime);
    },
    runs,
  };
}
