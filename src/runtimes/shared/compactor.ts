import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import { compactAtShare, compactionRequest, withoutOldOutputs, wordsOf } from './compaction.ts';
import { type ContextMeter, textTokens } from './contextMeter.ts';
import type { Conversation } from './conversation.ts';
import type { HistoryEntry } from './history.ts';
import type { ModelFailure, ModelRequest, ModelVendor } from './modelVendor.ts';
import { callPatiently } from './patientCall.ts';
import { promptTooLong } from './serviceErrors.ts';

export interface CompactorDeps {
  readonly vendor: ModelVendor;
  readonly conversation: Conversation;
  readonly meter: ContextMeter;
  readonly request: (toolUse: ModelRequest['toolUse']) => ModelRequest;
  readonly keep: (entry: HistoryEntry) => void;
  readonly windowTokens: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly chance: () => number;
  readonly emit: (event: RuntimeEvent) => void;
  readonly inactivityTimeoutSeconds: number;
}

/** Replaces a conversation that becomes too long by the model's own notes on it and the person's words. */
export class Compactor {
  readonly #deps: CompactorDeps;

  constructor(deps: CompactorDeps) {
    this.#deps = deps;
  }

  isDue(): boolean {
    const { meter, conversation, windowTokens } = this.#deps;
    return this.mayHelp() && meter.tokensOf(conversation.messages()) > windowTokens * compactAtShare;
  }

  /** Whether there is anything that notes could take the place of. */
  mayHelp(): boolean {
    return this.#deps.conversation.entries.some(({ kind }) => kind === 'answer');
  }

  /** What went wrong, if it did; then nothing has changed. */
  async compact(wishes: string, signal: AbortSignal): Promise<ModelFailure | undefined> {
    const { conversation, meter, emit, keep, request } = this.#deps;
    if (!this.mayHelp()) {
      return undefined;
    }
    const tokensBefore = meter.tokensOf(conversation.messages());
    emit({ type: 'compaction', phase: 'started', tokensBefore });
    // A message that has no answer yet is not part of what was done: it stays as it is.
    const entries = conversation.entries;
    const last = entries.at(-1);
    const pending = last?.kind === 'prompt' ? last : undefined;
    const answer = await this.#notes(request('none'), wishes, signal);
    if (answer === undefined || 'failure' in answer) {
      return answer?.failure;
    }
    keep({
      kind: 'summary',
      notes: answer.notes,
      words: wordsOf(pending === undefined ? entries : entries.slice(0, -1)),
    });
    if (pending !== undefined) {
      keep(pending);
    }
    const { system, tools } = request('none');
    meter.restart(textTokens(system) + textTokens(JSON.stringify(tools)));
    const tokensAfter = meter.tokensOf(conversation.messages());
    emit({ type: 'compaction', phase: 'finished', tokensBefore, tokensAfter });
    emit({ type: 'contextUsed', usedTokens: tokensAfter, windowTokens: this.#deps.windowTokens });
    return undefined;
  }

  /** Undefined: the signal has aborted. */
  async #notes(
    request: ModelRequest,
    wishes: string,
    signal: AbortSignal,
  ): Promise<{ readonly notes: string } | { readonly failure: ModelFailure } | undefined> {
    // The last one leaves out everything that can be: images take more of a request than of a window.
    let shares = [compactAtShare + 0.1, 0.5, 0];
    for (;;) {
      let notes = '';
      const [share = 0, ...smaller] = shares;
      const answer = await callPatiently(
        this.#deps,
        this.#asking(request, wishes, this.#deps.windowTokens * share),
        () => {
          notes = '';
          return {
            take: (chunk) => {
              notes += chunk.type === 'text' ? chunk.text : '';
            },
            failed: () => undefined,
          };
        },
        signal,
      );
      if (answer === undefined) {
        return undefined;
      }
      if (answer.kind === 'complete') {
        this.#deps.emit({ type: 'usage', ...answer.usage });
        return notes.trim() === '' ? { failure: { error: promptTooLong(answer.explanation) } } : { notes };
      }
      if (answer.failure.isTooLong !== true || smaller.length === 0) {
        return { failure: answer.failure };
      }
      shares = smaller;
    }
  }

  #asking(request: ModelRequest, wishes: string, maxTokens: number): ModelRequest {
    const messages = withoutOldOutputs(request.messages, maxTokens);
    const question = { type: 'text', text: compactionRequest(wishes) } as const;
    const last = messages.at(-1);
    return {
      ...request,
      messages:
        last?.role === 'user'
          ? [...messages.slice(0, -1), { role: 'user', blocks: [...last.blocks, question] }]
          : [...messages, { role: 'user', blocks: [question] }],
    };
  }
}
