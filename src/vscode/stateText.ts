import { t } from '../base/l10n.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';

/** A session's state in one or two words; what needs the person comes first. */
export function stateText(info: SessionInfo): string {
  if (info.attention.includes('needsApproval')) {
    return t('needs you');
  }
  if (info.attention.includes('rateLimited')) {
    return t('rate limited');
  }
  if (info.attention.includes('interrupted')) {
    return t('interrupted');
  }
  switch (info.state) {
    case 'idle':
      return t('idle');
    case 'pending':
      return t('starting');
    case 'running':
      return t('running');
    case 'done':
      return t('done');
    case 'cancelled':
      return t('stopped');
    case 'error':
      return t('failed');
  }
}
