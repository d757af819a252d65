import type { ErrorInfo } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type {
  Header,
  HeaderPatch,
  Message,
  NoticePart,
  Op,
  Part,
  PartPatch,
  PendingItem,
  Spilled,
  TextPart,
  ToolCallPart,
  Usage,
  View,
} from '../protocol/view.ts';
import { applyOps } from '../protocol/view.ts';
import { interruptedCode } from './errors.ts';
import type { LastUserMessage, OpenApproval, OpenTurn } from './modelState.ts';
import { shortPath } from './paths.ts';
import type { SessionIdentity } from './ports.ts';
import {
  lastAtOf,
  lastSeqOf,
  type NumberedEvent,
  type SessionEvent,
  type StopReason,
  type UsageDelta,
} from './sessionEvents.ts';

/** A message that grows past this many parts is continued in a new one, so that a window of messages stays small. */
const maxPartsPerMessage = 40;
/** A tool's live output beyond this many characters is shown only once its result is there. */
const maxLiveOutputLength = 65_536;
/** What is shown at a time of what the agent runs beside its turns. */
const maxBackgroundTasks = 64;
/** Answers "for this session" that are remembered. */
const maxGrants = 500;

type Place = readonly [message: number, part: number];

/** Everything that a session's events say. Changed only by `reduce`. */
export interface SessionModel {
  readonly identity: SessionIdentity;
  readonly view: View;
  lastSeq: number;
  lastAt: number;
  /** The highest number of a run so far. */
  lastRun: number;
  turn: OpenTurn | undefined;
  nativeSessionId: string | undefined;
  namedBy: 'user' | 'auto' | undefined;
  reasonCode: string | undefined;
  rateLimitedUntil: number | undefined;
  /** Answers "for this session", by key. */
  readonly grants: Set<string>;
  /** Index of the message that assistant parts are added to; none: the next part opens one. */
  openMessage: number | undefined;
  /** Where the parts that may still grow are, by part id. */
  readonly parts: Map<string, Place>;
  /** Tool calls that have not ended, by id. */
  readonly openCalls: Map<string, Place>;
  /** Keys and calls of open approvals, by approval id. */
  readonly openApprovals: Map<string, OpenApproval>;
  /** The person's last message, for a retry. */
  lastUserMessage: LastUserMessage | undefined;
  rateLimitStatus: string | undefined;
  usage: Usage | undefined;
  /** The model that the person chose; undefined: the runtime's own choice. */
  chosenModel: string | undefined;
}

export function createSessionModel(identity: SessionIdentity, runtimeName: string): SessionModel {
  const header: Header = {
    name: 'default',
    runtime: identity.runtime,
    runtimeName,
    mode: 'ask',
    state: 'idle',
    status: '',
    queued: [],
    pending: [],
    commands: [],
  };
  return {
    identity,
    view: { header, total: 0, from: 0, messages: [] },
    lastSeq: 0,
    lastAt: identity.createdAt,
    lastRun: 0,
    turn: undefined,
    nativeSessionId: undefined,
    namedBy: undefined,
    reasonCode: undefined,
    rateLimitedUntil: undefined,
    grants: new Set(),
    openMessage: undefined,
    parts: new Map(),
    openCalls: new Map(),
    openApprovals: new Map(),
    lastUserMessage: undefined,
    rateLimitStatus: undefined,
    usage: undefined,
    chosenModel: undefined,
  };
}

export function reduceAll(
  identity: SessionIdentity,
  runtimeName: string,
  events: Iterable<NumberedEvent>,
): SessionModel {
  const model = createSessionModel(identity, runtimeName);
  for (const event of events) {
    reduce(model, event);
  }
  return model;
}

