import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyPatch, holdSnapshot, type HostMessage } from '../../../src/protocol/messages.ts';
import type { Op } from '../../../src/protocol/view.ts';
import type { NumberedEvent, SessionEvent } from '../../../src/core/sessionEvents.ts';
import { automaticName, createSessionModel, reduce, reduceAll } from '../../../src/core/sessionReducer.ts';
import { eventStreams } from '../../support/eventStreams.ts';

const identity = { id: '00000000-0000-4000-8000-000000000001', runtime: 'fake', cwd: '/w', createdAt: 1_000 };

function number(events: readonly SessionEvent[]): NumberedEvent[] {
  return events.map((event, index) => ({ seq: index + 1, at: 1_000 + index, run: 1, event }));
}

function after(...events: SessionEvent[]) {
  return reduceAll(identity, 'Fake', number(events));
}

const user: SessionEvent = { type: 'userMessage', messageId: 'm1', text: 'Fix the bug\nplease' };
const started: SessionEvent = { type: 'turnStarted', origin: 'user' };
const complete: SessionEvent = {
  type: 'turnComplete',
  stopReason: 'endTurn',
  durationMs: 5,
  totalTokens: 9,
  turnCount: 1,
  toolCallCount: 1,
};

describe('the session reducer', () => {
  it('builds a transcript from a turn with reasoning, a tool call and text', () => {
    const model = after(
      user,
      started,
      { type: 'stepStarted' },
      { type: 'reasoningDelta', partId: 'r', text: 'Let me ' },
      { type: 'reasoningDelta', partId: 'r', text: 'look.' },
      { type: 'toolCallStreaming', id: 't', name: 'Bash', text: '{"comm' },
      { type: 'toolCallStarted', id: 't', name: 'Bash', title: 'ls', inputText: '{"command":"ls"}' },
      { type: 'toolResult', id: 't', output: 'a\nb', outcome: 'completed' },
      { type: 'stepStarted' },
      { type: 'textDelta', partId: 'x', text: 'Two ' },
      { type: 'textDelta', partId: 'x', text: 'files.' },
      complete,
    );
    assert.deepEqual(
      model.view.messages.map(({ role, parts }) => ({ role, parts })),
      [
        { role: 'user', parts: [{ type: 'text', text: 'Fix the bug\nplease' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'Let me look.' },
            {
              type: 'toolCall',
              id: 't',
              name: 'Bash',
              title: 'ls',
              state: 'completed',
              inputText: '{"command":"ls"}',
              output: 'a\nb',
            },
          ],
        },
        { role: 'assistant', parts: [{ type: 'text', text: 'Two files.' }] },
      ],
    );
    assert.equal(model.view.header.state, 'done');
    assert.equal(model.view.header.name, 'Fix the bug');
    assert.equal(model.turn, undefined);
  });

  it('ends a turn exactly once: what comes later changes nothing', () => {
    const model = after(user, started, complete);
    const before = structuredClone(model.view);
    const late: SessionEvent[] = [
      { type: 'textDelta', partId: 'late', text: 'late' },
      { type: 'toolCallStarted', id: 'late', name: 'Bash', title: '', inputText: '{}' },
      { type: 'toolResult', id: 'late', output: '', outcome: 'completed' },
      { type: 'turnComplete', stopReason: 'error', durationMs: 1, totalTokens: 0, turnCount: 0, toolCallCount: 0 },
      { type: 'turnCancelled', durationMs: 1 },
      { type: 'status', text: 'late' },
      { type: 'retry', attempt: 1, maxAttempts: 2, delayMs: 5, reason: 'late' },
      { type: 'approvalDecided', id: 'none', decision: 'allowOnce' },
    ];
    for (const [index, event] of late.entries()) {
      assert.deepEqual(reduce(model, { seq: 10 + index, at: 2_000, run: 1, event }), []);
    }
    assert.deepEqual(model.view, before);
  });

  it('settles open tool calls and requests when the turn ends', () => {
    const model = after(
      user,
      started,
      { type: 'toolCallStarted', id: 't', name: 'Bash', title: 'rm x', inputText: '{}' },
      {
        type: 'approvalNeeded',
        id: 'a',
        toolCallId: 't',
        toolName: 'Bash',
        inputText: '{}',
        reason: 'r',
        subject: 'rm x',
      },
      { type: 'turnCancelled', durationMs: 1 },
    );
    assert.equal(model.view.header.state, 'cancelled');
    assert.deepEqual(model.view.header.pending, []);
    const part = model.view.messages[1]?.parts[0];
    assert.equal(part?.type === 'toolCall' && part.state, 'cancelled');
  });

  it('keeps a rejected call cancelled, whatever its result says', () => {
    const model = after(
      user,
      started,
      { type: 'toolCallStarted', id: 't', name: 'Bash', title: 'rm x', inputText: '{}' },
      {
        type: 'approvalNeeded',
        id: 'a',
        toolCallId: 't',
        toolName: 'Bash',
        inputText: '{}',
        reason: 'r',
        subject: 'rm x',
      },
      { type: 'approvalDecided', id: 'a', decision: 'reject', message: 'no' },
      { type: 'toolResult', id: 't', output: 'refused', outcome: 'failed' },
    );
    const part = model.view.messages[1]?.parts[0];
    assert.equal(part?.type === 'toolCall' && `${part.state}: ${part.decision}`, 'cancelled: rejected by you: no');
  });

  it('remembers what was allowed for the session', () => {
    const model = after(
      user,
      started,
      { type: 'toolCallStarted', id: 't', name: 'Edit', title: 'a', inputText: '{}' },
      {
        type: 'approvalNeeded',
        id: 'a',
        toolCallId: 't',
        toolName: 'Edit',
        inputText: '{}',
        reason: 'r',
        subject: 'a',
        grantKey: 'edit',
        sessionScope: 'edits',
      },
      { type: 'approvalDecided', id: 'a', decision: 'allowForSession' },
    );
    assert.deepEqual([...model.grants], ['edit']);
  });

  it('holds an error inside a turn until the turn ends, and shows it then', () => {
    const error = { code: 'overloaded', message: 'Overloaded.', actions: [] };
    const inside = after(user, started, { type: 'error', error });
    assert.equal(inside.view.header.state, 'running');
    const ended = after(user, started, { type: 'error', error }, { ...complete, stopReason: 'error' });
    assert.deepEqual(
      [ended.view.header.state, ended.view.header.reason, ended.reasonCode],
      ['error', 'Overloaded.', 'overloaded'],
    );
    const outside = after(user, { type: 'error', error });
    assert.equal(outside.view.header.state, 'error');
  });

  it('takes a rate limit for a pause, not for an error', () => {
    const model = after(
      user,
      started,
      { type: 'rateLimit', status: 'blocked', resetsAt: 9_999 },
      { ...complete, stopReason: 'error', error: { code: 'rateLimited', message: 'Until 10:00.', actions: [] } },
    );
    assert.deepEqual(
      [model.view.header.state, model.reasonCode, model.rateLimitedUntil],
      ['idle', 'rateLimited', 9_999],
    );
  });

  it('sums usage and never shows a zero for what is unknown', () => {
    assert.equal(after(user, started).usage, undefined);
    const usage = { type: 'usage', inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 } as const;
    assert.deepEqual(after(usage, usage).usage, {
      inputTokens: 2,
      outputTokens: 4,
      cacheReadTokens: 6,
      cacheWriteTokens: 8,
    });
    assert.equal(after(usage, { ...usage, costUsd: 0.5 }, { ...usage, costUsd: 0.25 }).usage?.costUsd, 0.75);
  });

  it('shows what the agent runs beside its turns, and how it ended', () => {
    const task = (
      taskId: string,
      status: 'running' | 'completed' | 'failed' | 'stopped',
      title: string,
    ): SessionEvent => ({
      type: 'backgroundTask',
      kind: 'shell',
      taskId,
      status,
      title,
    });
    const begun = [task('a', 'running', 'Serve'), task('b', 'running', 'make'), task('a', 'running', 'npm run dev')];
    const running = after(user, started, ...begun, complete);
    assert.deepEqual(running.view.header.backgroundTasks, [
      { taskId: 'a', kind: 'shell', title: 'npm run dev' },
      { taskId: 'b', kind: 'shell', title: 'make' },
    ]);
    const ends = [task('b', 'failed', 'make'), task('b', 'stopped', 'make'), task('a', 'completed', 'npm run dev')];
    const { view } = after(user, started, ...begun, complete, ...ends);
    assert.equal(view.header.backgroundTasks, undefined);
    assert.deepEqual(
      view.messages.slice(1).map(({ parts }) => parts),
      [
        [{ type: 'notice', level: 'warning', text: 'Failed in the background: make', actions: [] }],
        [{ type: 'notice', level: 'info', text: 'Ended in the background: npm run dev', actions: [] }],
      ],
    );
    const many = after(...Array.from({ length: 70 }, (_, at) => task(`t${at}`, 'running', `${at}`)));
    assert.deepEqual(
      [many.view.header.backgroundTasks?.length, many.view.header.backgroundTasks?.[0]?.taskId],
      [64, 't6'],
    );
  });

  it('never overwrites a name that the person gave', () => {
    assert.equal(after({ type: 'configured', name: 'Mine', namedBy: 'user' }, user).view.header.name, 'Mine');
  });

  it('names a session by the first line that was written, at most 40 characters', () => {
    assert.equal(automaticName('\n  Hello   world \nmore'), 'Hello world');
    assert.equal(automaticName('   \n '), undefined);
    assert.equal([...(automaticName('🙂'.repeat(60)) ?? '')].length, 40);
  });

  it('continues a long message in a new one, so that a window of messages stays small', () => {
    const calls = Array.from({ length: 100 }, (_, index): SessionEvent => ({
      type: 'toolCallStarted',
      id: `t${index}`,
      name: 'Read',
      title: '',
      inputText: '{}',
    }));
    const model = after(user, started, ...calls);
    assert.deepEqual(
      model.view.messages.map((message) => message.parts.length),
      [1, 40, 40, 20],
    );
  });

  it('gives a view the same messages by patches as by replay, for random streams cut anywhere', () => {
    fc.assert(
      fc.property(eventStreams, fc.nat(), (events, cut) => {
        const numbered = number(events);
        const at = cut % (numbered.length + 1);
        const model = createSessionModel(identity, 'Fake');
        for (const event of numbered.slice(0, at)) {
          reduce(model, event);
        }
        // Through JSON, as on the way to the webview.
        const snapshot = JSON.parse(
          JSON.stringify({ type: 'snapshot', sessionId: identity.id, epoch: 1, seq: 0, draft: '', ...model.view }),
        ) as Extract<HostMessage, { type: 'snapshot' }>;
        const held = holdSnapshot(snapshot);
        let seq = 0;
        for (const event of numbered.slice(at)) {
          const ops = JSON.parse(JSON.stringify(reduce(model, event))) as Op[];
          if (ops.length > 0) {
            seq += 1;
            assert.equal(applyPatch(held, { type: 'patch', epoch: 1, seq, ops }), 'applied');
          }
        }
        const replayed = reduceAll(identity, 'Fake', numbered);
        assert.deepEqual(JSON.parse(JSON.stringify(held.view)), JSON.parse(JSON.stringify(replayed.view)));
      }),
      { numRuns: 2_000 },
    );
  });
});
