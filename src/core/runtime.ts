import type { ErrorInfo } from '../base/errors.ts';
import type { ApprovalMode, Question } from '../protocol/view.ts';
import type { ProbeContext, RuntimeProbe } from './runtimeProbe.ts';
import type { RuntimeEvent, SessionEvent, UsageDelta } from './sessionEvents.ts';
import type { PastItem } from './pastItems.ts';
import type { FileChange, ToolRequest } from './toolRequest.ts';
import type { Tool } from './tools/tool.ts';

/** What a kind of agent can do; nobody asks for a runtime's id to decide. */
export interface RuntimeCapabilities {
  /** A turn can be interrupted, and the conversation goes on. */
  readonly interrupt: boolean;
  /** A conversation can go on in a later run. */
  readonly resume: boolean;
  /** One run serves consecutive turns. */
  readonly consecutiveTurns: boolean;
  /** Calls executables of the person's machine, so that a trusted workspace is required. */
  readonly needsTrust: boolean;
  /** Works on files by the tools that we give it, and has none of its own. */
  readonly needsFileTools?: true;
  /** Models that can be chosen from; any other name may be typed. */
  readonly suggestedModels: readonly string[];
}

export type Verdict =
  | { readonly kind: 'allow'; readonly reason: string }
  | { readonly kind: 'deny'; readonly reason: string }
  | { readonly kind: 'ask'; readonly reason: string };

export type Answer =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly message: string }
  /** The request was taken back: the turn or the run ended first. */
  | { readonly kind: 'withdrawn' };

