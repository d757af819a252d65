import fc from 'fast-check';
import type { SessionEvent } from '../../src/core/sessionEvents.ts';

const text = fc.string({ maxLength: 12 });
const callId = fc.constantFrom('t1', 't2', 't3');
const requestId = fc.constantFrom('q1', 'q2');
const parent = fc.option(fc.constantFrom('t1', 't2'), { nil: undefined });

function withParent<T extends object>(event: T, parentId: string | undefined): T & { readonly parentId?: string } {
  return parentId === undefined ? event : { ...event, parentId };
}

/** Events in any order, sensible or not: what a runtime, a person and the host might say. */
const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('p1', 'p2', 'p3'), text, parent)
      .map(([partId, value, parentId]) => withParent({ type: 'textDelta' as const, partId, text: value }, parentId)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('r1', 'r2'), text, parent)
      .map(([partId, value, parentId]) =>
        withParent({ type: 'reasoningDelta' as const, partId, text: value }, parentId),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(callId, text)
      .map(([id, value]) => ({ type: 'toolCallStreaming' as const, id, name: 'Bash', text: value })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(callId, text, parent)
      .map(([id, title, parentId]) =>
        withParent({ type: 'toolCallStarted' as const, id, name: 'Bash', title, inputText: '{}' }, parentId),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(callId, text).map(([id, value]) => ({ type: 'toolOutput' as const, id, text: value })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(callId, text, fc.constantFrom('completed' as const, 'failed' as const, 'cancelled' as const), fc.boolean())
      .map(([id, output, outcome, image]) => ({
        type: 'toolResult' as const,
        id,
        output,
        outcome,
        ...(image ? { images: [{ mediaType: 'image/png' }] } : {}),
      })),
  },
  { weight: 3, arbitrary: fc.constant<SessionEvent>({ type: 'stepStarted' }) },
  fc
    .tuple(
      fc.constantFrom('b1', 'b2'),
      text,
      fc.constantFrom('running' as const, 'completed' as const, 'stopped' as const),
    )
    .map(([taskId, title, status]) => ({
      type: 'backgroundTask' as const,
      taskId,
      title,
      status,
      kind: 'shell' as const,
    })),
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('user' as const, 'runtime' as const)
      .map((origin) => ({ type: 'turnStarted' as const, origin })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('endTurn' as const, 'maxTokens' as const, 'error' as const, 'refusal' as const)
      .map((stopReason) => ({
        type: 'turnComplete' as const,
        stopReason,
        durationMs: 1,
        totalTokens: 1,
        turnCount: 1,
        toolCallCount: 0,
      })),
  },
  fc.constant<SessionEvent>({ type: 'turnCancelled', durationMs: 1 }),
  fc
    .tuple(text, fc.constantFrom('m1', 'm2'))
    .map(([value, messageId]) => ({ type: 'userMessage' as const, messageId, text: value })),
  fc
    .tuple(text, fc.constantFrom('m1', 'm2'))
    .map(([value, messageId]) => ({ type: 'messageQueued' as const, messageId, text: value })),
  fc.constantFrom('m1', 'm2').map((messageId) => ({ type: 'messageUnqueued' as const, messageId })),
  fc.tuple(requestId, callId).map(([id, toolCallId]) => ({
    type: 'approvalNeeded' as const,
    id,
    toolCallId,
    toolName: 'Bash',
    inputText: '{}',
    reason: 'why',
    subject: 'x',
    grantKey: id,
  })),
  fc
    .tuple(
      requestId,
      fc.constantFrom('allowOnce' as const, 'allowForSession' as const, 'reject' as const, 'withdrawn' as const),
    )
    .map(([id, decision]) => ({ type: 'approvalDecided' as const, id, decision })),
  fc.tuple(requestId, callId).map(([id, toolCallId]) => ({
    type: 'questionAsked' as const,
    id,
    toolCallId,
    questions: [{ question: 'Which?', multiSelect: false, options: [{ label: 'A' }] }],
  })),
  requestId.map((id) => ({ type: 'questionAnswered' as const, id, answers: { 'Which?': 'A' } })),
  callId.map((toolCallId) => ({ type: 'toolDecision' as const, toolCallId, text: 'allowed' })),
  fc.nat(1_000).map((count) => ({
    type: 'usage' as const,
    inputTokens: count,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: count / 8,
  })),
  fc
    .constantFrom('allowed' as const, 'warning' as const, 'blocked' as const)
    .map((status) => ({ type: 'rateLimit' as const, status, resetsAt: 5 })),
  text.map((message) => ({ type: 'warning' as const, code: 'w', message })),
  text.map((message) => ({ type: 'error' as const, error: { code: 'e', message, actions: [] } })),
  fc.constantFrom<SessionEvent>(
    { type: 'compaction', phase: 'started' },
    { type: 'compaction', phase: 'finished', tokensBefore: 10, tokensAfter: 2 },
    { type: 'retry', attempt: 1, maxAttempts: 3, delayMs: 900, reason: 'Overloaded.' },
    { type: 'status', text: 'Busy' },
    { type: 'configured', name: 'N', namedBy: 'user' },
    { type: 'configured', mode: 'plan' },
    { type: 'configured', model: null },
    { type: 'sessionStarted', nativeSessionId: 'n', model: 'm', commands: ['x'] },
    { type: 'done' },
  ),
);

export const eventStreams: fc.Arbitrary<SessionEvent[]> = fc.array(anyEvent, { maxLength: 60 });
