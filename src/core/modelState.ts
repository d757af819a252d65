import type { ErrorInfo } from '../base/errors.ts';
import type { Header, Spilled, Usage } from '../protocol/view.ts';

export interface OpenTurn {
  readonly origin: 'user' | 'runtime' | 'gate';
  readonly startedAt: number;
  readonly run: number;
  /** An `error` that was reported inside the turn; it counts if the turn then ends in an error without one of its own. */
  diagnostic: ErrorInfo | undefined;
}

export interface OpenApproval {
  readonly grantKey: string | undefined;
  readonly toolCallId: string | undefined;
  /** The arguments as JSON text; absent for what is no tool call. */
  readonly inputText?: string;
}

export interface LastUserMessage {
  readonly text: string;
  readonly spilled?: Spilled;
}

/** What the log says of the header; the rest of it is the host's. */
export type LoggedHeader = Omit<Header, 'runtime' | 'runtimeName' | 'silentSince' | 'readOnly' | 'readOnlyAction'>;

/**
 * All that the events so far mean for those to come, at a moment when no message can change any more: a model without its
 * messages, as data of JSON. Whoever goes on from it comes to the same as whoever reduced everything.
 */
export interface ModelState {
  readonly lastSeq: number;
  readonly lastAt: number;
  readonly lastRun: number;
  /** How many messages there are. */
  readonly total: number;
  readonly header: LoggedHeader;
  readonly turn?: OpenTurn | undefined;
  readonly nativeSessionId?: string | undefined;
  readonly namedBy?: 'user' | 'auto' | undefined;
  readonly reasonCode?: string | undefined;
  readonly rateLimitedUntil?: number | undefined;
  readonly rateLimitStatus?: string | undefined;
  readonly grants: readonly string[];
  readonly openApprovals: readonly (readonly [id: string, approval: OpenApproval])[];
  readonly lastUserMessage?: LastUserMessage | undefined;
  readonly usage?: Usage | undefined;
  readonly chosenModel?: string | undefined;
}
