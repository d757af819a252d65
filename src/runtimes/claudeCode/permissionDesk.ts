import { asArray, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import { messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Answer, ApprovalGate, ApprovalMode, Question, Verdict } from '../../core/runtime.ts';
import { toolRequest } from './tools.ts';

export interface DeskPorts {
  readonly gate: ApprovalGate;
  /** Answers a control request of the CLI. */
  readonly reply: (requestId: string, response: JsonRecord) => void;
  /** The plan to approve, given what the call itself says. */
  readonly plan: (input: JsonRecord) => Promise<string>;
  /** The CLI's name for the mode in which the work goes on. */
  readonly modeName: (mode: ApprovalMode) => string;
  /** Whether something waits has changed. */
  readonly changed: () => void;
  readonly failed: (what: string, error: unknown) => void;
}

/** Verdicts wait for the request that follows them; a call is decided once, so few are open at a time. */
const rememberedVerdicts = 256;
const rejected = (): string => t('The person rejected this call.');

/** Answers what the CLI asks before it runs a tool; the gate decides. What fails is refused. */
export class PermissionDesk {
  readonly #ports: DeskPorts;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #waiting = new Map<string, AbortController>();

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** Whether a decision is being waited for. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** `PreToolUse`: sees every call, also those that the CLI's own mode would allow. */
  async preToolUse(requestId: string, request: JsonRecord): Promise<void> {
    const input = asRecord(request['input']);
    const toolName = asString(input['tool_name']) ?? '';
    if (isForThePerson(toolName)) {
      this.#ports.reply(requestId, {});
      return;
    }
    const toolCallId = asString(input['tool_use_id']) ?? asString(request['tool_use_id']);
    const verdict = await this.#judge(toolName, toolCallId, input['tool_input']);
    if (toolCallId !== undefined) {
      this.#remember(toolCallId, verdict);
    }
    this.#ports.reply(requestId, {
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: verdict.kind,
        permissionDecisionReason: verdict.reason,
      },
    });
  }

  /** `can_use_tool`: the CLI wants an answer; it stays open until the person gives one. */
  async canUseTool(requestId: string, request: JsonRecord): Promise<void> {
    const abort = new AbortController();
    this.#waiting.set(requestId, abort);
    this.#ports.changed();
    let response: JsonRecord | undefined;
    try {
      response = await this.#decide(request, abort.signal);
    } catch (error) {
      this.#ports.failed('deciding on a tool call', error);
      response = denial(messageOf(error));
    }
    if (this.#waiting.delete(requestId)) {
      this.#ports.reply(requestId, response);
    }
    this.#ports.changed();
  }

  /** The CLI takes a request back. */
  cancel(requestId: string): void {
    const abort = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    abort?.abort();
    this.#ports.changed();
  }

  /** The turn is interrupted: what waits is refused, so that nothing of it goes on. */
  interrupt(): void {
    for (const [requestId, abort] of this.#waiting) {
      this.#waiting.delete(requestId);
      this.#ports.reply(requestId, { ...denial(t('The turn was cancelled.')), interrupt: true });
      abort.abort();
    }
    this.#ports.changed();
  }

  /** The turn or the run has ended: nobody wants an answer any more. */
  withdraw(): void {
    for (const [requestId, abort] of this.#waiting) {
      this.#waiting.delete(requestId);
      abort.abort();
    }
    this.#verdicts.clear();
    this.#ports.changed();
  }

  async #decide(request: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
    const toolName = asString(request['tool_name']) ?? '';
    const input = asRecord(request['input']);
    const toolCallId = asString(request['tool_use_id']);
    switch (toolName) {
      case 'AskUserQuestion':
        return this.#askQuestions(toolCallId, input, signal);
      case 'ExitPlanMode':
        return this.#approvePlan(toolCallId, input, signal);
      default: {
        // What our own hook answered comes back as the CLI's reason: it is no news.
        const runtimeReason =
          request['decision_reason_type'] === 'hook' ? undefined : asString(request['decision_reason']);
        const judged = (toolCallId === undefined ? undefined : this.#verdicts.get(toolCallId)) ?? undefined;
        const verdict = judged ?? (await this.#judge(toolName, toolCallId, input, runtimeReason));
        if (verdict.kind !== 'ask') {
          return verdict.kind === 'allow' ? allowance(input) : denial(verdict.reason);
        }
        const answer = await this.#ports.gate.ask(
          toolRequest({ toolCallId, toolName, input, runtimeReason }),
          verdict.reason,
          signal,
        );
        return answerTo(answer, input);
      }
    }
  }

  async #askQuestions(toolCallId: string | undefined, input: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
    const answers = await this.#ports.gate.askQuestions(toolCallId, questionsOf(input), signal);
    if (answers === undefined) {
      return denial(t('The person did not answer.'));
    }
    const texts = Object.entries(answers).map(([question, answer]) => [
      question,
      typeof answer === 'string' ? answer : answer.join(', '),
    ]);
    return allowance({ ...input, answers: Object.fromEntries(texts) });
  }

  async #approvePlan(toolCallId: string | undefined, input: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
    const answer = await this.#ports.gate.approvePlan(toolCallId, await this.#ports.plan(input), signal);
    if (answer.kind !== 'allow') {
      return answer.kind === 'deny' ? denial(answer.message) : denial(t('The request was withdrawn.'));
    }
    // For this session only: anything else would be written into the repository.
    const setMode = { type: 'setMode', mode: this.#ports.modeName(answer.mode), destination: 'session' };
    return { ...allowance(input), updatedPermissions: [setMode] };
  }

  async #judge(
    toolName: string,
    toolCallId: string | undefined,
    input: unknown,
    runtimeReason?: string,
  ): Promise<Verdict> {
    try {
      return await this.#ports.gate.judge(toolRequest({ toolCallId, toolName, input, runtimeReason }));
    } catch (error) {
      this.#ports.failed('judging a tool call', error);
      return { kind: 'deny', reason: messageOf(error) };
    }
  }

  #remember(toolCallId: string, verdict: Verdict): void {
    this.#verdicts.set(toolCallId, verdict);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > rememberedVerdicts && oldest !== undefined) {
      this.#verdicts.delete(oldest);
    }
  }
}

/** Tools that are a talk with the person, so that there is nothing to judge. */
function isForThePerson(toolName: string): boolean {
  return toolName === 'AskUserQuestion' || toolName === 'ExitPlanMode';
}

function answerTo(answer: Answer, input: JsonRecord): JsonRecord {
  switch (answer.kind) {
    case 'allow':
      return allowance(input);
    case 'deny':
      return denial(answer.message === '' ? rejected() : answer.message);
    case 'withdrawn':
      return denial(t('The request was withdrawn.'));
  }
}

function allowance(updatedInput: JsonRecord): JsonRecord {
  return { behavior: 'allow', updatedInput };
}

function denial(message: string): JsonRecord {
  return { behavior: 'deny', message };
}

function questionsOf(input: JsonRecord): readonly Question[] {
  return asArray(input['questions']).map((value) => {
    const question = asRecord(value);
    const header = asString(question['header']);
    return {
      question: asString(question['question']) ?? '',
      ...(header === undefined ? {} : { header }),
      multiSelect: question['multiSelect'] === true,
      options: asArray(question['options']).map((entry) => {
        const option = asRecord(entry);
        const description = asString(option['description']);
        return { label: asString(option['label']) ?? '', ...(description === undefined ? {} : { description }) };
      }),
    };
  });
}
