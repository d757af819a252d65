import type { Action, ActionId } from '../base/errors.ts';
import { asArray, asNumber, asString, isRecord } from '../base/json.ts';
import type { ApprovalMode, Decision, Header, Message, Op, View } from './view.ts';
import { applyOps } from './view.ts';

/** A snapshot holds at most this many messages; older ones come as pages. */
export const windowMessages = 60;

/** From the extension host to the chat webview. */
export type HostMessage =
  | {
      readonly type: 'snapshot';
      readonly sessionId: string;
      /** Identifies this snapshot; patches and pages of another epoch do not fit it. */
      readonly epoch: number;
      /** Number of the last patch it contains; the next is `seq + 1`. */
      readonly seq: number;
      readonly total: number;
      readonly from: number;
      readonly messages: readonly Message[];
      readonly header: Header;
      readonly draft: string;
      readonly away?: Away;
    }
  | { readonly type: 'patch'; readonly epoch: number; readonly seq: number; readonly ops: readonly Op[] }
  | { readonly type: 'page'; readonly epoch: number; readonly from: number; readonly messages: readonly Message[] }
  /** The messages that end before `before` could not be read: why, in a sentence. */
  | { readonly type: 'pageFailed'; readonly epoch: number; readonly before: number; readonly message: string }
  /** Answer to `send`: the text is the session's now, or the reason why not. */
  | { readonly type: 'sent'; readonly requestId: number; readonly refused?: string }
  /** Puts text into the composer (after cancelling a queued message, or by a command). */
  | { readonly type: 'compose'; readonly text: string }
  /** A sentence for the composer's foot, and a table below it; not part of the transcript. */
  | { readonly type: 'hint'; readonly text: string; readonly level: 'info' | 'error'; readonly table?: Table }
  | { readonly type: 'focus' }
  /** What was found of the agent of the session on stage; undefined: there is nothing that could be missing. */
  | { readonly type: 'agent'; readonly notice: AgentNotice | undefined };

/** Texts in rows, each row as long as the columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What happened since the person last looked. */
export interface Away {
  /** In one line. */
  readonly text: string;
  /** Index of the first message that they have not seen. */
  readonly seen: number;
}

/** What an empty chat says about its agent. */
export interface AgentNotice {
  readonly level: 'checking' | 'good' | 'bad';
  readonly title: string;
  readonly details: readonly string[];
  readonly actions: readonly Action[];
}

/** From the chat webview to the extension host. */
export type WebviewMessage =
  /** The webview has loaded, or found a gap: it needs a snapshot. */
  | { readonly type: 'needSnapshot' }
  /** `count` messages that end before `before`. */
  | { readonly type: 'needPage'; readonly epoch: number; readonly before: number; readonly count: number }
  | { readonly type: 'send'; readonly requestId: number; readonly sessionId: string; readonly text: string }
  | { readonly type: 'unqueue'; readonly sessionId: string; readonly messageId: string }
  | { readonly type: 'cancelTurn'; readonly sessionId: string }
  | {
      readonly type: 'decide';
      readonly approvalId: string;
      readonly decision: Decision;
      readonly message?: string;
      /** In which mode the work goes on after a plan. */
      readonly mode?: ApprovalMode;
    }
  | {
      readonly type: 'answer';
      readonly questionId: string;
      readonly answers: Readonly<Record<string, string | readonly string[]>>;
    }
  | { readonly type: 'draft'; readonly sessionId: string; readonly text: string }
  | { readonly type: 'setMode'; readonly mode: ApprovalMode }
  | { readonly type: 'chooseMode' }
  | { readonly type: 'chooseModel' }
  /** The chat has got or lost the keyboard. */
  | { readonly type: 'focusChanged'; readonly focused: boolean }
  | { readonly type: 'openDiff'; readonly sessionId: string; readonly toolCallId: string }
  | { readonly type: 'openProposedDiff'; readonly approvalId: string }
  | { readonly type: 'openBlob'; readonly sessionId: string; readonly blob: string; readonly title: string }
  | { readonly type: 'openFile'; readonly path: string; readonly line?: number }
  | { readonly type: 'action'; readonly action: ActionId; readonly argument?: string };

const decisions: ReadonlySet<string> = new Set([
  'allowOnce',
  'allowForSession',
  'allowAlways',
  'reject',
] satisfies Decision[]);
const modes: ReadonlySet<string> = new Set(['plan', 'ask', 'acceptEdits', 'auto'] satisfies ApprovalMode[]);
const actions: ReadonlySet<string> = new Set([
  'openInstallPage',
  'openSettings',
  'login',
  'updateCli',
  'chooseModel',
  'showLog',
  'retry',
  'continue',
  'compact',
  'newSession',
  'trustWorkspace',
  'reviewProjectSettings',
  'takeOver',
  'startDemo',
  'checkAgents',
  'setApiKey',
  'openFolder',
] satisfies ActionId[]);

/** Longest text that the host takes from the composer, in characters. */
export const maxComposedLength = 5_000_000;

