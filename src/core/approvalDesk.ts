import { t } from '../base/l10n.ts';
import type { ApprovalMode, Decision, PendingItem, Question } from '../protocol/view.ts';
import { type ApprovalPolicy, noPolicy } from './approvalPolicy.ts';
import { CallJudge } from './approvals/callJudge.ts';
import { answersInWords, decisionInWords, rejection } from './approvals/decisionWords.ts';
import type { Grant } from './approvals/judgement.ts';
import { type Answers, type OpenRequest, OpenRequests, type PlanAnswer } from './approvals/openRequests.ts';
import { coreErrors } from './errors.ts';
import type { FileAccess, Ids, Log } from './ports.ts';
import { Redactor } from './redact.ts';
import type { Answer, ApprovalGate, ToolRequest, Verdict } from './runtime.ts';
import type { HostEvent } from './sessionEvents.ts';
import type { SessionModel } from './sessionReducer.ts';

const redactor = new Redactor();

export interface ApprovalDeskOptions {
  readonly model: SessionModel;
  readonly append: (event: HostEvent) => void;
  /** Resolves once what was appended is written. */
  readonly written: () => Promise<void>;
  /** Goes on with a turn that was cut off, by a message of the person. */
  readonly resume: (text: string) => Promise<void>;
  readonly files: FileAccess;
  readonly ids: Ids;
  readonly log: Log;
  readonly policy?: ApprovalPolicy;
  /** A folder of the session's own, outside its directory, that it may read without asking. */
  readonly ownFolder?: () => string | undefined;
}

/**
 * Where a session's tool calls are decided and where its open requests wait for the person, for as long as they take.
 * Each request settles exactly once: by the person, or withdrawn with its turn.
 */
export class ApprovalDesk implements ApprovalGate {
  readonly #options: ApprovalDeskOptions;
  readonly #policy: ApprovalPolicy;
  readonly #open: OpenRequests;
  readonly #judge: CallJudge;

  constructor(options: ApprovalDeskOptions) {
    const { model, files, log, policy = noPolicy, ownFolder = () => undefined } = options;
    this.#options = options;
    this.#policy = policy;
    this.#open = new OpenRequests(options.ids, (id, open) => this.#sayWithdrawn(id, open));
    this.#judge = new CallJudge({ model, files, log, policy, ownFolder });
  }

  async judge(request: ToolRequest): Promise<Verdict> {
    const { verdict } = await this.#judge.judge(request);
    this.#note(request, verdict);
    return verdict;
  }