/** Decides what a tool call may do. Every call of every runtime goes through it. */
export interface ApprovalGate {
  judge(request: ToolRequest): Promise<Verdict>;
  /** Asks the person; stays open until they answer or `signal` aborts. */
  ask(request: ToolRequest, reason: string, signal: AbortSignal): Promise<Answer>;
  askQuestions(
    toolCallId: string | undefined,
    questions: readonly Question[],
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string | readonly string[]>> | undefined>;
  /** Approving a plan leaves plan mode: the answer says in which mode the work goes on. */
  approvePlan(
    toolCallId: string | undefined,
    plan: string,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: 'allow'; readonly mode: ApprovalMode }
    | { readonly kind: 'deny'; readonly message: string }
    | { readonly kind: 'withdrawn' }
  >;
}

export interface RunContext {
  readonly sessionId: string;
  /** Grows with every run; tags its events. */
  readonly run: number;
  readonly agentName: string;
  /** The executable, where the runtime has one; empty: look for it. */
  readonly command: string;
  readonly args: readonly string[];
  /** Variables to add to the environment of the runtime's process. */
  readonly env: Readonly<Record<string, string>>;
  readonly prompt: string;
  readonly cwd: string;
  readonly projectRoot: string;
  readonly inactivityTimeoutSeconds: number;
  /** A run without a turn ends after this time. */
  readonly idleSeconds: number;
  readonly model?: string;
  readonly mode: ApprovalMode;
  /** The runtime's own name for a mode, or `inherit`: derived from `mode`. */
  readonly permissionMode: string;
  readonly nativeSessionId?: string;
  /** Makes the complete prompt of a fresh start, for the case that the resume is refused: called then only. Never rejects. */
  readonly freshPrompt?: () => Promise<string>;
  /** Whether the repository's own hooks, servers and environment may act. */
  readonly loadProjectSettings: boolean;
  /** Identifies the content that they have, where they may. */
  readonly projectDigest?: string;
  readonly approvals: ApprovalGate;
  /** What Greenroom does for the model; a run works without them too. */
  readonly tools?: readonly Tool[];
  /**
   * Whether the agent may start background shells of its own where `tools` have one, which people see and can stop; by
   * default it may not.
   */
  readonly ownBackgroundShells?: 'refuse' | 'allow';
  /** What the repository and the person want of every agent, for the model; for runtimes that find nothing of it themselves. */
  readonly instructions?: string;
  /** The address of the service, where the runtime calls one; empty: the vendor's own. */
  readonly baseUrl?: string;
  readonly limits?: RunLimits;
  /** What the session's runs have cost before this one, as far as it is known. */
  readonly spentUsd?: number;
  /** What the session's runs kept by `history`, and how their tool calls ended, oldest first. Rejects with a `GreenroomError`. */
  readonly past?: () => Promise<readonly PastItem[]>;
}

export interface RunLimits {
  /** Model calls in one turn. */
  readonly maxSteps: number;
  /** What the session may cost; undefined: no limit. */
  readonly budgetUsd?: number;
}

export interface RunResult {
  readonly nativeSessionId?: string;
  /** Absent until the run reported any. */
  readonly usage?: UsageDelta;
  /** The process failed and no session was ever established. */
  readonly aborted: boolean;
  readonly rateLimitExit: boolean;
  /** Milliseconds since 1970. */
  readonly rateLimitResetAt?: number;
  /** Why the run ended, where that was a failure. */
  readonly error?: ErrorInfo;
}

export type RunStatus = 'idle' | 'running' | 'completed' | 'failed';

/**
 * Drives one run of one kind of agent: a process or a loop that serves one or more turns. A failure of a model, a network
 * or a process is an event and a result, never a throw. Each turn that `start` or `send` begins ends with exactly one
 * `turnComplete` or `turnCancelled`. `turnStarted` is emitted by the runtime only for turns that it began by itself.
 */
export interface Runtime {
  readonly status: RunStatus;
  start(context: RunContext, emit: (event: RuntimeEvent) => void): Promise<RunResult>;
  /** The next turn of the same run. False if the run takes no more: start another. */
  send(prompt: string): boolean;
  /** Ends the turn, not the run. */
  interrupt(): Promise<void>;
  setMode(mode: ApprovalMode): Promise<void>;
  /** False if this run cannot change its model. */
  setModel(model: string | undefined): Promise<boolean>;
  /**
   * Ends what it runs beside its turns, by the id that its `backgroundTask` event said; the end is told by such an event too.
   * False if it cannot be ended. Absent: there never is any.
   */
  stopTask?(taskId: string): Promise<boolean>;
  /** Resolves when nothing of the run lives. */
  stop(): Promise<void>;
  /** What the runtime keeps outside the stream. */
  bufferedEvents(): readonly RuntimeEvent[];
}

/** A conversation that the agent keeps itself, from before or beside Greenroom. */
export interface Conversation {
  readonly nativeSessionId: string;
  readonly title: string;
  readonly messageCount: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

export interface PastEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: SessionEvent;
}

/** Reads what an agent has kept; never writes it. */
export interface ConversationSource {
  /** Those of one folder, newest first. */
  list(cwd: string): Promise<readonly Conversation[]>;
  /** What happened in it, as if it had happened in a session. */
  read(cwd: string, nativeSessionId: string): Promise<readonly PastEvent[]>;
}

/** How an agent goes on in a terminal: it may do there what its session may do. */
export type TerminalContext = Pick<RunContext, 'command' | 'env' | 'mode' | 'permissionMode' | 'model'>;

/** What a terminal runs in place of a shell: nothing of it is a command line that anybody reads. */
export interface TerminalProgram {
  /** Absolute. */
  readonly path: string;
  readonly args: readonly string[];
  /** Changes to the terminal's environment; null: the variable is taken away. */
  readonly env: Readonly<Record<string, string | null>>;
}

/** A model that can be chosen. */
export interface ModelChoice {
  readonly id: string;
  readonly name: string;
}

/** A registered kind of agent. */
export interface RuntimeKind {
  readonly id: string;
  readonly displayName: string;
  readonly capabilities: RuntimeCapabilities;
  /** Files of a repository, relative to its folders, that would let it act by itself when this runtime starts there. */
  readonly repositoryFiles: readonly string[];
  /** Where a person learns how to install and log in. */
  readonly homepage: string;
  /** Its settings are those below `runtimes.<settingsSection>`; undefined: it has none. */
  readonly settingsSection?: string;
  /** It needs a key of the person's: stored for it, or in one of these variables of the environment. */
  readonly key?: { readonly service: string; readonly variables: readonly string[] };
  /** The only folder that its sessions work in, whatever the workspace is; its runs make it. */
  readonly ownFolder?: string;
  /** What a person may send who wants to see it at work and has no task yet. */
  readonly firstMessage?: string;
  /** Command lines for a terminal: to log in, and to update. */
  readonly terminal?: {
    readonly login: string;
    readonly update: string;
    /** Goes on with a conversation. Rejects with a `GreenroomError` where there is no such program. */
    readonly resume?: (nativeSessionId: string, context: TerminalContext) => Promise<TerminalProgram>;
  };
  /** Conversations that can be imported; `env` are the variables that its processes are given. */
  readonly conversations?: (env: Readonly<Record<string, string>>) => ConversationSource;
  /** Asks the service which models there are, newest first. Rejects with a `GreenroomError`. */
  readonly models?: (baseUrl: string, signal: AbortSignal) => Promise<readonly ModelChoice[]>;
  /** Looks at what is installed, without a turn. Never rejects. Undefined: there is nothing that could be missing. */
  readonly probe?: (context: ProbeContext) => Promise<RuntimeProbe>;
  create(): Promise<Runtime>;
}

export type { ApprovalMode, FileChange, Question, ToolRequest };
