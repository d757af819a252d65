import type { ErrorInfo } from '../../base/errors.ts';
import type { JsonRecord } from '../../base/json.ts';
import type { RuntimeEvent, UsageDelta } from '../../core/sessionEvents.ts';
import type { AnswerBlock } from './history.ts';
import type { ModelMessage } from './modelMessages.ts';

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonRecord;
}

/** One call of a model. */
export interface ModelRequest {
  readonly model: string;
  readonly system: string;
  readonly tools: readonly ToolSpec[];
  /** `none`: the tools are named, so that what is cached stays valid, and may not be called. */
  readonly toolUse: 'auto' | 'none';
  readonly messages: readonly ModelMessage[];
}

/** What a model says, in the order it says it. */
export type ModelChunk =
  | { readonly type: 'text' | 'reasoning'; readonly block: number; readonly text: string }
  /** Begins a call: its arguments and its block follow. */
  | { readonly type: 'call'; readonly id: string; readonly name: string }
  | { readonly type: 'callInput'; readonly id: string; readonly text: string }
  /** For the run log: what a developer wants to know. Holds no secret. */
  | { readonly type: 'log'; readonly text: string }
  /** The service is still there, and says nothing. */
  | { readonly type: 'alive' }
  /** A block is complete: only such a one is kept. */
  | { readonly type: 'block'; readonly value: AnswerBlock };

/** Why the model stopped. `length`: the answer reached its limit. `contextFull`: the conversation did. */
export type ModelStop = 'end' | 'calls' | 'length' | 'contextFull' | 'refusal' | 'pause';

export type ModelAnswer =
  | {
      readonly kind: 'complete';
      readonly stop: ModelStop;
      /** What the vendor says about the stop, for people. */
      readonly explanation?: string;
      readonly usage: UsageDelta;
    }
  | { readonly kind: 'failed'; readonly failure: ModelFailure; readonly usage?: UsageDelta };

export interface ModelFailure {
  readonly error: ErrorInfo;
  /** Why the same request may succeed later, in a sentence for the person; undefined: it will not. */
  readonly retryReason?: string;
  /** How often at most; undefined: as often as we are patient. */
  readonly maxRetries?: number;
  /** The vendor's own word on when to try again. */
  readonly retryAfterMs?: number;
  /** The conversation no longer fits. */
  readonly isTooLong?: true;
  /** It is about an image: without them the same request may succeed. */
  readonly refusesImages?: true;
  readonly limit?: Extract<RuntimeEvent, { readonly type: 'rateLimit' }>;
}

/** What is known of a model. */
export interface ModelFacts {
  /** What it can take in, its answer included. */
  readonly windowTokens: number;
}

/** A service that has models. Nothing here rejects: what fails is a value. */
export interface ModelVendor {
  /** Marks what only this vendor can read. */
  readonly id: string;
  readonly defaultModel: string;
  /** Why no call can be made, such as a missing key; undefined: one can be tried. */
  problem(): Promise<ErrorInfo | undefined>;
  facts(model: string): Promise<ModelFacts>;
  /** Gives the answer as it comes to `onChunk`, and how it ended. After an abort it settles soon, whatever it says then. */
  call(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, signal: AbortSignal): Promise<ModelAnswer>;
}
