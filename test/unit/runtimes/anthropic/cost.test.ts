import assert from 'node:assert/strict';
import { usageOf } from '../../../../src/runtimes/anthropic/cost.ts';
import { defaultModel, knownModel, unknownModel } from '../../../../src/runtimes/anthropic/models.ts';

const million = 1_000_000;

describe('What a call of Claude costs', () => {
  const cost = (model: string, tokens: Partial<Parameters<typeof usageOf>[0]>) =>
    usageOf({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, ...tokens }, knownModel(model) ?? unknownModel).costUsd;

  it('is estimated from the prices of its model, with and without a date in the name', () => {
    assert.deepEqual(
      [
        cost('claude-opus-5-5', { input: million }),
        cost('claude-opus-5-5', { output: million }),
        cost('claude-opus-5-5', { cacheWrite: million }),
        cost('claude-opus-5-5', { cacheRead: million }),
        cost('claude-fable-5-1', { cacheRead: million }),
        cost('claude-sonnet-4-5-20250929', { input: million, output: million }),
      ].map((usd) => usd?.toFixed(2)),
      ['4.00', '20.00', '5.00', '0.20', '0.25', '18.00'],
    );
  });

  it('is more for a long prompt, where the model has a price for that', () => {
    assert.equal(cost('claude-haiku-5-5', { input: 100_000 })?.toFixed(3), '0.010');
    assert.equal(cost('claude-haiku-5-5', { input: 60_000, cacheRead: 50_000 })?.toFixed(4), '0.0325');
  });

  it('says that it is an estimate, and nothing for a model whose prices are not known', () => {
    const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
    assert.deepEqual(usageOf(tokens, unknownModel), {
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheWriteTokens: 4,
    });
    assert.equal(usageOf(tokens, knownModel(defaultModel) ?? unknownModel).costIsEstimate, true);
    assert.equal(knownModel('constructor'), undefined);
  });
});
