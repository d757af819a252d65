import type { SessionState, Usage } from '../protocol/view.ts';
import { interruptedCode, interruptedError } from './errors.ts';
import type { SessionSummary } from './ports.ts';
import type { SessionModel } from './sessionReducer.ts';

/** Of a reason, as much as a list shows of a session that is not in memory. */
const maxReasonLength = 500;

export type Attention = 'needsApproval' | 'rateLimited' | 'stalled' | 'interrupted' | 'unread';

/** A session as lists and the exported API show it. */
export interface SessionInfo {
  readonly id: string;
  readonly shortId: string;
  readonly name: string;
  readonly summary: string;
  readonly runtime: string;
  readonly model?: string;
  readonly place: 'foreground' | 'background' | 'stored';
  readonly slot?: number;
  readonly state: SessionState;
  readonly attention: readonly Attention[];
  readonly reason?: string;
  readonly reasonCode?: string;
  readonly cwd: string;
  readonly nativeSessionId?: string;
  readonly createdAt: number;
  readonly rateLimitedUntil?: number;
  /** While it is stalled: when something was heard of it last. */
  readonly stalledSince?: number;
  readonly usage?: Usage;
  readonly queued: readonly string[];
}

export type Place =
  | { readonly place: 'foreground' | 'stored' }
  | { readonly place: 'background'; readonly slot: number };

/** The name, or the short id where the name is blank. */
export function summaryOf(id: string, name: string): string {
  return name.trim() === '' ? shortIdOf(id) : name;
}

export function shortIdOf(id: string): string {
  return id.slice(0, 8);
}

/** What lists show of the time and of the person: neither is said by the session's own events. */
export interface Seen {
  /** A turn ended, or something was asked, since the person last looked. */
  readonly unread: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface Condition {
  readonly state: SessionState;
  readonly reasonCode: string | undefined;
  readonly rateLimitedUntil: number | undefined;
  readonly waits: boolean;
  readonly isSilent: boolean;
}

/** What is shown before the state, the most urgent first. A limit whose time is over is none. */
function attentionOf(condition: Condition, { unread, now }: Seen): readonly Attention[] {
  const { state, reasonCode, rateLimitedUntil, waits, isSilent } = condition;
  const isLimited = state === 'idle' && reasonCode === 'rateLimited' && (rateLimitedUntil ?? Infinity) > now;
  return [
    ...(waits ? (['needsApproval'] as const) : []),
    ...(isLimited ? (['rateLimited'] as const) : []),
    ...(isSilent && state === 'running' ? (['stalled'] as const) : []),
    ...(state === 'error' && reasonCode === interruptedCode ? (['interrupted'] as const) : []),
    ...(unread ? (['unread'] as const) : []),
  ];
}

export function infoOfModel(model: SessionModel, place: Place, seen: Seen): SessionInfo {
  const { identity, view, reasonCode, rateLimitedUntil } = model;
  const { header } = view;
  const attention = attentionOf(
    {
      state: header.state,
      reasonCode,
      rateLimitedUntil,
      waits: header.pending.length > 0,
      isSilent: header.silentSince !== undefined,
    },
    seen,
  );
  return {
    id: identity.id,
    shortId: shortIdOf(identity.id),
    name: header.name,
    summary: summaryOf(identity.id, header.name),
    runtime: identity.runtime,
    ...place,
    state: header.state,
    attention,
    cwd: identity.cwd,
    createdAt: identity.createdAt,
    queued: header.queued.map((message) => message.text),
    ...(header.model === undefined ? {} : { model: header.model }),
    ...(header.reason === undefined ? {} : { reason: header.reason }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(model.nativeSessionId === undefined ? {} : { nativeSessionId: model.nativeSessionId }),
    ...(rateLimitedUntil !== undefined && attention.includes('rateLimited') ? { rateLimitedUntil } : {}),
    ...(header.silentSince !== undefined && attention.includes('stalled') ? { stalledSince: header.silentSince } : {}),
    ...(model.usage === undefined ? {} : { usage: model.usage }),
  };
}

/** Whether the last window left a turn or a request of this session open. */
export function isLeftOpen({ state, waiting }: SessionSummary): boolean {
  return state === 'running' || state === 'pending' || (waiting ?? 0) > 0;
}

/** A session that is not in memory. One that was stopped in the middle of a turn is interrupted. */
export function infoOfSummary(summary: SessionSummary, place: Place, seen: Seen): SessionInfo {
  const isCut = summary.state === 'running' || summary.state === 'pending';
  const state = isCut ? 'error' : toState(summary.state);
  const { code, message } = interruptedError();
  const reasonCode = isCut ? code : summary.reasonCode;
  const reason = isCut ? message : summary.reason;
  const { rateLimitedUntil } = summary;
  const waits = (summary.waiting ?? 0) > 0;
  const attention = attentionOf({ state, reasonCode, rateLimitedUntil, waits, isSilent: false }, seen);
  return {
    id: summary.id,
    shortId: shortIdOf(summary.id),
    name: summary.name,
    summary: summaryOf(summary.id, summary.name),
    runtime: summary.runtime,
    ...place,
    state,
    attention,
    cwd: summary.cwd,
    createdAt: summary.createdAt,
    queued: [],
    ...(summary.model === undefined ? {} : { model: summary.model }),
    ...(reason === undefined ? {} : { reason }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(summary.nativeSessionId === undefined ? {} : { nativeSessionId: summary.nativeSessionId }),
    ...(rateLimitedUntil !== undefined && attention.includes('rateLimited') ? { rateLimitedUntil } : {}),
  };
}

const states: ReadonlySet<string> = new Set([
  'idle',
  'pending',
  'running',
  'done',
  'cancelled',
  'error',
] satisfies SessionState[]);

function toState(state: string): SessionState {
  return states.has(state) ? (state as SessionState) : 'idle';
}

export function summaryOfModel(model: SessionModel): SessionSummary {
  const { identity, view, reasonCode, rateLimitedUntil } = model;
  const { pending, reason } = view.header;
  return {
    id: identity.id,
    runtime: identity.runtime,
    cwd: identity.cwd,
    createdAt: identity.createdAt,
    updatedAt: model.lastAt,
    name: view.header.name,
    state: view.header.state,
    messageCount: view.total,
    ...(view.header.model === undefined ? {} : { model: view.header.model }),
    ...(model.usage?.costUsd === undefined ? {} : { costUsd: model.usage.costUsd }),
    ...(model.nativeSessionId === undefined ? {} : { nativeSessionId: model.nativeSessionId }),
    ...(reasonCode === undefined ? {} : { reasonCode }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, maxReasonLength) }),
    ...(rateLimitedUntil === undefined ? {} : { rateLimitedUntil }),
    ...(pending.length === 0 ? {} : { waiting: pending.length }),
  };
}
