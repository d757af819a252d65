import { t } from '../base/l10n.ts';
import { timeText } from '../base/timeText.ts';
import { showInvisible } from '../base/visibleText.ts';
import type { PendingItem } from '../protocol/view.ts';
import type { Cause } from './attentionCollector.ts';
import type { SessionInfo } from './sessionInfo.ts';

/** Names and reasons are shortened to this many characters. */
const maxQuotedLength = 200;

export interface OpenRequest {
  readonly item: PendingItem;
  /** All of it in one line, where that can be approved at a glance. */
  readonly line: string | undefined;
}

/** What is the case now, a moment after the causes came. */
export interface Present {
  readonly now: number;
  readonly onScreenId: string | undefined;
  /** What the person wants to be told: everything, only what needs them or cannot go on, or nothing. */
  readonly wanted: 'all' | 'attention' | 'none';
  readonly info: (sessionId: string) => SessionInfo | undefined;
  /** Undefined once it was answered or withdrawn. */
  readonly request: (requestId: string) => OpenRequest | undefined;
}

/** A notification. */
export interface Notice {
  readonly message: string;
  readonly isUrgent: boolean;
  /** Where "Show" goes. */
  readonly sessionId: string;
  /** Set where it is about one request only. */
  readonly requestId?: string;
  /** Whether the request can be decided without seeing more of it. */
  readonly canDecide: boolean;
}

/** The one notification for all that came in a moment; undefined if none of it is still the case. */
export function noticeOf(all: readonly Cause[], present: Present): Notice | undefined {
  const causes = present.wanted === 'none' ? [] : all.filter((cause) => isCurrent(cause, present));
  const [first] = causes;
  if (first === undefined) {
    return undefined;
  }
  const target = causes.find(({ kind }) => kind === 'asks') ?? causes.find(({ kind }) => kind !== 'done') ?? first;
  const sessions = new Set(causes.map(({ sessionId }) => sessionId));
  const isUrgent = causes.some(({ kind }) => kind !== 'done');
  const { sessionId } = target;
  if (sessions.size > 1) {
    return { message: mergedSentence(causes), isUrgent, sessionId, canDecide: false };
  }
  const name = quoted(present.info(sessionId)?.summary ?? sessionId);
  const requests = causes.filter(({ kind }) => kind === 'asks').length;
  if (requests > 1) {
    return { message: t("'{0}' has {1} requests for you.", name, requests), isUrgent, sessionId, canDecide: false };
  }
  if (target.kind !== 'asks') {
    const info = present.info(sessionId);
    return { message: sentence(target.kind, name, info, present.now), isUrgent, sessionId, canDecide: false };
  }
  const request = present.request(target.requestId);
  return {
    message: requestSentence(name, request),
    isUrgent,
    sessionId,
    requestId: target.requestId,
    canDecide: request?.line !== undefined,
  };
}

function isCurrent(cause: Cause, present: Present): boolean {
  const info = present.info(cause.sessionId);
  if (info === undefined || cause.sessionId === present.onScreenId) {
    return false;
  }
  switch (cause.kind) {
    case 'asks':
      return present.request(cause.requestId) !== undefined;
    case 'stalled':
      return info.attention.includes('stalled');
    case 'done':
      // With a message that waited, the next turn runs already: its end will be told.
      return present.wanted === 'all' && info.state === 'done';
    case 'failed':
    case 'limited':
    case 'interrupted':
      return true;
  }
}

function requestSentence(name: string, request: OpenRequest | undefined): string {
  if (request?.line !== undefined) {
    return t("'{0}' asks for your approval. {1}", name, request.line);
  }
  switch (request?.item.kind) {
    case 'plan':
      return t("'{0}' has made a plan and waits for your approval.", name);
    case 'question':
      return t("'{0}' has a question for you.", name);
    case 'approval':
      return t("'{0}' waits for your approval: {1}", name, quoted(request.item.toolName));
    case undefined:
      return t("'{0}' needs you.", name);
  }
}

function sentence(
  kind: Exclude<Cause['kind'], 'asks'>,
  name: string,
  info: SessionInfo | undefined,
  now: number,
): string {
  switch (kind) {
    case 'failed':
      return t("'{0}' failed: {1}", name, quoted(info?.reason ?? ''));
    case 'limited':
      return info?.rateLimitedUntil === undefined
        ? t("'{0}' is rate limited: {1}", name, quoted(info?.reason ?? ''))
        : t("'{0}' is rate limited until {1}.", name, timeText(info.rateLimitedUntil, now));
    case 'interrupted':
      return t("'{0}' was cut off when the window closed or reloaded.", name);
    case 'stalled':
      return t("'{0}' has said nothing for a minute.", name);
    case 'done':
      return t("'{0}' is done.", name);
  }
}

/** Counts sessions, not requests. */
function mergedSentence(causes: readonly Cause[]): string {
  const count = (kind: Cause['kind'], one: string, many: (count: number) => string): string | undefined => {
    const { size } = new Set(causes.filter((cause) => cause.kind === kind).map(({ sessionId }) => sessionId));
    return size === 0 ? undefined : size === 1 ? one : many(size);
  };
  const parts = [
    count('asks', t('1 needs you'), (n) => t('{0} need you', n)),
    count('failed', t('1 failed'), (n) => t('{0} failed', n)),
    count('interrupted', t('1 was cut off'), (n) => t('{0} were cut off', n)),
    count('limited', t('1 is rate limited'), (n) => t('{0} are rate limited', n)),
    count('stalled', t('1 is stalled'), (n) => t('{0} are stalled', n)),
    count('done', t('1 is done'), (n) => t('{0} are done', n)),
  ].filter((part) => part !== undefined);
  return t(
    'Background sessions: {0}.',
    parts.reduce((line, part) => t('{0}, {1}', line, part)),
  );
}

/**
 * Text of others in a message of VS Code, which would draw `[label](address)` as a link that hides its address: one short
 * line that shows all of itself.
 */
function quoted(text: string): string {
  const line = showInvisible(text).replaceAll(/\s+/g, ' ').replaceAll('](', '] (').trim();
  const characters = [...line];
  return characters.length <= maxQuotedLength ? line : `${characters.slice(0, maxQuotedLength - 1).join('')}…`;
}
