import assert from 'node:assert/strict';
import { AttentionCollector, type Cause, causeOf } from '../../../src/core/attentionCollector.ts';
import { ManualClock } from '../../support/manualClock.ts';

describe('what a person is told of the background', () => {
  it('is collected for a moment and told as one, the newest cause of each session', () => {
    const clock = new ManualClock();
    const told: (readonly Cause[])[] = [];
    const collector = new AttentionCollector(clock, (causes) => told.push(causes));
    collector.add({ sessionId: 'a', kind: 'asks' });
    clock.advance(1_000);
    collector.add({ sessionId: 'b', kind: 'done' });
    collector.add({ sessionId: 'a', kind: 'failed' });
    collector.add({ sessionId: 'c', kind: 'done' });
    collector.forget('c');
    assert.deepEqual(told, []);
    clock.advance(500);
    assert.deepEqual(told, [
      [
        { sessionId: 'a', kind: 'failed' },
        { sessionId: 'b', kind: 'done' },
      ],
    ]);
    collector.add({ sessionId: 'a', kind: 'done' });
    collector.forget('a');
    clock.advance(2_000);
    assert.deepEqual([told.length, clock.timers], [1, 0]);
  });

  it('is what needs them, fails, is limited or ends; nothing else', () => {
    const end = { type: 'turnComplete', durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 0 } as const;
    const kinds = [
      causeOf('a', { type: 'questionAsked', id: 'q', questions: [] }),
      causeOf('a', { ...end, stopReason: 'endTurn' }),
      causeOf('a', { ...end, stopReason: 'maxTokens' }),
      causeOf('a', { ...end, stopReason: 'error', error: { code: 'rateLimited', message: '', actions: [] } }),
      causeOf('a', { type: 'turnCancelled', durationMs: 1 }),
      causeOf('a', { type: 'textDelta', partId: 'p', text: 'x' }),
    ].map((cause) => cause?.kind);
    assert.deepEqual(kinds, ['asks', 'done', 'failed', 'limited', undefined, undefined]);
  });
});