/** True for an event that came after its turn had ended, or that belongs to no open request: it would change nothing. */
export function isLate(model: SessionModel, event: SessionEvent): boolean {
  switch (event.type) {
    case 'stepStarted':
    case 'textDelta':
    case 'reasoningDelta':
    case 'toolCallStreaming':
    case 'toolCallStarted':
    case 'turnComplete':
    case 'turnCancelled':
    case 'status':
    case 'retry':
    case 'history':
      return model.turn === undefined;
    case 'toolOutput':
    case 'toolResult':
      return !model.openCalls.has(event.id);
    case 'approvalDecided':
    case 'questionAnswered':
      return !model.view.header.pending.some((item) => item.id === event.id);
    case 'turnStarted':
      return model.turn !== undefined;
    default:
      return false;
  }
}

/** Applies one event and returns what changed in the view. The same events always give the same model. */
export function reduce(model: SessionModel, numbered: NumberedEvent): readonly Op[] {
  const step = new Reduction(model, numbered);
  step.run(numbered.event);
  model.lastSeq = lastSeqOf(numbered);
  model.lastAt = lastAtOf(numbered);
  model.lastRun = Math.max(model.lastRun, numbered.run);
  return step.ops;
}

/** True at a moment after which no event can change a message that is there: it may leave the memory. */
export function isQuiet(model: SessionModel): boolean {
  return model.openMessage === undefined && model.parts.size === 0 && model.openCalls.size === 0;
}

export function addUsage(sum: Usage | undefined, delta: UsageDelta): Usage {
  const costUsd = delta.costUsd === undefined ? sum?.costUsd : (sum?.costUsd ?? 0) + delta.costUsd;
  return {
    inputTokens: (sum?.inputTokens ?? 0) + delta.inputTokens,
    outputTokens: (sum?.outputTokens ?? 0) + delta.outputTokens,
    cacheReadTokens: (sum?.cacheReadTokens ?? 0) + delta.cacheReadTokens,
    cacheWriteTokens: (sum?.cacheWriteTokens ?? 0) + delta.cacheWriteTokens,
    ...(costUsd === undefined ? {} : { costUsd }),
    ...(sum?.costIsEstimate === true || delta.costIsEstimate === true ? { costIsEstimate: true } : {}),
  };
}

/** The first line that the person wrote, at most 40 characters. */
export function automaticName(text: string): string | undefined {
  const line = text
    .split(/\r?\n/)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .find((part) => part !== '');
  if (line === undefined) {
    return undefined;
  }
  const characters = [...line];
  return characters.length <= 40 ? line : `${characters.slice(0, 39).join('').trimEnd()}…`;
}

/** One event on its way through the model. */
class Reduction {
  readonly ops: Op[] = [];
  readonly #model: SessionModel;
  readonly #at: number;
  readonly #run: number;

  constructor(model: SessionModel, numbered: NumberedEvent) {
    this.#model = model;
    this.#at = numbered.at;
    this.#run = numbered.run;
  }

