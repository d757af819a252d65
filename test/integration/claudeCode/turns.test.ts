import assert from 'node:assert/strict';
import { say, think } from '../../modelServer/steps.ts';
import { TestRun } from './harness.ts';

describe('Claude Code: turns', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  it('streams an answer with its reasoning', async () => {
    run = await TestRun.create({ steps: [{ reply: [think('Let me think about it.'), say('Hello from the model.')] }] });
    void run.start();
    await run.untilTurns(1);
    const [started, ...rest] = run.seen() as readonly Record<string, unknown>[];
    assert.equal(started?.['type'], 'sessionStarted');
    assert.match(String(started['nativeSessionId']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, [
      { type: 'stepStarted' },
      { type: 'reasoningDelta', partId: 'p1', text: 'Let me think about it.' },
      { type: 'textDelta', partId: 'p2', text: 'Hello from the model.' },
      {
        type: 'usage',
        inputTokens: 100,
        outputTokens: 42,
        cacheReadTokens: 300,
        cacheWriteTokens: 20,
        costUsd: 0.0014,
      },
      { type: 'turnComplete', stopReason: 'endTurn', totalTokens: 462, turnCount: 1, toolCallCount: 0 },
    ]);
    assert.ok(run.events.filter(({ type }) => type === 'textDelta').length > 1, 'the text came in pieces');
  });
});