  async ask(request: ToolRequest, reason: string, signal: AbortSignal): Promise<Answer> {
    const [subject, edit] = [await this.#judge.subjectOf(request), await this.#judge.proposedEdit(request)];
    // Judged last: an answer to an earlier request, or a change of mode, may have settled this one by now.
    const { verdict, grant } = await this.#judge.judge(request);
    if (signal.aborted) {
      return { kind: 'withdrawn' };
    }
    if (verdict.kind !== 'ask') {
      this.#note(request, verdict);
      return verdict.kind === 'deny' ? { kind: 'deny', message: verdict.reason } : { kind: 'allow' };
    }
    const shownReason = verdict.reason === '' ? reason : verdict.reason;
    const { id, answer } = this.#open.wait<Answer>(signal, { kind: 'withdrawn' }, (settle) => ({
      kind: 'approval',
      request,
      reason: shownReason,
      grant,
      settle,
    }));
    this.#options.append({
      type: 'approvalNeeded',
      id,
      toolName: request.toolName,
      inputText: JSON.stringify(request.input) ?? 'null',
      reason: shownReason,
      subject,
      ...(request.toolCallId === undefined ? {} : { toolCallId: request.toolCallId }),
      ...(edit === undefined ? {} : { edit }),
      ...(grant === undefined ? {} : { sessionScope: grant.scope, grantKey: grant.key }),
      ...(grant === undefined || this.#policy.always === undefined ? {} : { alwaysScope: grant.scope }),
    });
    const given = await answer;
    // Between the question and the answer a link may have been put in the place of what was shown.
    if (given.kind === 'allow' && request.paths.length > 0 && (await this.#judge.subjectOf(request)) !== subject) {
      const verdictNow: Verdict = {
        kind: 'deny',
        reason: t('the path leads to another place than the one that was shown and approved'),
      };
      this.#note(request, verdictNow);
      return { kind: 'deny', message: verdictNow.reason };
    }
    return given;
  }

  async askQuestions(
    toolCallId: string | undefined,
    questions: readonly Question[],
    signal: AbortSignal,
  ): Promise<Answers | undefined> {
    if (signal.aborted) {
      return undefined;
    }
    const { id, answer } = this.#open.wait<Answers | undefined>(signal, undefined, (settle) => ({
      kind: 'question',
      settle,
    }));
    this.#options.append({ type: 'questionAsked', id, questions, ...(toolCallId === undefined ? {} : { toolCallId }) });
    return answer;
  }

  async approvePlan(toolCallId: string | undefined, plan: string, signal: AbortSignal): Promise<PlanAnswer> {
    if (signal.aborted) {
      return { kind: 'withdrawn' };
    }
    const { id, answer } = this.#open.wait<PlanAnswer>(signal, { kind: 'withdrawn' }, (settle) => ({
      kind: 'plan',
      settle,
    }));
    this.#options.append({
      type: 'approvalNeeded',
      id,
      toolName: 'ExitPlanMode',
      inputText: '{}',
      reason: t('The agent has made a plan and wants to carry it out.'),
      subject: t('Plan'),
      plan,
      ...(toolCallId === undefined ? {} : { toolCallId }),
    });
    return answer;
  }

  has(id: string): boolean {
    return this.#open.get(id) !== undefined || this.#interrupted(id) !== undefined;
  }

  /** The request behind an open approval. */
  requestOf(id: string): ToolRequest | undefined {
    const open = this.#open.get(id);
    return open?.kind === 'approval' ? open.request : undefined;
  }

  /** Resolves once the decision is written. Throws `unknownApproval` for what is no longer open. */
  async decide(id: string, decision: Decision, message?: string, mode?: ApprovalMode): Promise<void> {
    const note = message?.trim() ?? '';
    const interrupted = this.#interrupted(id);
    if (interrupted !== undefined) {
      await this.#decideInterrupted(interrupted, decision, note);
      return;
    }
    const open = this.#open.get(id);
    if (open === undefined || open.kind === 'question') {
      throw coreErrors.unknownApproval();
    }
    if (open.kind === 'approval') {
      await this.#keep(decision, open.grant);
      if (this.#open.get(id) !== open) {
        throw coreErrors.unknownApproval();
      }
    }
    this.#open.take(id);
    this.#options.append({ type: 'approvalDecided', id, decision, ...(note === '' ? {} : { message: note }) });
    this.#tell(
      open.kind === 'approval'
        ? `approval: ${decision} ${open.request.toolName} by the person (asked because: ${open.reason})`
        : `approval: ${decision} plan by the person`,
    );
    const written = this.#options.written();
    if (open.kind === 'plan') {
      open.settle(
        decision === 'reject'
          ? { kind: 'deny', message: note === '' ? t('The user rejected the plan.') : note }
          : { kind: 'allow', mode: this.#leavePlanMode(mode) },
      );
    } else {
      open.settle(decision === 'reject' ? { kind: 'deny', message: rejection(note) } : { kind: 'allow' });
    }
    if (decision === 'allowForSession') {
      await this.reconsider('allowForSession');
    }
    await written;
  }

  async answer(id: string, answers: Answers): Promise<void> {
    const open = this.#open.get(id);
    const interrupted = this.#interrupted(id);
    if (interrupted?.kind === 'question') {
      this.#options.append({ type: 'questionAnswered', id, answers });
      await this.#options.resume(answersInWords(answers));
      return;
    }
    if (open?.kind !== 'question') {
      throw coreErrors.unknownApproval();
    }
    this.#open.take(id);
    const given = Object.keys(answers).length > 0;
    this.#options.append({ type: 'questionAnswered', id, ...(given ? { answers } : {}) });
    const written = this.#options.written();
    open.settle(given ? answers : undefined);
    await written;
  }

  /** Takes back everything that is open, because its turn ends. */
  withdrawAll(): void {
    this.#judge.approvedBefore.clear();
    for (const [id] of this.#open.all()) {
      this.#open.withdraw(id);
    }
  }

  /** The session is closed with its turn cut off: what is open stays so in the log, and is asked again by whoever opens it. */
  abandon(): void {
    this.#open.abandon();
  }

  #interrupted(id: string): PendingItem | undefined {
    return this.#options.model.view.header.pending.find((item) => item.id === id && item.interrupted === true);
  }

  async #decideInterrupted(item: PendingItem, decision: Decision, note: string): Promise<void> {
    const { model, append, resume } = this.#options;
    if (item.kind === 'question') {
      throw coreErrors.unknownApproval();
    }
    const { inputText, grantKey } = model.openApprovals.get(item.id) ?? {};
    if (item.kind === 'approval') {
      const { sessionScope } = item;
      await this.#keep(
        decision,
        grantKey === undefined || sessionScope === undefined ? undefined : { key: grantKey, scope: sessionScope },
      );
      if (this.#interrupted(item.id) === undefined) {
        throw coreErrors.unknownApproval();
      }
    }
    append({ type: 'approvalDecided', id: item.id, decision, ...(note === '' ? {} : { message: note }) });
    const what = item.kind === 'plan' ? 'plan' : item.toolName;
    const why = item.kind === 'plan' ? '' : ` (asked because: ${item.reason})`;
    this.#tell(`approval: ${decision} ${what} by the person, after its turn was cut off${why}`);
    if (item.kind === 'plan' && decision !== 'reject') {
      this.#leavePlanMode(undefined);
    } else if (item.kind === 'approval' && decision !== 'reject' && inputText !== undefined) {
      this.#judge.approvedBefore.set(item.toolName, inputText);
    }
    await resume(decisionInWords(item, decision, note));
  }

  /** Requests that an answer for later covers too need no answer of their own. */
  async reconsider(decision: 'allowForSession' | 'allowAlways'): Promise<void> {
    for (const [id, open] of this.#open.all()) {
      if (open.kind !== 'approval') {
        continue;
      }
      const { verdict } = await this.#judge.judge(open.request);
      if (verdict.kind === 'allow' && this.#open.take(id)) {
        this.#options.append({ type: 'approvalDecided', id, decision });
        this.#tell(`approval: ${decision} ${open.request.toolName} (by an answer to another request)`);
        open.settle({ kind: 'allow' });
      }
    }
  }

  /** Sees to it that an answer for later can be one. "Always" is on the disk before the call goes on. */
  async #keep(decision: Decision, grant: Grant | undefined): Promise<void> {
    const { always } = this.#policy;
    if (decision !== 'allowForSession' && decision !== 'allowAlways') {
      return;
    }
    if (grant === undefined || (decision === 'allowAlways' && always === undefined)) {
      throw coreErrors.notConfigured(t('This request can only be approved once.'));
    }
    if (decision === 'allowAlways') {
      await always?.add(grant);
      this.#tell(`approval: always from now on in this workspace: ${grant.key}`);
    }
  }

  #sayWithdrawn(id: string, open: OpenRequest): void {
    const { append } = this.#options;
    if (open.kind === 'question') {
      append({ type: 'questionAnswered', id });
      return;
    }
    append({ type: 'approvalDecided', id, decision: 'withdrawn' });
    this.#tell(
      open.kind === 'plan'
        ? 'approval: withdrawn plan (its turn ended)'
        : `approval: withdrawn ${open.request.toolName} (its turn ended; asked because: ${open.reason})`,
    );
  }

  /** Every decision that was made without asking is logged with its reason, and the transcript shows it. */
  #note(request: ToolRequest, verdict: Verdict): void {
    if (verdict.kind === 'ask') {
      return;
    }
    if (request.toolCallId !== undefined) {
      const text =
        verdict.kind === 'allow' ? t('allowed without asking: {0}', verdict.reason) : t('refused: {0}', verdict.reason);
      this.#options.append({ type: 'toolDecision', toolCallId: request.toolCallId, text });
    }
    this.#tell(`approval: ${verdict.kind} ${request.toolName} (${verdict.reason})`);
  }

  /** A command may hold a key. */
  #tell(line: string): void {
    this.#options.log.info(redactor.redact(line));
  }

  /** Approving a plan never leads to a mode that has to be confirmed. */
  #leavePlanMode(wanted: ApprovalMode | undefined): ApprovalMode {
    const mode = wanted === 'acceptEdits' ? 'acceptEdits' : 'ask';
    this.#options.append({ type: 'configured', mode });
    return mode;
  }
}
