import { t } from '../base/l10n.ts';
import type { SessionInfo } from './sessionInfo.ts';

/** What a session needs of the person: an answer, help because it cannot go on, or a look at what came of it. */
export type Need = 'answer' | 'help' | 'look';

const order: readonly Need[] = ['answer', 'help', 'look'];

export function needOf({ attention, state }: SessionInfo): Need | undefined {
  if (attention.includes('needsApproval')) {
    return 'answer';
  }
  if (attention.includes('stalled')) {
    return 'help';
  }
  // Who stopped a session knows, and who has seen a failure too.
  if (!attention.includes('unread') || state === 'cancelled') {
    return undefined;
  }
  return attention.includes('rateLimited') || state === 'error' ? 'help' : 'look';
}

/**
 * The session to look at next: the most urgent one, and among the equally urgent the first after the one on stage, in the
 * order of the slots. The one on stage comes last.
 */
export function nextNeedingYou(active: readonly SessionInfo[]): SessionInfo | undefined {
  const others = active.filter(({ place }) => place !== 'foreground');
  for (const need of order) {
    const next = others.find((info) => needOf(info) === need);
    if (next !== undefined) {
      return next;
    }
  }
  return active.find((info) => info.place === 'foreground' && needOf(info) !== undefined);
}

/** How many need the person, and how many only a look; undefined if none does. */
export function needsSentence(active: readonly SessionInfo[]): string | undefined {
  const needs = active.map(needOf).filter((need) => need !== undefined);
  const unread = needs.filter((need) => need === 'look').length;
  const needing = needs.length - unread;
  const parts = [
    needing === 0 ? undefined : needing === 1 ? t('1 session needs you') : t('{0} sessions need you', needing),
    unread === 0 ? undefined : unread === 1 ? t('1 session is unread') : t('{0} sessions are unread', unread),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.reduce((line, part) => t('{0}, {1}', line, part));
}
