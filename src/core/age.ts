import { t } from '../base/l10n.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, in the largest whole unit; under a minute, or in the future, it is now. */
export function ageInWords(thenMs: number, nowMs: number): string {
  const age = nowMs - thenMs;
  if (age < minuteMs) {
    return t('now');
  }
  if (age < hourMs) {
    return t('{0}m', Math.floor(age / minuteMs));
  }
  return age < dayMs ? t('{0}h', Math.floor(age / hourMs)) : t('{0}d', Math.floor(age / dayMs));
}
