import fc from 'fast-check';
import type { NumberedEvent, SessionEvent } from '../../src/core/sessionEvents.ts';

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\n', '\u0000', '"\\', '\u2028', '\ud83d', '\ude00', '😀', 'ä'.repeat(30)),
);
const partId = fc.constantFrom('a', 'b');
const callId = fc.constantFrom('c1', 'c2');
const parent = fc.option(fc.constant('c1'), { nil: undefined, freq: 5 });

/** Leaves out a parent that is not there. */
function withParent<T extends object>(event: T, parentId: string | undefined): T {
  return parentId === undefined ? event : { ...event, parentId };
}

const delta: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc
    .tuple(fc.constantFrom('textDelta' as const, 'reasoningDelta' as const), partId, text, parent)
    .map(([type, id, words, parentId]) => withParent({ type, partId: id, text: words }, parentId)),
  fc
    .tuple(callId, fc.constantFrom('Bash', 'Edit'), text)
    .map(([id, name, words]): SessionEvent => ({ type: 'toolCallStreaming', id, name, text: words })),
  fc.tuple(callId, text).map(([id, words]): SessionEvent => ({ type: 'toolOutput', id, text: words })),
);

const other: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.constantFrom<SessionEvent>(
    { type: 'stepStarted' },
    { type: 'turnStarted', origin: 'user' },
    { type: 'turnStarted', origin: 'runtime' },
    { type: 'turnCancelled', durationMs: 5 },
    { type: 'turnComplete', stopReason: 'endTurn', durationMs: 1, totalTokens: 2, turnCount: 1, toolCallCount: 0 },
    { type: 'usage', inputTokens: 1, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4, costUsd: 0.25 },
    { type: 'backgroundTask', status: 'running', taskId: 'b', kind: 'shell', title: 'npm run dev', toolCallId: 't' },
    { type: 'configured', name: 'x', namedBy: 'user' },
    { type: 'done' },
  ),
  text.map((words): SessionEvent => ({ type: 'userMessage', messageId: 'm', text: words })),
  text.map((words): SessionEvent => ({ type: 'status', text: words })),
  fc.tuple(callId, text).map(([id, words]): SessionEvent => ({
    type: 'toolCallStarted',
    id,
    name: 'Bash',
    title: words,
    inputText: words,
  })),
  fc
    .tuple(callId, text, fc.constantFrom('completed' as const, 'failed' as const))
    .map(([id, words, outcome]): SessionEvent => ({ type: 'toolResult', id, output: words, outcome })),
  fc.tuple(callId, text).map(([id, words]): SessionEvent => ({
    type: 'approvalNeeded',
    id,
    toolCallId: id,
    toolName: 'Bash',
    inputText: words,
    reason: words,
    subject: words,
  })),
  callId.map((id): SessionEvent => ({ type: 'approvalDecided', id, decision: 'allowForSession' })),
);

/** Events as a session would have numbered them, most of them deltas. */
export const numberedEvents: fc.Arbitrary<NumberedEvent[]> = fc
  .array(
    fc.record({
      event: fc.oneof({ arbitrary: delta, weight: 4 }, { arbitrary: other, weight: 1 }),
      pauseMs: fc.nat({ max: 1000 }),
      run: fc.constantFrom(1, 1, 1, 2),
    }),
    { maxLength: 60 },
  )
  .map((items) => {
    let at = 1_700_000_000_000;
    return items.map(({ event, pauseMs, run }, index) => ({ seq: index + 1, at: (at += pauseMs), run, event }));
  });
