import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { ErrorInfo } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { action } from '../../core/errors.ts';
import type { RunLimits } from '../../core/runtime.ts';
import type { RuntimeEvent, StopReason, UsageDelta } from '../../core/sessionEvents.ts';
import type { Compactor } from './compactor.ts';
import type { ContextMeter } from './contextMeter.ts';
import type { Conversation } from './conversation.ts';
import type { HistoryEntry } from './history.ts';
import type { ModelAnswer, ModelFailure, ModelRequest, ModelVendor } from './modelVendor.ts';
import { callPatiently } from './patientCall.ts';
import { promptTooLong } from './serviceErrors.ts';
import { maxCalls, StepAnswer } from './stepAnswer.ts';
import type { ToolRunner } from './toolRunner.ts';
import { TurnStopped } from './turnStopped.ts';

export interface TurnDeps {
  readonly vendor: ModelVendor;
  readonly conversation: Conversation;
  readonly meter: ContextMeter;
  readonly compactor: Compactor;
  readonly tools: ToolRunner;
  /** The request for the conversation as it is now. */
  readonly request: (toolUse: ModelRequest['toolUse']) => ModelRequest;
  /** Adds an entry to the conversation, for later runs too. */
  readonly keep: (entry: HistoryEntry) => void;
  readonly windowTokens: number;
  readonly limits: RunLimits;
  /** What the session has cost so far; undefined: not known. */
  readonly spentUsd: () => number | undefined;
  readonly inactivityTimeoutSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: () => number;
  readonly emit: (event: RuntimeEvent) => void;
  /** Begins the ids of the turn's parts; unique within the session. */
  readonly idPrefix: string;
}

export type TurnEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'ended'; readonly stopReason: StopReason; readonly error?: ErrorInfo };

const brokenArguments =
  'The arguments broke off, because the answer reached the length that you may write at once. Nothing was done. Do it in smaller pieces.';

/** What the model is told of calls that it made beyond the limit. */
function surplusNote(count: number): string {
  return `${count} of your calls were not made: at most ${maxCalls} are made for one answer. Ask again for those that you still need, or find a way with fewer calls, such as a command that does it all.`;
}

/**
 * One turn: the model is called, its tool calls are made, their results go back to it, until it answers without a call or
 * something ends the turn. Aborting the signal ends it from any point; then each of its calls has a result.
 */
export class AgentTurn {
  readonly #deps: TurnDeps;
  readonly #signal: AbortSignal;
  #steps = 0;
  #calls = 0;
  #tokens = 0;

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

  get tokenCount(): number {
    return this.#tokens;
  }

  /** Never rejects for what a model, a network or a tool does. */
  async play(prompt: Extract<HistoryEntry, { readonly kind: 'prompt' }>): Promise<TurnEnd> {
    this.#deps.keep(prompt);
    try {
      for (;;) {
        const end = this.#limitReached() ?? (await this.#makeRoom()) ?? (await this.#step());
        if (end !== undefined) {
          return end;
        }
      }
    } catch (error) {
      if (error instanceof TurnStopped || this.#signal.aborted) {
        return { kind: 'stopped' };
      }
      throw error;
    }
  }

  /** Replaces the conversation by the model's notes, because the person wants it. */
  async compact(wishes: string): Promise<TurnEnd> {
    const failure = await this.#deps.compactor.compact(wishes, this.#signal);
    if (this.#signal.aborted) {
      return { kind: 'stopped' };
    }
    return failure === undefined ? { kind: 'ended', stopReason: 'endTurn' } : this.#failed(failure);
  }

