import { t } from '../base/l10n.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A length of time in its largest whole unit. */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < minuteMs) {
    return t('{0} s', Math.floor(ms / 1_000));
  }
  if (ms < hourMs) {
    return t('{0} min', Math.floor(ms / minuteMs));
  }
  return ms < dayMs ? t('{0} h', Math.floor(ms / hourMs)) : t('{0} d', Math.floor(ms / dayMs));
}