  run(event: SessionEvent): void {
    const model = this.#model;
    if (isLate(model, event)) {
      return;
    }
    switch (event.type) {
      case 'status':
        this.#setHeader({ status: event.text });
        break;
      case 'sessionStarted':
        model.nativeSessionId = event.nativeSessionId;
        this.#setHeader({
          ...(event.model === undefined ? {} : { model: event.model }),
          ...(event.commands === undefined ? {} : { commands: event.commands }),
        });
        break;
      case 'stepStarted':
        model.openMessage = undefined;
        if (model.openCalls.size === 0) {
          // Nothing of the steps before goes on: however long a turn is, what it has to remember stays small.
          model.parts.clear();
        }
        this.#setHeader({ status: t('Thinking…') });
        break;
      case 'textDelta':
      case 'reasoningDelta':
        this.#appendText(event.type === 'textDelta' ? 'text' : 'reasoning', event.partId, event.text, event.parentId);
        break;
      case 'toolCallStreaming':
        this.#toolCallStreaming(event);
        break;
      case 'toolCallStarted':
        this.#toolCallStarted(event);
        break;
      case 'toolOutput':
        this.#toolOutput(event.id, event.text);
        break;
      case 'toolResult':
        this.#toolResult(event);
        break;
      case 'backgroundTask':
        this.#backgroundTask(event);
        break;
      case 'usage':
        model.usage = addUsage(model.usage, event);
        this.#setHeader({ usage: model.usage });
        break;
      case 'contextUsed':
        this.#setHeader({ context: { usedTokens: event.usedTokens, windowTokens: event.windowTokens } });
        break;
      case 'rateLimit':
        this.#rateLimit(event);
        break;
      case 'retry':
        this.#setHeader({
          status: t(
            '{0} Trying again in {1} s ({2} of {3}).',
            event.reason,
            Math.max(1, Math.round(event.delayMs / 1000)),
            event.attempt,
            event.maxAttempts,
          ),
        });
        break;
      case 'warning':
        this.#notice('warning', event.message);
        break;
      case 'compaction':
        this.#compaction(event);
        break;
      case 'turnStarted':
        this.#turnStarted(event.origin);
        break;
      case 'turnComplete':
        this.#turnComplete(event.stopReason, event.error);
        break;
      case 'turnCancelled':
        this.#endTurn();
        model.reasonCode = 'cancelled';
        this.#notice('info', t('You stopped this turn.'));
        this.#setHeader({ state: 'cancelled', status: t('Stopped'), reason: t('You stopped this turn.') });
        break;
      case 'error':
        if (model.turn === undefined) {
          this.#fail(event.error);
        } else {
          model.turn.diagnostic = event.error;
        }
        break;
      case 'configured':
        this.#configured(event);
        break;
      case 'messageQueued':
        this.#setHeader({
          queued: [...model.view.header.queued, { id: event.messageId, text: event.text, ...spilledOf(event) }],
        });
        break;
      case 'messageUnqueued':
        this.#setHeader({ queued: model.view.header.queued.filter((item) => item.id !== event.messageId) });
        break;
      case 'modelTold':
        this.#notice('info', t('The agent was told how background shells ended.'), { details: event.text });
        break;
      case 'userMessage':
        this.#userMessage(event);
        break;
      case 'approvalNeeded':
        this.#approvalNeeded(event);
        break;
      case 'approvalDecided':
        this.#approvalDecided(event);
        break;
      case 'questionAsked':
        if (event.toolCallId !== undefined) {
          this.#setCall(event.toolCallId, { state: 'awaitingApproval' });
        }
        model.openApprovals.set(event.id, { grantKey: undefined, toolCallId: event.toolCallId });
        this.#addPending({ kind: 'question', id: event.id, questions: event.questions });
        break;
      case 'questionAnswered':
        this.#questionAnswered(event);
        break;
      case 'toolDecision':
        this.#setCall(event.toolCallId, { decision: event.text });
        break;
      case 'history':
      case 'rawOutput':
      case 'agentJson':
      case 'done':
        break;
      default:
        // An event of a newer version: kept in the log, without effect here.
        event satisfies never;
    }
  }

  #emit(op: Op): void {
    this.ops.push(op);
    applyOps(this.#model.view, [op]);
  }

  #setHeader(patch: HeaderPatch): void {
    const header = this.#model.view.header as unknown as Record<string, unknown>;
    const changed = Object.entries(patch).filter(([key, value]) => (header[key] ?? null) !== value);
    if (changed.length > 0) {
      this.#emit(['header', Object.fromEntries(changed)]);
    }
  }

  #pushMessage(role: Message['role'], parts: Part[]): number {
    this.#emit(['message', { role, at: this.#at, parts }]);
    return this.#model.view.total - 1;
  }

  /** Adds a part to the assistant's open message, or opens one. A sub-agent's parts do not open messages of their own. */
  #addPart(part: Part): Place {
    const { view } = this.#model;
    const open = this.#model.openMessage;
    const message = open === undefined ? undefined : view.messages[open - view.from];
    if (open === undefined || message === undefined || message.parts.length >= maxPartsPerMessage) {
      const index = this.#pushMessage('assistant', [part]);
      this.#model.openMessage = index;
      return [index, 0];
    }
    this.#emit(['part', open, part]);
    return [open, message.parts.length - 1];
  }

  #partAt(place: Place): Part | undefined {
    const { view } = this.#model;
    return view.messages[place[0] - view.from]?.parts[place[1]];
  }

  #appendText(type: TextPart['type'], partId: string, text: string, parentId: string | undefined): void {
    const known = this.#model.parts.get(partId);
    if (known === undefined) {
      this.#model.parts.set(partId, this.#addPart({ type, text, ...(parentId === undefined ? {} : { parentId }) }));
    } else {
      this.#emit(['text', known[0], known[1], text]);
    }
    if (parentId === undefined) {
      this.#setHeader({ status: type === 'text' ? t('Writing…') : t('Thinking…') });
    }
  }

  #toolCallStreaming(event: Extract<SessionEvent, { type: 'toolCallStreaming' }>): void {
    const known = this.#model.openCalls.get(event.id);
    if (known !== undefined) {
      this.#emit(['input', known[0], known[1], event.text]);
      return;
    }
    this.#addCall(event.id, event.name, 'streaming', '', event.text, event.parentId);
    this.#setHeader({ status: t('Preparing {0}…', event.name) });
  }

  #toolCallStarted(event: Extract<SessionEvent, { type: 'toolCallStarted' }>): void {
    const { openCalls } = this.#model;
    if (!openCalls.has(event.id)) {
      this.#addCall(event.id, event.name, 'running', event.title, event.inputText, event.parentId);
    }
    const place = openCalls.get(event.id);
    const part = place === undefined ? undefined : this.#partAt(place);
    this.#setCall(event.id, {
      ...(part?.type === 'toolCall' && part.state === 'awaitingApproval' ? {} : { state: 'running' as const }),
      name: event.name,
      title: shortPath(this.#model.identity.cwd, event.title),
      inputText: event.inputText,
      ...(event.spilledInput === undefined ? {} : { spilledInput: event.spilledInput }),
    });
    this.#setHeader({ status: t('Running {0}…', event.name) });
  }

  #addCall(
    id: string,
    name: string,
    state: ToolCallPart['state'],
    title: string,
    inputText: string,
    parentId: string | undefined,
  ): void {
    const place = this.#addPart({
      type: 'toolCall',
      id,
      name,
      state,
      title,
      inputText,
      output: '',
      ...(parentId === undefined ? {} : { parentId }),
    });
    this.#model.openCalls.set(id, place);
  }

  #setCall(id: string, patch: PartPatch): void {
    const place = this.#model.openCalls.get(id);
    if (place !== undefined) {
      this.#emit(['set', place[0], place[1], patch]);
    }
  }

  #toolOutput(id: string, text: string): void {
    const place = this.#model.openCalls.get(id);
    const part = place === undefined ? undefined : this.#partAt(place);
    if (place === undefined || part?.type !== 'toolCall' || part.output.length > maxLiveOutputLength) {
      return;
    }
    const room = maxLiveOutputLength - part.output.length;
    const shown =
      text.length <= room
        ? text
        : `${text.slice(0, room)}\n${t('… more output follows; it is shown when the call has ended.')}`;
    this.#emit(['output', place[0], place[1], shown]);
  }

  #toolResult(event: Extract<SessionEvent, { type: 'toolResult' }>): void {
    const place = this.#model.openCalls.get(event.id);
    const part = place === undefined ? undefined : this.#partAt(place);
    if (place === undefined || part?.type !== 'toolCall') {
      return;
    }
    this.#setCall(event.id, {
      state: part.state === 'cancelled' ? 'cancelled' : event.outcome,
      output: event.output,
      ...(event.spilledOutput === undefined ? {} : { spilledOutput: event.spilledOutput }),
      ...(event.shown === undefined ? {} : { shown: event.shown }),
      ...(event.edit === undefined
        ? {}
        : {
            edit: {
              path: event.edit.path,
              hunks: event.edit.hunks,
              canOpen: event.edit.before !== undefined || event.edit.spilledBefore !== undefined,
            },
          }),
    });
    this.#model.openCalls.delete(event.id);
    for (const { mediaType, spilled } of event.images ?? []) {
      this.#addPart({ type: 'image', mediaType, parentId: event.id, ...(spilled === undefined ? {} : { spilled }) });
    }
    if (this.#model.view.header.pending.length === 0) {
      this.#setHeader({ status: t('Working…') });
    }
  }

  #backgroundTask({ type: _type, status, ...task }: Extract<SessionEvent, { type: 'backgroundTask' }>): void {
    const tasks = this.#model.view.header.backgroundTasks ?? [];
    const known = tasks.findIndex(({ taskId }) => taskId === task.taskId);
    if (status === 'running') {
      const all = known < 0 ? [...tasks, task] : tasks.with(known, task);
      this.#setHeader({ backgroundTasks: all.slice(-maxBackgroundTasks) });
    } else if (known >= 0) {
      const rest = tasks.toSpliced(known, 1);
      this.#setHeader({ backgroundTasks: rest.length === 0 ? null : rest });
      this.#notice(status === 'failed' ? 'warning' : 'info', taskEndText(status, task.title));
    }
  }

  #rateLimit(event: Extract<SessionEvent, { type: 'rateLimit' }>): void {
    const model = this.#model;
    const before = model.rateLimitStatus;
    model.rateLimitStatus = event.status;
    model.rateLimitedUntil = event.status === 'blocked' ? event.resetsAt : undefined;
    if (event.status === 'warning' && before !== 'warning') {
      const used = event.utilization === undefined ? '' : ` (${Math.round(event.utilization * 100)} %)`;
      this.#notice('warning', t('You are close to your usage limit{0}.', used));
    }
  }

  #compaction(event: Extract<SessionEvent, { type: 'compaction' }>): void {
    if (event.phase === 'started') {
      this.#setHeader({ status: t('Compacting the conversation…') });
      return;
    }
    const { tokensBefore, tokensAfter } = event;
    this.#notice(
      'info',
      tokensBefore === undefined || tokensAfter === undefined
        ? t('The conversation was compacted.')
        : t('The conversation was compacted from {0} to {1} tokens.', tokensBefore, tokensAfter),
    );
  }

  #turnStarted(origin: OpenTurn['origin']): void {
    const model = this.#model;
    model.turn = { origin, startedAt: this.#at, run: this.#run, diagnostic: undefined };
    model.openMessage = undefined;
    model.parts.clear();
    // The work goes on without what waited when it was cut off.
    this.#dropPending();
    model.reasonCode = undefined;
    model.rateLimitedUntil = undefined;
    if (origin === 'runtime') {
      this.#notice('info', t('The agent went on by itself.'));
    }
    this.#setHeader({ state: 'running', status: t('Starting…'), reason: null });
  }

  #turnComplete(stopReason: StopReason, error: ErrorInfo | undefined): void {
    const model = this.#model;
    const diagnostic = model.turn?.diagnostic;
    this.#endTurn(error?.code === interruptedCode);
    if (stopReason === 'endTurn') {
      this.#setHeader({ state: 'done', status: t('Done'), reason: null });
      return;
    }
    if (stopReason === 'cancelled') {
      model.reasonCode = 'cancelled';
      this.#setHeader({ state: 'cancelled', status: t('Stopped'), reason: t('This turn was stopped.') });
      return;
    }
    this.#fail(
      error ??
        (stopReason === 'error' ? diagnostic : undefined) ?? {
          code: stopReason,
          message: stopReasonText(stopReason),
          actions: [],
        },
    );
  }

  /** Ends in an error, outside a turn. A rate limit is no error: the session is idle until the limit resets. */
  #fail(error: ErrorInfo): void {
    this.#model.reasonCode = error.code;
    const until = error.code === 'rateLimited' ? this.#model.rateLimitedUntil : undefined;
    this.#notice(until === undefined ? 'error' : 'warning', error.message, {
      actions: error.actions,
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(until === undefined ? {} : { until }),
    });
    this.#setHeader({
      state: error.code === 'rateLimited' ? 'idle' : 'error',
      status: error.message,
      reason: error.message,
    });
  }

  /** Settles everything that the turn left open; what waited for the person when it was cut off still does. */
  #endTurn(isInterrupted = false): void {
    const model = this.#model;
    for (const [id] of model.openCalls) {
      this.#setCall(id, { state: 'cancelled' });
    }
    model.openCalls.clear();
    model.parts.clear();
    model.turn = undefined;
    model.openMessage = undefined;
    const { pending } = model.view.header;
    if (isInterrupted) {
      this.#setHeader({ pending: pending.map((item) => ({ ...item, interrupted: true })) });
    } else {
      this.#dropPending();
    }
  }

  #dropPending(): void {
    this.#model.openApprovals.clear();
    if (this.#model.view.header.pending.length > 0) {
      this.#setHeader({ pending: [] });
    }
  }

  #notice(level: NoticePart['level'], text: string, more: Partial<NoticePart> = {}): void {
    this.#pushMessage('notice', [{ actions: [], ...more, type: 'notice', level, text }]);
    this.#model.openMessage = undefined;
  }

  #configured(event: Extract<SessionEvent, { type: 'configured' }>): void {
    if (event.name !== undefined) {
      this.#model.namedBy = event.namedBy ?? 'user';
    }
    if (event.model !== undefined) {
      this.#model.chosenModel = event.model ?? undefined;
    }
    this.#setHeader({
      ...(event.name === undefined ? {} : { name: event.name }),
      ...(event.model === undefined ? {} : { model: event.model }),
      ...(event.mode === undefined ? {} : { mode: event.mode }),
    });
  }

  #userMessage(event: Extract<SessionEvent, { type: 'userMessage' }>): void {
    const model = this.#model;
    this.#pushMessage('user', [
      { type: 'text', text: event.text, ...(event.spilled === undefined ? {} : { spilled: event.spilled }) },
    ]);
    model.openMessage = undefined;
    model.lastUserMessage = { text: event.text, ...spilledOf(event) };
    const header = model.view.header;
    const name = model.namedBy === undefined ? automaticName(event.text) : undefined;
    if (name !== undefined) {
      model.namedBy = 'auto';
    }
    const queued = header.queued.filter((item) => item.id !== event.messageId);
    this.#setHeader({
      ...(name === undefined ? {} : { name }),
      ...(queued.length === header.queued.length ? {} : { queued }),
      ...(model.turn === undefined ? { state: 'pending' as const, status: t('Starting…'), reason: null } : {}),
    });
  }

  #addPending(item: PendingItem): void {
    this.#setHeader({
      pending: [...this.#model.view.header.pending, item],
      status:
        item.kind === 'approval'
          ? t('Waiting for your approval: {0}', item.toolName)
          : item.kind === 'plan'
            ? t('Waiting for you to approve the plan')
            : t('Waiting for your answer'),
    });
  }

  #removePending(id: string): void {
    const pending = this.#model.view.header.pending.filter((item) => item.id !== id);
    const isLast = pending.length === 0 && this.#model.turn !== undefined;
    this.#setHeader({ pending, ...(isLast ? { status: t('Working…') } : {}) });
  }

  #approvalNeeded(event: Extract<SessionEvent, { type: 'approvalNeeded' }>): void {
    if (event.toolCallId !== undefined) {
      this.#setCall(event.toolCallId, { state: 'awaitingApproval' });
    }
    this.#model.openApprovals.set(event.id, {
      grantKey: event.grantKey,
      toolCallId: event.toolCallId,
      inputText: event.inputText,
    });
    if (event.plan !== undefined) {
      this.#addPending({ kind: 'plan', id: event.id, plan: event.plan });
      return;
    }
    this.#addPending({
      kind: 'approval',
      id: event.id,
      toolName: event.toolName,
      reason: event.reason,
      subject: event.subject,
      ...(event.toolCallId === undefined ? {} : { toolCallId: event.toolCallId }),
      ...(event.edit === undefined ? {} : { edit: event.edit }),
      ...(event.spilledSubject === undefined ? {} : { spilledSubject: event.spilledSubject }),
      ...(event.sessionScope === undefined ? {} : { sessionScope: event.sessionScope }),
      ...(event.alwaysScope === undefined ? {} : { alwaysScope: event.alwaysScope }),
    });
  }

  #approvalDecided(event: Extract<SessionEvent, { type: 'approvalDecided' }>): void {
    const model = this.#model;
    const open = model.openApprovals.get(event.id);
    model.openApprovals.delete(event.id);
    if (event.decision === 'allowForSession' && open?.grantKey !== undefined && model.grants.size < maxGrants) {
      model.grants.add(open.grantKey);
    }
    if (open?.toolCallId !== undefined) {
      this.#setCall(open.toolCallId, {
        state: event.decision === 'reject' || event.decision === 'withdrawn' ? 'cancelled' : 'running',
        decision: decisionText(event.decision, event.message),
      });
    }
    this.#removePending(event.id);
  }

  #questionAnswered(event: Extract<SessionEvent, { type: 'questionAnswered' }>): void {
    const open = this.#model.openApprovals.get(event.id);
    this.#model.openApprovals.delete(event.id);
    if (open?.toolCallId !== undefined) {
      this.#setCall(open.toolCallId, {
        state: event.answers === undefined ? 'cancelled' : 'running',
        decision:
          event.answers === undefined
            ? t('not answered')
            : Object.entries(event.answers)
                .map(([question, answer]) => `${question} ${typeof answer === 'string' ? answer : answer.join(', ')}`)
                .join('\n'),
      });
    }
    this.#removePending(event.id);
  }
}

