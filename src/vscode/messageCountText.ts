import { t } from '../base/l10n.ts';

export function messageCountText(count: number): string {
  return count === 1 ? t('1 message') : t('{0} messages', count);
}
