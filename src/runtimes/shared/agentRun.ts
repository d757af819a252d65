import type { Clock } from '../../base/clock.ts';
import { type ErrorInfo, GreenroomError, messageOf } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import type { Log } from '../../base/log.ts';
import { DeltaJoin } from '../../core/deltaJoin.ts';
import { unexpectedError } from '../../core/errors.ts';
import type { Ids } from '../../core/ports.ts';
import type { ApprovalMode, RunContext, RunResult } from '../../core/runtime.ts';
import type { RuntimeEvent, UsageDelta } from '../../core/sessionEvents.ts';
import { addUsage } from '../../core/sessionReducer.ts';
import { AgentTurn, type TurnEnd } from './agentTurn.ts';
import { chanceOf } from './backoff.ts';
import { untilAborted } from './cancellable.ts';
import { Compactor } from './compactor.ts';
import { charactersPerToken, ContextMeter, textTokens } from './contextMeter.ts';
import { Conversation } from './conversation.ts';
import { encodeEntry, type HistoryEntry, type PromptEntry } from './history.ts';
import type { ModelRequest, ModelVendor, ToolSpec } from './modelVendor.ts';
import { planModeNote, planModeOverNote, systemPrompt } from './systemPrompt.ts';
import { talkTools } from './talkTools.ts';
import { ToolRunner } from './toolRunner.ts';

export interface AgentServices {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Such as `linux`. */
  readonly platform: string;
}

const defaultMaxSteps = 100;
/** The share of a model's window that the results of one answer may take: the conversation so far is still there. */
const resultsShare = 0.4;
const compactCommand = /^\/compact(?:\s+([\s\S]*))?$/;

/** What lasts from turn to turn of a run. */
export class AgentRun {
  /** Tells the session; a listener that fails disturbs nothing. */
  readonly emit: (event: RuntimeEvent) => void;
  readonly nativeSessionId: string;
  readonly #services: AgentServices;
  readonly #vendor: ModelVendor;
  readonly #context: RunContext;
  readonly #meter = new ContextMeter();
  /** Loaded with the first turn. A failed try is not kept. */
  #conversation: Conversation | undefined;
  /** The complete prompt, where the conversation was to go on and nothing of it is left. */
  #freshPrompt: string | undefined;
  #turnCount = 0;
  #mode: ApprovalMode;
  /** In which mode the model believes the session to be. */
  #toldMode: ApprovalMode = 'ask';
  #model: string;
  /** The model that the session knows of. */
  #toldModel: string | undefined;
  #usage: UsageDelta | undefined;
  #toldOfBudget = false;
  #limit: { readonly resetsAt?: number } | undefined;

  constructor(services: AgentServices, vendor: ModelVendor, context: RunContext, emit: (event: RuntimeEvent) => void) {
    this.#services = services;
    this.#vendor = vendor;
    this.#context = context;
    this.#mode = context.mode;
    this.#model = context.model ?? vendor.defaultModel;
    this.nativeSessionId = context.nativeSessionId ?? context.sessionId;
    const deltas = new DeltaJoin((event) => {
      try {
        emit(event);
      } catch (error) {
        services.log.error(`${vendor.id}: a listener failed`, error);
      }
    });
    this.emit = (event) => {
      this.#notice(event);
      deltas.push(event);
    };
  }