  #limitReached(): TurnEnd | undefined {
    const { limits, spentUsd } = this.#deps;
    if (this.#steps >= limits.maxSteps) {
      return ended('maxSteps', {
        code: 'maxSteps',
        message: t('The turn reached its limit of {0} steps.', limits.maxSteps),
        actions: [action.continue(), action.openSettings('greenroom.maxSteps')],
      });
    }
    const spent = spentUsd();
    if (limits.budgetUsd !== undefined && spent !== undefined && spent >= limits.budgetUsd) {
      return ended('budget', {
        code: 'budget',
        message: t('The session has cost ${0}; its budget is ${1}.', spent.toFixed(2), limits.budgetUsd.toFixed(2)),
        actions: [action.openSettings('greenroom.budgetUsd'), action.newSession()],
      });
    }
    return undefined;
  }

  /** Compacts the conversation before it no longer fits. */
  async #makeRoom(): Promise<TurnEnd | undefined> {
    if (!this.#deps.compactor.isDue()) {
      return undefined;
    }
    const failure = await this.#deps.compactor.compact('', this.#signal);
    this.#throwIfStopped();
    return failure === undefined ? undefined : this.#failed(failure);
  }

  async #step(): Promise<TurnEnd | undefined> {
    const { deps, step } = { deps: this.#deps, step: ++this.#steps };
    let shown: StepAnswer | undefined;
    const answer = await callPatiently(
      deps,
      deps.request('auto'),
      (attempt) => {
        const current = new StepAnswer({
          emit: deps.emit,
          idPrefix: `${deps.idPrefix}-s${step}a${attempt}`,
          newCallId: (vendorId) => deps.conversation.newCallId(vendorId),
        });
        shown = current;
        deps.emit({ type: 'stepStarted' });
        return { take: current.take, failed: (willRetry) => this.#attemptFailed(current, willRetry) };
      },
      this.#signal,
    );
    const said = shown;
    if (answer === undefined || said === undefined) {
      this.#keepStopped(said);
      throw new TurnStopped();
    }
    return answer.kind === 'failed' ? this.#stepFailed(answer.failure) : this.#answered(answer, said);
  }

  /** What was seen of an attempt stays, marked as what it is. */
  #attemptFailed(said: StepAnswer, willRetry: boolean): void {
    said.discard(t('The answer broke off before this call was complete.'));
    if (said.isShown && willRetry) {
      this.#deps.emit({
        type: 'warning',
        code: 'answerBrokeOff',
        message: t('The answer broke off here, and is asked for again.'),
      });
    }
  }

  #keepStopped(said: StepAnswer | undefined): void {
    if (said?.isShown !== true) {
      return;
    }
    const { vendor, keep, tools, request } = this.#deps;
    keep({ kind: 'answer', vendor: vendor.id, model: request('auto').model, blocks: said.soFar(), stopped: true });
    tools.stop(said.shownCalls());
  }

  async #stepFailed(failure: ModelFailure): Promise<TurnEnd | undefined> {
    const { compactor, conversation, emit } = this.#deps;
    if (failure.refusesImages === true && conversation.dropImages()) {
      // One image that it cannot read would end every turn of the conversation from here on.
      emit({
        type: 'warning',
        code: 'imagesLeftOut',
        message: t('The service could not read an image of this conversation. It goes on without its images.'),
      });
      return undefined;
    }
    if (failure.isTooLong === true && compactor.mayHelp()) {
      const second = await compactor.compact('', this.#signal);
      this.#throwIfStopped();
      return second === undefined ? undefined : this.#failed(second);
    }
    return this.#failed(failure);
  }

  #failed({ error, limit }: ModelFailure): TurnEnd {
    if (limit !== undefined) {
      this.#deps.emit(limit);
    }
    return ended('error', error);
  }

  async #answered(
    answer: Extract<ModelAnswer, { readonly kind: 'complete' }>,
    said: StepAnswer,
  ): Promise<TurnEnd | undefined> {
    const { vendor, conversation, meter, compactor, emit, keep, request, tools, windowTokens } = this.#deps;
    this.#count(answer.usage);
    if (answer.stop === 'refusal') {
      // Not kept: a model that reads its own refusal refuses again.
      said.discard(t('The model refused to go on.'));
      return ended('refusal', {
        code: 'refusal',
        message: t('The model refused to go on.'),
        actions: [action.newSession()],
        ...(answer.explanation === undefined ? {} : { details: answer.explanation }),
      });
    }
    const broken = said.keepBrokenCalls();
    const calls = said.calls.filter((call) => !broken.includes(call));
    keep({ kind: 'answer', vendor: vendor.id, model: request('auto').model, blocks: said.blocks });
    this.#calls += said.calls.length;
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = answer.usage;
    const usedTokens = inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens;
    meter.measured(usedTokens, conversation.messages());
    emit({ type: 'contextUsed', usedTokens, windowTokens });
    tools.refuse(broken, brokenArguments);
    this.#tellOfSurplus(said);
    if (said.calls.length > 0) {
      await tools.run(calls, this.#signal);
      this.#throwIfStopped();
      return undefined;
    }
    if (answer.stop === 'contextFull') {
      if (!compactor.mayHelp()) {
        return this.#failed({ error: promptTooLong(answer.explanation) });
      }
      const failure = await compactor.compact('', this.#signal);
      this.#throwIfStopped();
      return failure === undefined ? undefined : this.#failed(failure);
    }
    if (answer.stop === 'end' && !said.blocks.some((block) => block.type === 'text' && block.text.trim() !== '')) {
      emit({ type: 'warning', code: 'emptyAnswer', message: t('The model ended its turn without a word.') });
    }
    return answer.stop === 'length'
      ? ended('maxTokens', {
          code: 'maxTokens',
          message: t('The answer reached the length that the model may write at once.'),
          actions: [action.continue()],
        })
      : { kind: 'ended', stopReason: 'endTurn' };
  }

  #tellOfSurplus({ calls, surplusCalls }: StepAnswer): void {
    if (surplusCalls === 0) {
      return;
    }
    this.#deps.emit({
      type: 'warning',
      code: 'tooManyCalls',
      message: t(
        'The model asked for {0} tool calls in one answer. Only the first {1} are made; it has been told to ask again for the others.',
        calls.length + surplusCalls,
        calls.length,
      ),
    });
    this.#deps.keep({ kind: 'prompt', text: '', images: [], notes: [surplusNote(surplusCalls)] });
  }

  #count(usage: UsageDelta): void {
    this.#tokens += usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    this.#deps.emit({ type: 'usage', ...usage });
  }

  #throwIfStopped(): void {
    if (this.#signal.aborted) {
      throw new TurnStopped();
    }
  }
}

function ended(stopReason: StopReason, error: ErrorInfo): TurnEnd {
  return { kind: 'ended', stopReason, error };
}