/** The message if `value` is one, else `undefined`: the webview shows text from models, so what it sends is checked. */
export function parseWebviewMessage(value: unknown): WebviewMessage | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const text = asString(value['text']);
  const sessionId = asString(value['sessionId']);
  switch (value['type']) {
    case 'needSnapshot':
      return { type: 'needSnapshot' };
    case 'needPage': {
      const [epoch, before, count] = [asNumber(value['epoch']), asNumber(value['before']), asNumber(value['count'])];
      return epoch === undefined || before === undefined || count === undefined
        ? undefined
        : { type: 'needPage', epoch, before, count };
    }
    case 'send': {
      const requestId = asNumber(value['requestId']);
      if (requestId === undefined || sessionId === undefined || text === undefined || text.length > maxComposedLength) {
        return undefined;
      }
      return { type: 'send', requestId, sessionId, text };
    }
    case 'unqueue': {
      const messageId = asString(value['messageId']);
      return sessionId === undefined || messageId === undefined ? undefined : { type: 'unqueue', sessionId, messageId };
    }
    case 'cancelTurn':
      return sessionId === undefined ? undefined : { type: 'cancelTurn', sessionId };
    case 'decide': {
      const approvalId = asString(value['approvalId']);
      const decision = asString(value['decision']);
      const message = asString(value['message']);
      const mode = asString(value['mode']);
      if (approvalId === undefined || decision === undefined || !decisions.has(decision)) {
        return undefined;
      }
      return {
        type: 'decide',
        approvalId,
        decision: decision as Decision,
        ...(message === undefined ? {} : { message }),
        ...(mode !== undefined && modes.has(mode) ? { mode: mode as ApprovalMode } : {}),
      };
    }
    case 'answer': {
      const questionId = asString(value['questionId']);
      const answers = parseAnswers(value['answers']);
      return questionId === undefined || answers === undefined ? undefined : { type: 'answer', questionId, answers };
    }
    case 'draft':
      return sessionId === undefined || text === undefined || text.length > maxComposedLength
        ? undefined
        : { type: 'draft', sessionId, text };
    case 'setMode': {
      const mode = asString(value['mode']);
      return mode !== undefined && modes.has(mode) ? { type: 'setMode', mode: mode as ApprovalMode } : undefined;
    }
    case 'chooseMode':
      return { type: 'chooseMode' };
    case 'chooseModel':
      return { type: 'chooseModel' };
    case 'focusChanged':
      return { type: 'focusChanged', focused: value['focused'] === true };
    case 'openDiff': {
      const toolCallId = asString(value['toolCallId']);
      return sessionId === undefined || toolCallId === undefined
        ? undefined
        : { type: 'openDiff', sessionId, toolCallId };
    }
    case 'openProposedDiff': {
      const approvalId = asString(value['approvalId']);
      return approvalId === undefined ? undefined : { type: 'openProposedDiff', approvalId };
    }
    case 'openBlob': {
      const blob = asString(value['blob']);
      const title = asString(value['title']);
      return sessionId === undefined || blob === undefined || title === undefined
        ? undefined
        : { type: 'openBlob', sessionId, blob, title };
    }
    case 'openFile': {
      const path = asString(value['path']);
      const line = asNumber(value['line']);
      return path === undefined ? undefined : { type: 'openFile', path, ...(line === undefined ? {} : { line }) };
    }
    case 'action': {
      const action = asString(value['action']);
      const argument = asString(value['argument']);
      if (action === undefined || !actions.has(action)) {
        return undefined;
      }
      return { type: 'action', action: action as ActionId, ...(argument === undefined ? {} : { argument }) };
    }
    default:
      return undefined;
  }
}

function parseAnswers(value: unknown): Record<string, string | readonly string[]> | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const answers: Record<string, string | readonly string[]> = Object.create(null) as Record<
    string,
    string | readonly string[]
  >;
  for (const [question, answer] of Object.entries(value)) {
    if (typeof answer === 'string') {
      answers[question] = answer;
    } else if (Array.isArray(answer) && asArray(answer).every((item) => typeof item === 'string')) {
      answers[question] = answer as readonly string[];
    } else {
      return undefined;
    }
  }
  return answers;
}

/** What the webview holds of a session: a window of the view, and where it stands in the stream of patches. */
export interface Held {
  readonly sessionId: string;
  readonly epoch: number;
  seq: number;
  readonly view: View;
  readonly away?: Away;
}

export function holdSnapshot(snapshot: Extract<HostMessage, { type: 'snapshot' }>): Held {
  return {
    sessionId: snapshot.sessionId,
    epoch: snapshot.epoch,
    seq: snapshot.seq,
    view: { header: snapshot.header, total: snapshot.total, from: snapshot.from, messages: [...snapshot.messages] },
    ...(snapshot.away === undefined ? {} : { away: snapshot.away }),
  };
}

/**
 * Applies a patch. `stale`: of another epoch or already contained, to be ignored. `gap`: at least one patch is missing,
 * and nothing was changed: ask for a snapshot.
 */
export function applyPatch(held: Held, patch: Extract<HostMessage, { type: 'patch' }>): 'applied' | 'stale' | 'gap' {
  if (patch.epoch !== held.epoch || patch.seq <= held.seq) {
    return patch.epoch > held.epoch ? 'gap' : 'stale';
  }
  if (patch.seq !== held.seq + 1) {
    return 'gap';
  }
  held.seq = patch.seq;
  applyOps(held.view, patch.ops);
  return 'applied';
}

/** Puts an older page before the window; a page that does not end where the window begins is ignored. */
export function applyPage(held: Held, page: Extract<HostMessage, { type: 'page' }>): boolean {
  if (page.epoch !== held.epoch || page.from + page.messages.length !== held.view.from) {
    return false;
  }
  held.view.messages.unshift(...page.messages);
  held.view.from = page.from;
  return true;
}