  get result(): RunResult {
    const resetsAt = this.#limit?.resetsAt;
    return {
      nativeSessionId: this.nativeSessionId,
      aborted: false,
      rateLimitExit: this.#limit !== undefined,
      ...(resetsAt === undefined ? {} : { rateLimitResetAt: resetsAt }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
  }

  setMode(mode: ApprovalMode): void {
    this.#mode = mode;
  }

  setModel(model: string): void {
    this.#model = model;
    this.#toldModel = undefined;
  }

  /** Plays a turn and gives the event that ends it. Never rejects. */
  async drive(prompt: string, signal: AbortSignal): Promise<RuntimeEvent> {
    const { clock, log } = this.#services;
    const startedAt = clock.monotonic();
    this.#turnCount += 1;
    let turn: AgentTurn | undefined;
    let end: TurnEnd;
    try {
      const problem = await untilAborted(this.#vendor.problem(), signal);
      if (problem !== undefined) {
        throw new GreenroomError(problem);
      }
      this.#introduce();
      this.#conversation ??= await untilAborted(this.#remember(), signal);
      const { windowTokens } = await untilAborted(this.#vendor.facts(this.#model), signal);
      turn = this.#turn(this.#conversation, windowTokens, signal);
      const command = compactCommand.exec(prompt.trim());
      end = command === null ? await turn.play(this.#promptOf(prompt)) : await turn.compact(command[1]?.trim() ?? '');
    } catch (error) {
      if (!(error instanceof GreenroomError) && !signal.aborted) {
        log.error(`${this.#vendor.id}: a turn failed`, error);
      }
      end = signal.aborted ? { kind: 'stopped' } : { kind: 'ended', stopReason: 'error', error: infoOf(error) };
    }
    const durationMs = Math.round(clock.monotonic() - startedAt);
    if (end.kind === 'ended' && end.stopReason !== 'error') {
      // It was served, so that no limit holds any more.
      this.#limit = undefined;
    }
    if (end.kind === 'stopped') {
      return { type: 'turnCancelled', durationMs };
    }
    return {
      type: 'turnComplete',
      stopReason: end.stopReason,
      ...(end.error === undefined ? {} : { error: end.error }),
      durationMs,
      totalTokens: turn?.tokenCount ?? 0,
      turnCount: turn?.stepCount ?? 0,
      toolCallCount: turn?.callCount ?? 0,
    };
  }

  #notice(event: RuntimeEvent): void {
    if (event.type === 'usage') {
      const { type: _type, ...usage } = event;
      this.#usage = addUsage(this.#usage, usage);
      this.#watchBudget(usage);
    } else if (event.type === 'rateLimit') {
      const { resetsAt } = event;
      this.#limit = event.status === 'blocked' ? { ...(resetsAt === undefined ? {} : { resetsAt }) } : undefined;
    }
  }

  #watchBudget({ costUsd }: UsageDelta): void {
    const budgetUsd = this.#context.limits?.budgetUsd;
    if (budgetUsd !== undefined && costUsd === undefined && !this.#toldOfBudget) {
      this.#toldOfBudget = true;
      this.emit({
        type: 'warning',
        code: 'budgetUnknown',
        message: t(
          'What the model "{0}" costs is not known, so that the budget of ${1} cannot be watched.',
          this.#model,
          budgetUsd.toFixed(2),
        ),
      });
    }
  }

  /** A session is only there once a model can be asked. */
  #introduce(): void {
    if (this.#toldModel !== this.#model) {
      this.#toldModel = this.#model;
      const { nativeSessionId } = this;
      this.emit({ type: 'sessionStarted', nativeSessionId, model: this.#model, commands: ['compact'] });
    }
  }

  /** What earlier runs of the session left behind. */
  async #remember(): Promise<Conversation> {
    const { past, freshPrompt } = this.#context;
    const conversation = Conversation.of((await past?.()) ?? []);
    this.#meter.restart(textTokens(this.#system()) + textTokens(JSON.stringify(this.#specs())));
    this.#freshPrompt = past !== undefined && conversation.entries.length === 0 ? await freshPrompt?.() : undefined;
    return conversation;
  }

  #turn(conversation: Conversation, windowTokens: number, signal: AbortSignal): AgentTurn {
    const { clock, ids, log } = this.#services;
    const context = this.#context;
    const model = this.#model;
    const shared = {
      vendor: this.#vendor,
      conversation,
      meter: this.#meter,
      windowTokens,
      clock,
      log,
      chance: () => chanceOf(ids.uuid()),
      emit: this.emit,
      inactivityTimeoutSeconds: context.inactivityTimeoutSeconds,
      keep: (entry: HistoryEntry): void => {
        conversation.add(entry);
        const restart = entry.kind === 'summary' ? ({ restart: true } as const) : {};
        this.emit({ type: 'history', data: encodeEntry(entry), ...restart });
      },
      request: (toolUse: ModelRequest['toolUse']): ModelRequest => ({
        model,
        system: this.#system(),
        tools: this.#specs(),
        toolUse,
        messages: conversation.messages(),
      }),
    };
    const tools = new ToolRunner({
      tools: context.tools ?? [],
      gate: context.approvals,
      sessionId: context.sessionId,
      cwd: context.cwd,
      clock,
      log,
      emit: this.emit,
      maxResultsLength: Math.floor(windowTokens * resultsShare * charactersPerToken),
      onMode: (mode) => {
        this.#mode = mode;
        this.#toldMode = mode;
      },
      onResult: (callId, result) => conversation.addResult(callId, result),
    });
    return new AgentTurn(
      {
        ...shared,
        tools,
        compactor: new Compactor(shared),
        limits: context.limits ?? { maxSteps: defaultMaxSteps },
        spentUsd: () => this.#spentUsd(),
        idPrefix: `r${context.run}-t${this.#turnCount}`,
      },
      signal,
    );
  }

  #promptOf(text: string): PromptEntry {
    const notes = this.#mode === 'plan' ? [planModeNote] : this.#toldMode === 'plan' ? [planModeOverNote] : [];
    this.#toldMode = this.#mode;
    // Without words a service has nothing to answer.
    const words = this.#freshPrompt ?? (text.trim() === '' ? t('Continue.') : text);
    this.#freshPrompt = undefined;
    return { kind: 'prompt', text: words, images: [], notes };
  }

  #system(): string {
    return systemPrompt({
      cwd: this.#context.cwd,
      platform: this.#services.platform,
      instructions: this.#context.instructions ?? '',
    });
  }

  #specs(): readonly ToolSpec[] {
    return [
      ...(this.#context.tools ?? []).map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      ...talkTools.map(({ spec }) => spec),
    ];
  }

  #spentUsd(): number | undefined {
    const before = this.#context.spentUsd;
    const own = this.#usage?.costUsd;
    return before === undefined && own === undefined ? undefined : (before ?? 0) + (own ?? 0);
  }
}

function infoOf(error: unknown): ErrorInfo {
  return error instanceof GreenroomError ? error.info : unexpectedError(messageOf(error));
}
