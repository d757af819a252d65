import type { Clock } from '../../base/clock.ts';
import { type ErrorInfo, messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { ApprovalGate, Verdict } from '../../core/runtime.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { pause, untilAborted } from '../shared/cancellable.ts';
import { execute, inputOf, requestOf, titleOf, type WorkCall } from './demoTools.ts';
import type { DemoWorkshop } from './demoWorkshop.ts';
import type { CallResult, DemoCall, ModelStep, Scenario } from './modelStep.ts';
import { piecesOf } from './pacing.ts';

/** The time from a request to the first words of the answer. */
const thinkMs = 400;
const retryDelayMs = 1_500;

export interface TurnDeps {
  readonly clock: Clock;
  readonly workshop: DemoWorkshop;
  readonly gate: ApprovalGate;
  readonly emit: (event: RuntimeEvent) => void;
  /** Begins the ids of the turn's parts and calls; unique within the session. */
  readonly idPrefix: string;
}

interface StreamedCall {
  readonly id: string;
  readonly call: DemoCall;
}

/**
 * One turn: the scripted model's steps as events in time, and its calls through the gate to the tools. Aborting the signal
 * ends it from any point; then nothing of it runs any more and each of its calls has a result.
 */
export class DemoTurn {
  readonly #deps: TurnDeps;
  readonly #signal: AbortSignal;
  /** Calls that the transcript knows and that have no result yet. */
  readonly #open = new Set<string>();
  #steps = 0;
  #calls = 0;
  #parts = 0;

  constructor(deps: TurnDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  get stepCount(): number {
    return this.#steps;
  }

  get callCount(): number {
    return this.#calls;
  }

  /** Resolves with the failure of the pretended service, if the script has one. Rejects when the signal has aborted. */
  async play(scenario: Scenario): Promise<ErrorInfo | undefined> {
    try {
      let next = scenario.next();
      while (next.done !== true) {
        const step = next.value;
        const calls = await this.#say(step);
        if (step.failure !== undefined) {
          return step.failure;
        }
        next = scenario.next(await this.#runAll(calls));
      }
      return undefined;
    } finally {
      for (const id of this.#open) {
        this.#deps.emit({ type: 'toolResult', id, output: '', outcome: 'cancelled' });
      }
    }
  }

  /** Streams what the model says, up to the last argument of its last call. */
  async #say(step: ModelStep): Promise<readonly StreamedCall[]> {
    this.#steps += 1;
    this.#deps.emit({ type: 'stepStarted' });
    await this.#pause(thinkMs);
    const retries = step.retries ?? 0;
    for (let attempt = 1; attempt <= retries; attempt++) {
      const reason = t('The demo pretends that its service is overloaded.');
      this.#deps.emit({ type: 'retry', attempt, maxAttempts: retries, delayMs: retryDelayMs, reason });
      await this.#pause(retryDelayMs);
    }
    await this.#stream('reasoningDelta', step.reasoning, step.pace);
    await this.#stream('textDelta', step.text, step.pace);
    const streamed: StreamedCall[] = [];
    for (const call of step.calls ?? []) {
      streamed.push(await this.#streamCall(call));
    }
    return streamed;
  }

  async #stream(type: 'textDelta' | 'reasoningDelta', text: string | undefined, pace: ModelStep['pace']) {
    this.#parts += 1;
    const partId = `${this.#deps.idPrefix}-p${this.#parts}`;
    for (const piece of piecesOf(text ?? '', pace ?? 'normal')) {
      await this.#pause(piece.pauseMs);
      this.#deps.emit({ type, partId, text: piece.text });
    }
  }

  async #streamCall(call: DemoCall): Promise<StreamedCall> {
    const { emit, idPrefix, workshop } = this.#deps;
    this.#calls += 1;
    const id = `${idPrefix}-c${this.#calls}`;
    const inputText = JSON.stringify(inputOf(call, workshop.folder));
    this.#open.add(id);
    emit({ type: 'toolCallStreaming', id, name: call.tool, text: '' });
    for (const piece of piecesOf(inputText, 'argument')) {
      await this.#pause(piece.pauseMs);
      emit({ type: 'toolCallStreaming', id, name: call.tool, text: piece.text });
    }
    emit({ type: 'toolCallStarted', id, name: call.tool, title: titleOf(call, workshop.folder), inputText });
    return { id, call };
  }

  /** Waits for all of them, also when one is cancelled: whatever a tool started has ended then. */
  async #runAll(calls: readonly StreamedCall[]): Promise<readonly CallResult[]> {
    const settled = await Promise.allSettled(calls.map((call) => this.#run(call)));
    return settled.map((result) => {
      if (result.status === 'rejected') {
        throw result.reason;
      }
      return result.value;
    });
  }

  async #run({ id, call }: StreamedCall): Promise<CallResult> {
    this.#signal.throwIfAborted();
    switch (call.tool) {
      case 'AskUserQuestion':
        return this.#ask(id, call);
      case 'ExitPlanMode':
        return this.#present(id, call);
      default:
        return this.#work(id, call);
    }
  }

  async #work(id: string, call: WorkCall): Promise<CallResult> {
    const { gate, workshop, emit } = this.#deps;
    const request = requestOf(call, id, workshop.folder);
    const verdict = await this.#judge(request);
    if (verdict.kind === 'deny') {
      return this.#refuse(id, 'rule', verdict.reason);
    }
    if (verdict.kind === 'ask') {
      const answer = await this.#decided(gate.ask(request, verdict.reason, this.#signal));
      if (answer.kind === 'deny') {
        return this.#refuse(id, 'person', answer.message);
      }
    }
    this.#signal.throwIfAborted();
    const { outcome, output, edit } = await execute(
      call,
      workshop,
      (text) => emit({ type: 'toolOutput', id, text }),
      this.#signal,
    );
    this.#result(id, outcome, output, edit);
    this.#signal.throwIfAborted();
    return { outcome: outcome === 'completed' ? 'completed' : 'failed', output };
  }

  /** What cannot be judged is refused. */
  async #judge(request: Parameters<ApprovalGate['judge']>[0]): Promise<Verdict> {
    try {
      return await untilAborted(this.#deps.gate.judge(request), this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      return { kind: 'deny', reason: messageOf(error) };
    }
  }

  async #ask(id: string, call: Extract<DemoCall, { tool: 'AskUserQuestion' }>): Promise<CallResult> {
    const asked = this.#deps.gate.askQuestions(id, call.questions, this.#signal);
    const answers = await untilAborted(asked, this.#signal);
    if (answers === undefined) {
      return this.#refuse(id, 'person', t('The person did not answer.'));
    }
    const lines = Object.entries(answers).map(
      ([question, answer]) => `${question} ${typeof answer === 'string' ? answer : answer.join(', ')}`,
    );
    this.#result(id, 'completed', lines.join('\n'));
    return { outcome: 'completed', output: lines.join('\n'), answers };
  }

  async #present(id: string, call: Extract<DemoCall, { tool: 'ExitPlanMode' }>): Promise<CallResult> {
    const answer = await this.#decided(this.#deps.gate.approvePlan(id, call.plan, this.#signal));
    if (answer.kind === 'deny') {
      return this.#refuse(id, 'person', answer.message);
    }
    const output = t('The plan was approved.');
    this.#result(id, 'completed', output);
    return { outcome: 'completed', output };
  }

  /** An answer of the person. A request that was taken back has ended the turn. */
  async #decided<T extends { readonly kind: string }>(asked: Promise<T>): Promise<Exclude<T, { kind: 'withdrawn' }>> {
    const answer = await untilAborted(asked, this.#signal);
    if (answer.kind === 'withdrawn') {
      throw new RequestWithdrawn();
    }
    return answer as Exclude<T, { kind: 'withdrawn' }>;
  }

  #refuse(id: string, refusedBy: 'person' | 'rule', message: string): CallResult {
    this.#result(id, 'failed', message);
    return { outcome: 'refused', refusedBy, output: message };
  }

  #result(
    id: string,
    outcome: 'completed' | 'failed' | 'cancelled',
    output: string,
    edit?: Extract<RuntimeEvent, { type: 'toolResult' }>['edit'],
  ): void {
    this.#open.delete(id);
    this.#deps.emit({ type: 'toolResult', id, output, outcome, ...(edit === undefined ? {} : { edit }) });
  }

  #pause(delayMs: number): Promise<void> {
    return pause(this.#deps.clock, delayMs, this.#signal);
  }
}

/** The host took a request back, which it does when it ends the turn. */
export class RequestWithdrawn extends Error {}
