import type { ErrorInfo } from '../base/errors.ts';
import type {
  ApprovalMode,
  BackgroundTask,
  Decision,
  Hunk,
  ProposedEdit,
  Question,
  Spilled,
} from '../protocol/view.ts';

/**
 * What happens in a session. Everything a person sees is a pure function of the numbered sequence of these events.
 * Times and costs are carried in the event; nothing here is read from a clock when it is reduced.
 */
export type SessionEvent = RuntimeEvent | HostEvent;

export type StopReason = 'endTurn' | 'maxTokens' | 'maxSteps' | 'budget' | 'refusal' | 'cancelled' | 'error';

/** Tokens and cost since the last report of the same session, not totals. */
export interface UsageDelta {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd?: number;
  /** The cost was computed here, from a list of prices. */
  readonly costIsEstimate?: boolean;
}

export interface EditResult {
  readonly path: string;
  readonly hunks: readonly Hunk[];
  /** The file's text before the edit, where it is known; empty for a new file. */
  readonly before?: string;
  readonly spilledBefore?: Spilled;
}

/** An image that a tool gave: its bytes as base64, or where they are. */
export interface ToolImage {
  readonly mediaType: string;
  readonly data?: string;
  readonly spilled?: Spilled;
}

/** What a runtime tells. `parentId` is the tool call (a sub-agent) in which it happened. */
export type RuntimeEvent =
  | { readonly type: 'status'; readonly text: string }
  | {
      readonly type: 'sessionStarted';
      readonly nativeSessionId: string;
      readonly model?: string;
      readonly commands?: readonly string[];
      readonly version?: string;
    }
  /** A model call begins; what follows belongs to a message of its own. */
  | { readonly type: 'stepStarted' }
  /** Text appended to the part named `partId`, unique within the session's run. */
  | {
      readonly type: 'textDelta' | 'reasoningDelta';
      readonly partId: string;
      readonly text: string;
      readonly parentId?: string;
    }
  | {
      readonly type: 'toolCallStreaming';
      readonly id: string;
      readonly name: string;
      readonly text: string;
      readonly parentId?: string;
    }
  | {
      readonly type: 'toolCallStarted';
      readonly id: string;
      readonly name: string;
      /** What the call is about in one line. */
      readonly title: string;
      /** The complete arguments as JSON text. */
      readonly inputText: string;
      readonly spilledInput?: Spilled;
      readonly parentId?: string;
    }
  | { readonly type: 'toolOutput'; readonly id: string; readonly text: string }
  | {
      readonly type: 'toolResult';
      readonly id: string;
      readonly output: string;
      readonly spilledOutput?: Spilled;
      readonly outcome: 'completed' | 'failed' | 'cancelled';
      readonly edit?: EditResult;
      readonly images?: readonly ToolImage[];
      /** The output is meant for the person, such as a plan: it is seen without opening the call. */
      readonly shown?: true;
    }
  /** Something that the agent runs beside its turns, as far as it tells: it begins, or it ends. */
  | ({
      readonly type: 'backgroundTask';
      readonly status: 'running' | 'completed' | 'failed' | 'stopped';
    } & BackgroundTask)
  | ({ readonly type: 'usage' } & UsageDelta)
  /** How much of what the model can take in is in use. */
  | { readonly type: 'contextUsed'; readonly usedTokens: number; readonly windowTokens: number }
  /**
   * A piece of the conversation as the runtime wants it back in a later run: opaque to everybody else, and not shown.
   * `restart`: it stands for everything before it too.
   */
  | { readonly type: 'history'; readonly data: string; readonly restart?: true; readonly spilled?: Spilled }
  | {
      readonly type: 'rateLimit';
      /** `blocked`: nothing more is served until `resetsAt`. */
      readonly status: 'allowed' | 'warning' | 'blocked';
      /** Milliseconds since 1970. */
      readonly resetsAt?: number;
      readonly limit?: string;
      /** 0..1 */
      readonly utilization?: number;
    }
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | {
      readonly type: 'compaction';
      readonly phase: 'started' | 'finished';
      readonly tokensBefore?: number;
      readonly tokensAfter?: number;
    }
  | { readonly type: 'turnStarted'; readonly origin: 'user' | 'runtime' | 'gate' }
  | {
      readonly type: 'turnComplete';
      readonly stopReason: StopReason;
      readonly error?: ErrorInfo;
      readonly durationMs: number;
      readonly totalTokens: number;
      readonly turnCount: number;
      readonly toolCallCount: number;
    }
  | { readonly type: 'turnCancelled'; readonly durationMs: number }
  | { readonly type: 'error'; readonly error: ErrorInfo }
  /** A line of output that is no JSON, secrets and all; goes to the run log only, which takes them out. */
  | { readonly type: 'rawOutput'; readonly text: string }
  /** A JSON line of a CLI, as it came; likewise. */
  | { readonly type: 'agentJson'; readonly data: string }
  | { readonly type: 'done'; readonly nativeSessionId?: string };

/** What the host adds: the person's words and decisions, and the session's own changes. */
export type HostEvent =
  | {
      readonly type: 'configured';
      readonly name?: string;
      readonly namedBy?: 'user' | 'auto';
      readonly model?: string | null;
      readonly mode?: ApprovalMode;
    }
  | { readonly type: 'messageQueued'; readonly messageId: string; readonly text: string; readonly spilled?: Spilled }
  | { readonly type: 'messageUnqueued'; readonly messageId: string }
  /** The person's message; takes a queued one with the same id out of the queue. */
  | { readonly type: 'userMessage'; readonly messageId: string; readonly text: string; readonly spilled?: Spilled }
  | {
      readonly type: 'approvalNeeded';
      readonly id: string;
      readonly toolCallId?: string;
      readonly toolName: string;
      readonly inputText: string;
      readonly reason: string;
      readonly subject: string;
      readonly spilledSubject?: Spilled;
      readonly edit?: ProposedEdit;
      readonly sessionScope?: string;
      readonly alwaysScope?: string;
      /** What an answer "for this session" or "always" allows from then on; see `approvals`. */
      readonly grantKey?: string;
      /** The plan, where a plan is to be approved. */
      readonly plan?: string;
    }
  | {
      readonly type: 'approvalDecided';
      readonly id: string;
      readonly decision: Decision | 'withdrawn';
      readonly message?: string;
    }
  | {
      readonly type: 'questionAsked';
      readonly id: string;
      readonly toolCallId?: string;
      readonly questions: readonly Question[];
    }
  | {
      readonly type: 'questionAnswered';
      readonly id: string;
      readonly answers?: Readonly<Record<string, string | readonly string[]>>;
    }
  /** What the model was told with the next prompt, beside the person's words. */
  | { readonly type: 'modelTold'; readonly text: string }
  /** Why a call was allowed or refused without asking. */
  | { readonly type: 'toolDecision'; readonly toolCallId: string; readonly text: string };

/** An event as it stands in a session's log. */
export interface NumberedEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The run that it came from; 0 for what no run said. */
  readonly run: number;
  readonly event: SessionEvent;
  /** Set where neighbouring deltas were merged into this one: how many events it stands for, and when the last came. */
  readonly covers?: { readonly count: number; readonly lastAt: number };
}

/** The number of the last event that `numbered` stands for; the next one has the number after it. */
export function lastSeqOf(numbered: NumberedEvent): number {
  return numbered.seq + (numbered.covers?.count ?? 1) - 1;
}

export function lastAtOf(numbered: NumberedEvent): number {
  return numbered.covers?.lastAt ?? numbered.at;
}
