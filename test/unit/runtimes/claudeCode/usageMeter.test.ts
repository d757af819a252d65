import assert from 'node:assert/strict';
import { UsageMeter } from '../../../../src/runtimes/claudeCode/usageMeter.ts';

const turn = { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: 1 };
const model = (times: number, costUSD = 0) => ({
  inputTokens: 10 * times,
  outputTokens: 5 * times,
  cacheReadInputTokens: 2 * times,
  cacheCreationInputTokens: times,
  costUSD,
});
const tokens = (times: number) => ({
  inputTokens: 10 * times,
  outputTokens: 5 * times,
  cacheReadTokens: 2 * times,
  cacheWriteTokens: times,
});

describe('UsageMeter', () => {
  it('takes the difference that the newest versions tell, all models together', () => {
    const meter = new UsageMeter(true);
    const result = {
      total_cost_usd: 9,
      usage: turn,
      model_usage_since_last_result: { a: model(1, 0.25), b: model(2, 0.5) },
    };
    assert.deepEqual(meter.ofResult(result), { ...tokens(3), costUsd: 0.75 });
  });

  it('takes the difference of totals where they grow with the process', () => {
    const meter = new UsageMeter(false);
    assert.deepEqual(meter.ofResult({ total_cost_usd: 1, usage: turn, modelUsage: { a: model(2) } }), {
      ...tokens(2),
      costUsd: 1,
    });
    assert.deepEqual(meter.ofResult({ total_cost_usd: 1.5, usage: turn, modelUsage: { a: model(3) } }), {
      ...tokens(1),
      costUsd: 0.5,
    });
    assert.deepEqual(meter.total, { ...tokens(3), costUsd: 1.5 });
  });

  it('says no cost for the first turn after a resume if the totals hold earlier turns', () => {
    const meter = new UsageMeter(true);
    assert.deepEqual(meter.ofResult({ total_cost_usd: 5, usage: turn, modelUsage: { a: model(4) } }), tokens(1));
    assert.deepEqual(meter.ofResult({ total_cost_usd: 6, usage: turn, modelUsage: { a: model(5) } }), {
      ...tokens(1),
      costUsd: 1,
    });
  });

  it('says the cost of the first turn after a resume if the totals begin anew', () => {
    const meter = new UsageMeter(true);
    assert.deepEqual(meter.ofResult({ total_cost_usd: 1, usage: turn, modelUsage: { a: model(1) } }), {
      ...tokens(1),
      costUsd: 1,
    });
  });

  it('falls back to what was streamed when an interrupted turn reports nothing', () => {
    const meter = new UsageMeter(false);
    meter.streamed({ input_tokens: 10, output_tokens: 1 }, 'start');
    meter.streamed({ input_tokens: 10, output_tokens: 4 }, 'end');
    assert.deepEqual(meter.ofResult({ usage: { input_tokens: 0 } }), {
      inputTokens: 10,
      outputTokens: 4,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    });
  });

  it('reports nothing rather than zero', () => {
    const meter = new UsageMeter(false);
    assert.equal(meter.ofResult({ usage: {}, total_cost_usd: 0 }), undefined);
    assert.equal(meter.total, undefined);
  });
});
