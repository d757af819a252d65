import { t } from '../base/l10n.ts';
import type { ContextUse, Usage } from '../protocol/view.ts';

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
  return usage.costUsd === undefined ? t('{0} tokens', tokens) : `${tokens} · ${costOf(usage, usage.costUsd)}`;
}

/** `41 % full`: how much of what the model can take in is in use. */
export function contextText({ usedTokens, windowTokens }: ContextUse): string {
  return t('{0} % full', Math.min(100, Math.round((usedTokens / Math.max(1, windowTokens)) * 100)));
}

/** So little that it is not worth its place. */
export function isHardlyUsed({ usedTokens, windowTokens }: ContextUse): boolean {
  return usedTokens / Math.max(1, windowTokens) < 0.01;
}

export function contextDetails({ usedTokens, windowTokens }: ContextUse): string {
  return t('In use: {0} of the {1} tokens that the model can take in', exact(usedTokens), exact(windowTokens));
}

export function usageDetails(usage: Usage): string {
  return [
    t('Input: {0}', exact(usage.inputTokens)),
    t('Output: {0}', exact(usage.outputTokens)),
    t('Read from cache: {0}', exact(usage.cacheReadTokens)),
    t('Written to cache: {0}', exact(usage.cacheWriteTokens)),
    ...(usage.costUsd === undefined
      ? []
      : [
          usage.costIsEstimate === true
            ? t('Cost, estimated from a list of prices: {0}', cost(usage.costUsd))
            : t('Cost as reported: {0}', cost(usage.costUsd)),
        ]),
  ].join('\n');
}

function exact(count: number): string {
  return new Intl.NumberFormat(document.documentElement.lang || undefined).format(count);
}

function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
}

function costOf({ costIsEstimate }: Usage, usd: number): string {
  return costIsEstimate === true ? `≈ ${cost(usd)}` : cost(usd);
}

function cost(usd: number): string {
  return `$${usd < 0.1 && usd > 0 ? usd.toFixed(3) : usd.toFixed(2)}`;
}