function decisionText(
  decision: Extract<SessionEvent, { type: 'approvalDecided' }>['decision'],
  message: string | undefined,
): string {
  switch (decision) {
    case 'allowOnce':
      return t('approved by you');
    case 'allowForSession':
      return t('approved by you for this session');
    case 'allowAlways':
      return t('always approved by you');
    case 'reject':
      return message === undefined || message === '' ? t('rejected by you') : t('rejected by you: {0}', message);
    case 'withdrawn':
      return t('no longer asked');
  }
}

function taskEndText(status: 'completed' | 'failed' | 'stopped', title: string): string {
  switch (status) {
    case 'completed':
      return t('Ended in the background: {0}', title);
    case 'failed':
      return t('Failed in the background: {0}', title);
    case 'stopped':
      return t('Stopped in the background: {0}', title);
  }
}

function spilledOf(event: { readonly spilled?: Spilled }): { readonly spilled?: Spilled } {
  return event.spilled === undefined ? {} : { spilled: event.spilled };
}

/** Why a turn ended, where nothing more exact is known. */
export function stopReasonText(stopReason: StopReason): string {
  switch (stopReason) {
    case 'endTurn':
      return t('The turn ended.');
    case 'maxTokens':
      return t('The answer reached the length that the model may write at once.');
    case 'maxSteps':
      return t('The turn reached its limit of steps.');
    case 'budget':
      return t('The turn reached its budget.');
    case 'refusal':
      return t('The model refused to go on.');
    case 'cancelled':
      return t('This turn was stopped.');
    case 'error':
      return t('The turn ended in an error.');
  }
}
