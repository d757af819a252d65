import { t } from '../base/l10n.ts';
import type { Usage } from '../protocol/view.ts';

/** `12.3k`: exact numbers are in the tooltip. */
export function shortCount(count: number): string {
  if (count < 1_000) {
    return String(count);
  }
  const [value, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0)}${unit}`;
}

export function usageText(usage: Usage): string {
  const tokens = shortCount(totalTokens(usage));
  return usage.costUsd === undefined ? t('{0} tokens', tokens) : `${tokens} · ${cost(usage.costUsd)}`;
}

export function usageDetails(usage: Usage): string {
  return [
    t('Input: {0}', exact(usage.inputTokens)),
    t('Output: {0}', exact(usage.outputTokens)),
    t('Read from cache: {0}', exact(usage.cacheReadTokens)),
    t('Written to cache: {0}', exact(usage.cacheWriteTokens)),
    ...(usage.costUsd === undefined ? [] : [t('Cost as reported: {0}', cost(usage.costUsd))]),
  ].join('\n');
}

function exact(count: number): string {
  return new Intl.NumberFormat(document.documentElement.lang || undefined).format(count);
}

function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function cost(usd: number): string {
  return `$${usd < 0.1 && usd > 0 ? usd.toFixed(3) : usd.toFixed(2)}`;
}
