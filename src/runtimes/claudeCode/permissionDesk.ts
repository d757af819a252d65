import { asArray, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import { messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Answer, ApprovalGate, ApprovalMode, Question, ToolRequest, Verdict } from '../../core/runtime.ts';
import { type CallFacts, toolRequest } from './tools.ts';

export interface DeskPorts {
  readonly gate: ApprovalGate;
  /** Marks what touches only the CLI's own files. */
  readonly ownFiles: (request: ToolRequest) => ToolRequest;
  /** Answers a control request of the CLI. */
  readonly reply: (requestId: string, response: JsonRecord) => void;
  /** The plan to approve, given what the call itself says. */
  readonly plan: (input: JsonRecord) => Promise<string>;
  /** Who offers a tool, where that is known. */
  readonly originOf: (toolName: string) => string | undefined;
  /** The CLI's name for the mode in which the work goes on. */
  readonly modeName: (mode: ApprovalMode) => string;
  /**
   * Whether the CLI, told by the callback to ask, really does. Old versions run what their mode allows all the same, so
   * that the callback itself has to stay open until the person has answered.
   */
  readonly asksAfterHook: () => boolean;
  /** Whether something waits has changed. */
  readonly changed: () => void;
  readonly failed: (what: string, error: unknown) => void;
}

interface RememberedVerdict {
  readonly verdict: Verdict;
  readonly inputText: string | undefined;
  readonly cwd: string | undefined;
}

/** Verdicts wait for the request that follows them; a call is decided once, so few are open at a time. */
const rememberedVerdicts = 256;

/** Answers what the CLI asks before it runs a tool; the gate decides. What fails is refused. */
export class PermissionDesk {
  readonly #ports: DeskPorts;
  readonly #verdicts = new Map<string, RememberedVerdict>();
  readonly #waiting = new Map<string, AbortController>();

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** Whether a decision is being waited for. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  #request(call: CallFacts): ToolRequest {
    return this.#ports.ownFiles(toolRequest({ ...call, origin: this.#ports.originOf(call.toolName) }));
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
    const call = { toolCallId, toolName, input: input['tool_input'], cwd: asString(input['cwd']) };
    const verdict = await this.#judge(call);
    if (toolCallId !== undefined) {
      this.#remember(toolCallId, { verdict, inputText: JSON.stringify(call.input), cwd: call.cwd });
    }
    if (verdict.kind === 'ask' && !this.#ports.asksAfterHook()) {
      await this.#hold(requestId, async (signal) => {
        const answer = await this.#ports.gate.ask(this.#request(call), verdict.reason, signal);
        return answer.kind === 'allow'
          ? hookDecision('allow', verdict.reason)
          : hookDecision('deny', refusalOf(answer));
      });
      return;
    }
    this.#ports.reply(requestId, hookDecision(verdict.kind, verdict.reason));
  }

  /** `can_use_tool`: the CLI wants an answer; it stays open until the person gives one. */
  canUseTool(requestId: string, request: JsonRecord): Promise<void> {
    return this.#hold(requestId, (signal) => this.#decide(request, signal));
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
    const reason = t('The turn was cancelled.');
    for (const [requestId, abort] of this.#waiting) {
      this.#waiting.delete(requestId);
      // The kind of the request decides which half of the answer is read.
      this.#ports.reply(requestId, { ...denial(reason), interrupt: true, ...hookDecision('deny', reason) });
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

  /** Keeps a request open until it is decided, unless it is taken back before. */
  async #hold(requestId: string, decide: (signal: AbortSignal) => Promise<JsonRecord>): Promise<void> {
    const abort = new AbortController();
    this.#waiting.set(requestId, abort);
    this.#ports.changed();
    let response: JsonRecord;
    try {
      response = await decide(abort.signal);
    } catch (error) {
      this.#ports.failed('deciding on a tool call', error);
      response = { ...denial(messageOf(error)), ...hookDecision('deny', messageOf(error)) };
    }
    if (this.#waiting.delete(requestId)) {
      this.#ports.reply(requestId, response);
    }
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
        const judged = toolCallId === undefined ? undefined : this.#verdicts.get(toolCallId);
        const call = { toolCallId, toolName, input, runtimeReason, cwd: judged?.cwd };
        // Another hook may have changed what would run.
        const verdict = judged?.inputText === JSON.stringify(input) ? judged.verdict : await this.#judge(call);
        if (verdict.kind !== 'ask') {
          return verdict.kind === 'allow' ? allowance(input) : denial(verdict.reason);
        }
        const answer = await this.#ports.gate.ask(this.#request(call), verdict.reason, signal);
        return answer.kind === 'allow' ? allowance(input) : denial(refusalOf(answer));
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
      return denial(refusalOf(answer));
    }
    // For this session only: anything else would be written into the repository.
    const setMode = { type: 'setMode', mode: this.#ports.modeName(answer.mode), destination: 'session' };
    return { ...allowance(input), updatedPermissions: [setMode] };
  }

  async #judge(call: CallFacts): Promise<Verdict> {
    try {
      return await this.#ports.gate.judge(this.#request(call));
    } catch (error) {
      this.#ports.failed('judging a tool call', error);
      return { kind: 'deny', reason: messageOf(error) };
    }
  }

  #remember(toolCallId: string, remembered: RememberedVerdict): void {
    this.#verdicts.set(toolCallId, remembered);
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

function refusalOf(answer: Exclude<Answer, { readonly kind: 'allow' }>): string {
  if (answer.kind === 'withdrawn') {
    return t('The request was withdrawn.');
  }
  return answer.message === '' ? t('The person rejected this call.') : answer.message;
}

function hookDecision(permissionDecision: Verdict['kind'], permissionDecisionReason: string): JsonRecord {
  return { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason } };
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
