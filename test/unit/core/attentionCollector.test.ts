import assert from 'node:assert/strict';
import { AttentionCollector, type Cause, causesOf } from '../../../src/core/attentionCollector.ts';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { createSessionModel, reduce } from '../../../src/core/sessionReducer.ts';
import { ManualClock } from '../../support/manualClock.ts';

const ask = (sessionId: string, requestId: string): Cause => ({ sessionId, kind: 'asks', requestId });

/** The kinds of causes in each of these events of one session. */
function kindsOf(...events: SessionEvent[]): string[] {
  const model = createSessionModel({ id: 'a', runtime: 'fake', cwd: '/w', createdAt: 0 }, 'Fake');
  return events.map((event, index) => {
    const numbered = { seq: index + 1, at: index, run: 1, event };
    return causesOf('a', { events: [numbered], ops: reduce(model, numbered) })
      .map(({ kind }) => kind)
      .join(' ');
  });
}

describe('what a person is told of the background', () => {
  it('is collected for a moment and told as one: every request, and what became of a session', () => {
    const clock = new ManualClock();
    const told: (readonly Cause[])[] = [];
    const collector = new AttentionCollector(clock, (causes) => told.push(causes));
    collector.add(ask('a', 'q1'));
    collector.add(ask('b', 'q2'));
    collector.add(ask('b', 'q3'));
    clock.advance(1_000);
    collector.add({ sessionId: 'a', kind: 'failed' });
    collector.add({ sessionId: 'a', kind: 'done' });
    collector.add({ sessionId: 'c', kind: 'done' });
    collector.forget('c');
    assert.deepEqual(told, []);
    clock.advance(500);
    assert.deepEqual(told, [[ask('b', 'q2'), ask('b', 'q3'), { sessionId: 'a', kind: 'done' }]]);
    collector.add({ sessionId: 'a', kind: 'done' });
    collector.forget('a');
    clock.advance(2_000);
    assert.deepEqual([told.length, clock.timers], [1, 0]);
  });

  it('stays bounded however much happens at once', () => {
    const clock = new ManualClock();
    const told: (readonly Cause[])[] = [];
    const collector = new AttentionCollector(clock, (causes) => told.push(causes));
    for (let index = 0; index < 2_000; index++) {
      collector.add(ask('a', `q${index}`));
    }
    clock.advance(2_000);
    assert.deepEqual(
      told.map(({ length }) => length),
      [500],
    );
  });

  it('is what needs them, fails, is limited, cut off or ends; a diagnostic inside a turn and a stop are not', () => {
    const end = { type: 'turnComplete', durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 0 } as const;
    const failure = (code: string) => ({ code, message: 'why', actions: [] });
    const user = { type: 'userMessage', messageId: 'm', text: 'x' } as const;
    const start = { type: 'turnStarted', origin: 'user' } as const;
    const approval = { toolName: 'Bash', inputText: '{}', reason: '', subject: '' };
    assert.deepEqual(
      kindsOf(
        start,
        { type: 'questionAsked', id: 'q', questions: [] },
        { type: 'approvalNeeded', id: 'p', ...approval },
        { type: 'error', error: failure('inside') },
        { ...end, stopReason: 'endTurn' },
        { ...end, stopReason: 'endTurn' },
      ),
      ['', 'asks', 'asks', '', 'done', ''],
    );
    assert.deepEqual(kindsOf(start, { ...end, stopReason: 'maxTokens' }), ['', 'failed']);
    assert.deepEqual(kindsOf(start, { ...end, stopReason: 'error', error: failure('rateLimited') }), ['', 'limited']);
    assert.deepEqual(kindsOf(start, { ...end, stopReason: 'error', error: failure('interrupted') }), [
      '',
      'interrupted',
    ]);
    assert.deepEqual(kindsOf(start, { type: 'turnCancelled', durationMs: 1 }), ['', '']);
    assert.deepEqual(kindsOf(start, { ...end, stopReason: 'cancelled' }), ['', '']);
    assert.deepEqual(kindsOf(user, { type: 'error', error: failure('notSent') }), ['', 'failed']);
    assert.deepEqual(kindsOf(start, { type: 'textDelta', partId: 'p', text: 'x' }), ['', '']);
  });

  it('is also that nothing is heard any more', () => {
    assert.deepEqual(causesOf('a', { events: [], ops: [['header', { silentSince: 1 }]] }), [
      { sessionId: 'a', kind: 'stalled' },
    ]);
    assert.deepEqual(causesOf('a', { events: [], ops: [['header', { silentSince: null }]] }), []);
  });
});
