import type { SessionState, Usage } from '../protocol/view.ts';
import type { SessionSummary } from './ports.ts';
import type { SessionModel } from './sessionReducer.ts';

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

export function infoOfModel(model: SessionModel, place: Place, unread: boolean): SessionInfo {
  const { identity, view } = model;
  const { header } = view;
  const attention: Attention[] = [];
  if (header.pending.length > 0) {
    attention.push('needsApproval');
  }
  if (model.rateLimitedUntil !== undefined || model.reasonCode === 'rateLimited') {
    attention.push('rateLimited');
  }
  if (model.reasonCode === 'interrupted') {
    attention.push('interrupted');
  }
  if (unread) {
    attention.push('unread');
  }
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
    ...(model.reasonCode === undefined ? {} : { reasonCode: model.reasonCode }),
    ...(model.nativeSessionId === undefined ? {} : { nativeSessionId: model.nativeSessionId }),
    ...(model.rateLimitedUntil === undefined ? {} : { rateLimitedUntil: model.rateLimitedUntil }),
    ...(model.usage === undefined ? {} : { usage: model.usage }),
  };
}

/** A session that is not in memory. One that was stopped in the middle of a turn is interrupted. */
export function infoOfSummary(summary: SessionSummary, place: Place): SessionInfo {
  const cut = summary.state === 'running' || summary.state === 'pending';
  return {
    id: summary.id,
    shortId: shortIdOf(summary.id),
    name: summary.name,
    summary: summaryOf(summary.id, summary.name),
    runtime: summary.runtime,
    ...place,
    state: cut ? 'error' : toState(summary.state),
    attention: cut ? ['interrupted'] : [],
    cwd: summary.cwd,
    createdAt: summary.createdAt,
    queued: [],
    ...(cut ? { reasonCode: 'interrupted' } : {}),
    ...(summary.model === undefined ? {} : { model: summary.model }),
    ...(summary.nativeSessionId === undefined ? {} : { nativeSessionId: summary.nativeSessionId }),
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
  const { identity, view } = model;
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
  };
}
