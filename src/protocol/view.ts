import type { Action } from '../base/errors.ts';

/**
 * The view model: what a transcript looks like to a person. The extension host and the webview apply the same `Op`s with
 * the same `applyOps`, so that what is replayed equals what was seen live.
 */
export type ToolCallState = 'streaming' | 'awaitingApproval' | 'running' | 'completed' | 'failed' | 'cancelled';

/** Text that was too large to keep: where the whole is, and how large it is in bytes. */
export interface Spilled {
  readonly blob: string;
  readonly size: number;
}

export interface Hunk {
  readonly oldStart: number;
  readonly newStart: number;
  /** Lines with their leading ' ', '-' or '+'. */
  readonly lines: readonly string[];
}

export interface TextPart {
  readonly type: 'text' | 'reasoning';
  text: string;
  /** The tool call (a sub-agent) in which this was said. */
  readonly parentId?: string;
  /** The whole text, where `text` holds only its head and tail. */
  readonly spilled?: Spilled;
}

export interface ToolCallPart {
  readonly type: 'toolCall';
  readonly id: string;
  name: string;
  state: ToolCallState;
  readonly parentId?: string;
  /** What the call is about, in one line: a command, a path. */
  title: string;
  /** The arguments as JSON text; grows while they stream. */
  inputText: string;
  output: string;
  spilledInput?: Spilled;
  spilledOutput?: Spilled;
  /** What an edit changed, once it has. */
  edit?: { readonly path: string; readonly hunks: readonly Hunk[]; readonly canOpen: boolean };
  /** The output is meant for the person: it is seen without opening the call. */
  shown?: true;
  /** How it came to be allowed or refused, in words. */
  decision?: string;
}

export interface ImagePart {
  readonly type: 'image';
  readonly mediaType: string;
  /** Its bytes as base64. */
  readonly spilled?: Spilled;
  readonly parentId?: string;
}

export interface NoticePart {
  readonly type: 'notice';
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly details?: string;
  /** When what the notice says is over, in milliseconds since 1970; shown in the person's own time. */
  readonly until?: number;
  readonly actions: readonly Action[];
}

export type Part = TextPart | ToolCallPart | ImagePart | NoticePart;

export interface Message {
  readonly role: 'user' | 'assistant' | 'notice';
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly parts: Part[];
}

export type SessionState = 'idle' | 'pending' | 'running' | 'done' | 'cancelled' | 'error';
/** From the one that allows least; `auto` allows everything but what is protected or cannot be read. */
export type ApprovalMode = 'plan' | 'ask' | 'acceptEdits' | 'auto';
export type Decision = 'allowOnce' | 'allowForSession' | 'allowAlways' | 'reject';

export interface ProposedEdit {
  readonly path: string;
  readonly hunks: readonly Hunk[];
}

export interface Question {
  readonly question: string;
  readonly header?: string;
  readonly multiSelect: boolean;
  readonly options: readonly { readonly label: string; readonly description?: string }[];
}

/**
 * What waits for the person, shown after everything else, oldest first. `interrupted`: its turn was cut off; the decision
 * continues the work, and nothing runs before.
 */
export type PendingItem = { readonly interrupted?: true } & PendingRequest;

type PendingRequest =
  | {
      readonly kind: 'approval';
      readonly id: string;
      readonly toolCallId?: string;
      readonly toolName: string;
      /** What is asked and why it was not allowed by itself. */
      readonly reason: string;
      /** The whole command, path or arguments, control characters made visible. */
      readonly subject: string;
      readonly edit?: ProposedEdit;
      /** The whole subject, where `subject` holds only its head and tail. */
      readonly spilledSubject?: Spilled;
      /** What "for this session" would allow, in words; absent where it may not be offered. */
      readonly sessionScope?: string;
      /** What "always" would allow. */
      readonly alwaysScope?: string;
    }
  | { readonly kind: 'question'; readonly id: string; readonly questions: readonly Question[] }
  | { readonly kind: 'plan'; readonly id: string; readonly plan: string };

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd?: number;
  /** At least a part of the cost was computed here, from a list of prices. */
  readonly costIsEstimate?: boolean;
}

/** How much of what the model can take in is in use, in tokens. */
export interface ContextUse {
  readonly usedTokens: number;
  readonly windowTokens: number;
}

