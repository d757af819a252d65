import { asArray, asRecord, asString, type JsonRecord, jsonText } from '../../base/json.ts';
import { messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Answer, ApprovalGate, ApprovalMode, Question, ToolRequest, Verdict } from '../../core/runtime.ts';
import type { OwnTools } from './ownTools.ts';
import type { ToolPermits } from './toolPermits.ts';
import { type CallFacts, toolRequest } from './tools.ts';

export interface DeskPorts {
  readonly gate: ApprovalGate;
  /** Marks what touches only the CLI's own files. */
  readonly ownFiles: (request: ToolRequest) => ToolRequest;
  readonly ownTools: OwnTools;
  /** Where it is noted that one of our tools may be called. */
  readonly permits: ToolPermits;
  /** Why a call is refused whatever the gate says; undefined: the gate decides. */
  readonly refusal: (toolName: string, input: unknown) => string | undefined;
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
  /** A call was refused without asking the gate, which would have told. */
  readonly refused: (toolName: string, reason: string) => void;
}

interface RememberedVerdict {
  readonly verdict: Verdict;
  readonly inputText: string | undefined;
  readonly cwd: string | undefined;
}

/** Verdicts wait for the request that follows them; a call is decided once, so few are open at a time. */
const rememberedVerdicts = 256;

interface Decision {
  readonly response: JsonRecord;
  /** The call that may be made once the response is given. */
  readonly allows?: CallFacts;
}

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

  /** What the call wants, by our own tool's word where it is one of ours; or why it is refused whatever it wants. */
  #request(call: CallFacts): ToolRequest | { readonly problem: string } {
    const problem =
      jsonText(call.input ?? null) === undefined
        ? t('The arguments of this call are nested too deeply.')
        : this.#ports.refusal(call.toolName, call.input);
    if (problem !== undefined) {
      return { problem };
    }
    const tool = this.#ports.ownTools.find(call.toolName, call.server);
    if (tool === undefined) {
      return this.#ports.ownFiles(toolRequest({ ...call, origin: this.#ports.originOf(call.toolName) }));
    }
    const prepared = tool.prepare(call.input);
    // It runs here: where the CLI stands does not matter.
    return 'problem' in prepared
      ? prepared
      : { ...toolRequest({ ...call, cwd: undefined }), ...prepared.wants, toolName: tool.name };
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
    const call = {
      toolCallId,
      toolName,
      input: input['tool_input'],
      server: input['mcp_server'],
      cwd: asString(input['cwd']),
    };
    const verdict = await this.#judge(call);
    if (toolCallId !== undefined) {
      this.#remember(toolCallId, { verdict, inputText: jsonText(call.input), cwd: call.cwd });
    }
    if (verdict.kind === 'ask' && !this.#ports.asksAfterHook()) {
      await this.#hold(requestId, async (signal) => {
        const answer = await this.#ask(call, verdict.reason, signal);
        return answer.kind === 'allow'
          ? { response: hookDecision('allow', verdict.reason), allows: call }
          : { response: hookDecision('deny', refusalOf(answer)) };
      });
      return;
    }
    if (verdict.kind === 'allow') {
      this.#permit(call);
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
    this.#ports.permits.clear();
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
  async #hold(requestId: string, decide: (signal: AbortSignal) => Promise<Decision>): Promise<void> {
    const abort = new AbortController();
    this.#waiting.set(requestId, abort);
    this.#ports.changed();
    let decision: Decision;
    try {
      decision = await decide(abort.signal);
    } catch (error) {
      this.#ports.failed('deciding on a tool call', error);
      decision = { response: { ...denial(messageOf(error)), ...hookDecision('deny', messageOf(error)) } };
    }
    if (this.#waiting.delete(requestId)) {
      this.#permit(decision.allows);
      this.#ports.reply(requestId, decision.response);
    }
    this.#ports.changed();
  }

  async #decide(request: JsonRecord, signal: AbortSignal): Promise<Decision> {
    const toolName = asString(request['tool_name']) ?? '';
    const input = asRecord(request['input']);
    const toolCallId = asString(request['tool_use_id']);
    switch (toolName) {
      case 'AskUserQuestion':
        return { response: await this.#askQuestions(toolCallId, input, signal) };
      case 'ExitPlanMode':
        return { response: await this.#approvePlan(toolCallId, input, signal) };
      default: {
        // What our own hook answered comes back as the CLI's reason: it is no news.
        const runtimeReason =
          request['decision_reason_type'] === 'hook' ? undefined : asString(request['decision_reason']);
        const judged = toolCallId === undefined ? undefined : this.#verdicts.get(toolCallId);
        const call = { toolCallId, toolName, input, server: request['mcp_server'], runtimeReason, cwd: judged?.cwd };
        // Another hook may have changed what would run.
        const verdict =
          judged !== undefined && judged.inputText === jsonText(input) ? judged.verdict : await this.#judge(call);
        if (verdict.kind === 'deny') {
          return { response: denial(verdict.reason) };
        }
        const answer: Answer =
          verdict.kind === 'allow' ? { kind: 'allow' } : await this.#ask(call, verdict.reason, signal);
        return answer.kind === 'allow'
          ? { response: allowance(input), allows: call }
          : { response: denial(refusalOf(answer)) };
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
      const request = this.#request(call);
      if ('problem' in request) {
        this.#ports.refused(call.toolName, request.problem);
        return { kind: 'deny', reason: request.problem };
      }
      return await this.#ports.gate.judge(request);
    } catch (error) {
      this.#ports.failed('judging a tool call', error);
      return { kind: 'deny', reason: messageOf(error) };
    }
  }

  async #ask(call: CallFacts, reason: string, signal: AbortSignal): Promise<Answer> {
    const request = this.#request(call);
    return 'problem' in request
      ? { kind: 'deny', message: request.problem }
      : this.#ports.gate.ask(request, reason, signal);
  }

  #permit(call: CallFacts | undefined): void {
    const tool = call === undefined ? undefined : this.#ports.ownTools.find(call.toolName, call.server);
    if (call !== undefined && tool !== undefined) {
      this.#ports.permits.allow({ toolCallId: call.toolCallId, name: tool.name, input: call.input });
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
