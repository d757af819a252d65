/** How a model is asked to think. `budget`: with a number of tokens, as the older ones need it. */
export type ThinkingKind = 'adaptive' | 'budget' | 'none';

/** US dollars for a million tokens. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  /** Kept for five minutes. */
  readonly cacheWrite: number;
  readonly cacheRead: number;
}

export interface AnthropicModel {
  readonly windowTokens: number;
  readonly maxOutputTokens: number;
  readonly thinking: ThinkingKind;
  /** Undefined: what it costs is not known. */
  readonly prices?: Prices;
  /** Prices of a request with more input than this. */
  readonly long?: { readonly fromTokens: number; readonly prices: Prices };
}

export const defaultModel = 'claude-sonnet-5-5';
const million = 1_000_000;

/** The list prices of October 2026. A write to the cache costs a quarter more than input, a read a share of it. */
function prices(input: number, output: number, readShare = 0.1): Prices {
  return { input, output, cacheWrite: input * 1.25, cacheRead: input * readShare };
}

function current(list: Prices, more: Partial<AnthropicModel> = {}): AnthropicModel {
  return { windowTokens: million, maxOutputTokens: 128_000, thinking: 'adaptive', prices: list, ...more };
}

function older(list: Prices, thinking: ThinkingKind, windowTokens = 200_000, maxOutputTokens = 64_000): AnthropicModel {
  return { windowTokens, maxOutputTokens, thinking, prices: list };
}

/** By the name without the date that may follow it. */
const models: Readonly<Record<string, AnthropicModel>> = {
  'claude-fable-5-1': current(prices(10, 50, 0.025)),
  'claude-mythos-5-1': current(prices(10, 50, 0.025)),
  'claude-fable-5': current(prices(10, 50)),
  'claude-mythos-5': current(prices(10, 50)),
  'claude-opus-5-5': current(prices(4, 20, 0.05)),
  'claude-opus-5': current(prices(5, 25)),
  'claude-sonnet-5-5': current(prices(2, 10, 0.05)),
  'claude-sonnet-5': current(prices(2, 10)),
  'claude-haiku-5-5': current(prices(0.1, 0.5), { long: { fromTokens: 100_000, prices: prices(0.5, 2.5) } }),
  'claude-opus-4-8': older(prices(5, 25), 'adaptive'),
  'claude-opus-4-7': older(prices(5, 25), 'adaptive'),
  'claude-opus-4-6': older(prices(5, 25), 'adaptive'),
  'claude-sonnet-4-6': older(prices(3, 15), 'adaptive'),
  'claude-opus-4-5': older(prices(5, 25), 'budget'),
  'claude-sonnet-4-5': older(prices(3, 15), 'budget'),
  'claude-haiku-4-5': older(prices(1, 5), 'budget'),
};

/** What is known of a model by its name alone. */
export function knownModel(name: string): AnthropicModel | undefined {
  const family = name.replace(/-\d{8}$/, '').replace(/\[1m\]$/, '');
  return Object.hasOwn(models, family) ? models[family] : undefined;
}

/** For a model that neither the list nor the service knows more of: what every model of today can do. */
export const unknownModel: AnthropicModel = { windowTokens: 200_000, maxOutputTokens: 8_192, thinking: 'none' };