/** A command or an agent that the runtime itself runs beside its turns. */
export interface BackgroundTask {
  /** The runtime's own. */
  readonly taskId: string;
  readonly kind: 'shell' | 'agent' | 'other';
  /** What it does in one line: its command, where that is known. */
  readonly title: string;
  /** The call that it began with. */
  readonly toolCallId?: string;
}

/** A message that waits for its turn. */
export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  /** The whole text, where `text` holds only its head and tail. */
  readonly spilled?: Spilled;
}

/** What the panel shows around the transcript. Small; replaced field by field. */
export interface Header {
  readonly name: string;
  readonly runtime: string;
  readonly runtimeName: string;
  readonly model?: string;
  readonly mode: ApprovalMode;
  readonly state: SessionState;
  /** One sentence: what the session is doing now. */
  readonly status: string;
  /** Why the last turn did not end naturally. */
  readonly reason?: string;
  /** Set while the turn is stalled: when something was heard of it last, in milliseconds since 1970. */
  readonly silentSince?: number;
  readonly usage?: Usage;
  readonly context?: ContextUse;
  readonly queued: readonly QueuedMessage[];
  readonly pending: readonly PendingItem[];
  /** What the runtime runs beside its turns, oldest first. */
  readonly backgroundTasks?: readonly BackgroundTask[];
  /** Commands of the runtime that the composer completes, without the slash. */
  readonly commands: readonly string[];
  /** Set where nothing can be sent: the reason, in words. */
  readonly readOnly?: string;
  /** What can be done about it. */
  readonly readOnlyAction?: Action;
}

export interface View {
  header: Header;
  /** How many messages the session has. */
  total: number;
  /** Index of the first message that is held. */
  from: number;
  readonly messages: Message[];
}

/** `null` removes the field; JSON has no `undefined`. */
export type HeaderPatch = { readonly [K in keyof Header]?: Header[K] | null };
export type PartPatch = {
  readonly [
    K in
      | 'name'
      | 'state'
      | 'title'
      | 'inputText'
      | 'output'
      | 'spilledInput'
      | 'spilledOutput'
      | 'edit'
      | 'shown'
      | 'decision'
  ]?: ToolCallPart[K];
};

/** Indices are absolute: they do not depend on the window that is held. */
export type Op =
  | readonly ['message', Message]
  | readonly ['part', number, Part]
  /** Append text to a text part, or to a tool call's arguments or output. */
  | readonly ['text' | 'input' | 'output', number, number, string]
  | readonly ['set', number, number, PartPatch]
  | readonly ['header', HeaderPatch];

/**
 * Changes `view` by `ops`, in order. What lies before the window is passed over. The view keeps copies: an `op` stays as
 * it is, so that it can be sent after the view has gone on.
 */
export function applyOps(view: View, ops: readonly Op[]): void {
  for (const op of ops) {
    switch (op[0]) {
      case 'message':
        view.total += 1;
        view.messages.push({ ...op[1], parts: op[1].parts.map((part) => ({ ...part })) });
        break;
      case 'part':
        view.messages[op[1] - view.from]?.parts.push({ ...op[2] });
        break;
      case 'text':
      case 'input':
      case 'output': {
        const part = view.messages[op[1] - view.from]?.parts[op[2]];
        if (part === undefined) {
          break;
        }
        if (part.type === 'toolCall') {
          if (op[0] === 'input') {
            part.inputText += op[3];
          } else if (op[0] === 'output') {
            part.output += op[3];
          }
        } else if (op[0] === 'text' && (part.type === 'text' || part.type === 'reasoning')) {
          part.text += op[3];
        }
        break;
      }
      case 'set': {
        const part = view.messages[op[1] - view.from]?.parts[op[2]];
        if (part?.type === 'toolCall') {
          Object.assign(part, op[3]);
        }
        break;
      }
      case 'header':
        view.header = mergeHeader(view.header, op[1]);
        break;
    }
  }
}

function mergeHeader(header: Header, patch: HeaderPatch): Header {
  const merged: Record<string, unknown> = { ...header };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[key];
    } else {
      merged[key] = value;
    }
  }
  return merged as unknown as Header;
}
