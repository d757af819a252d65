import { t } from '../base/l10n.ts';
import { timeText } from '../base/timeText.ts';
import type { SessionInfo } from './sessionInfo.ts';

/** A session's state in a few words; what is derived from it comes first. */
export function stateText(info: SessionInfo, now: number): string {
  if (info.attention.includes('needsApproval')) {
    return t('needs you');
  }
  if (info.attention.includes('rateLimited')) {
    return info.rateLimitedUntil === undefined
      ? t('rate limited')
      : t('limited until {0}', timeText(info.rateLimitedUntil, now));
  }
  if (info.attention.includes('stalled')) {
    return t('stalled');
  }
  if (info.attention.includes('interrupted')) {
    return t('interrupted');
  }
  switch (info.state) {
    case 'idle':
      return t('idle');
    case 'pending':
      return t('pending');
    case 'running':
      return t('running');
    case 'done':
      return t('done');
    case 'cancelled':
      return t('cancelled');
    case 'error':
      return t('error');
  }
}

/** The same with the mark of what nobody has looked at yet, for where no icon shows it. */
export function stateInWords(info: SessionInfo, now: number): string {
  const state = stateText(info, now);
  return info.attention.includes('unread') ? t('{0}, unread', state) : state;
}
