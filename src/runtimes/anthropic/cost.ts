import type { UsageDelta } from '../../core/sessionEvents.ts';
import type { AnthropicModel } from './models.ts';

export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** The service does not say what a call costs: it is computed from the list of prices, and marked as that. */
export function usageOf(tokens: Tokens, model: AnthropicModel): UsageDelta {
  const { input, output, cacheRead, cacheWrite } = tokens;
  const all = input + cacheRead + cacheWrite;
  const prices = model.long !== undefined && all > model.long.fromTokens ? model.long.prices : model.prices;
  return {
    inputTokens: input,
    outputTokens: output,
    cacheReadTokens: cacheRead,
    cacheWriteTokens: cacheWrite,
    ...(prices === undefined
      ? {}
      : {
          costUsd:
            (input * prices.input +
              output * prices.output +
              cacheRead * prices.cacheRead +
              cacheWrite * prices.cacheWrite) /
            1_000_000,
          costIsEstimate: true,
        }),
  };
}
