import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { boundEvent } from '../../../src/core/boundEvent.ts';
import { encodeEvent, maxRecordJsonBytes } from '../../../src/core/logRecords.ts';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { numberedEvents } from '../../support/sessionEventArbitrary.ts';

const large = 'a line of text, 🙂 with "quotes"\n'.repeat(20_000);
const nasty = '\u0000'.repeat(100_000);

function bound(event: SessionEvent): { readonly events: readonly SessionEvent[]; readonly blobs: Map<string, string> } {
  const blobs = new Map<string, string>();
  const events = boundEvent(event, (text) => {
    const blob = createHash('sha256').update(text).digest('hex');
    blobs.set(blob, text);
    return { blob, size: Buffer.byteLength(text) };
  });
  return { events, blobs };
}

function recordSize(event: SessionEvent): number {
  return Buffer.byteLength(encodeEvent({ seq: Number.MAX_SAFE_INTEGER, at: 1e14, run: 1e6, event }));
}

/** Every event that carries text, with all of its texts as large as `text`. */
function swollen(text: string): SessionEvent[] {
  const lines = Array.from({ length: 3000 }, () => `+${text.slice(0, 5000)}`);
  const hunks = Array.from({ length: 300 }, (_, index) => ({
    oldStart: index,
    newStart: index,
    lines: lines.slice(0, 10),
  }));
  const edit = { path: text, hunks };
  const error = { code: text, message: text, actions: [], details: text };
  const option = { label: text, description: text };
  const questions = Array.from({ length: 30 }, () => ({
    question: text,
    header: text,
    multiSelect: true,
    options: Array.from({ length: 60 }, () => option),
  }));
  return [
    { type: 'status', text },
    { type: 'sessionStarted', nativeSessionId: text, model: text, version: text, commands: Array(2000).fill(text) },
    { type: 'textDelta', partId: text, text, parentId: text },
    { type: 'reasoningDelta', partId: 'p', text },
    { type: 'toolCallStreaming', id: text, name: text, text, parentId: text },
    { type: 'toolOutput', id: text, text },
    { type: 'toolCallStarted', id: text, name: text, title: text, inputText: text, parentId: text },
    {
      type: 'toolResult',
      id: text,
      output: text,
      outcome: 'completed',
      edit: { path: text, hunks: [{ oldStart: 1, newStart: 1, lines }], before: text },
      images: Array(100).fill({ mediaType: text, data: text }),
    },
    { type: 'rateLimit', status: 'blocked', limit: text },
    { type: 'retry', attempt: 1, maxAttempts: 2, delayMs: 3, reason: text },
    { type: 'warning', code: text, message: text },
    { type: 'turnComplete', stopReason: 'error', error, durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 1 },
    { type: 'error', error },
    { type: 'rawOutput', text },
    { type: 'agentJson', data: text },
    { type: 'done', nativeSessionId: text },
    { type: 'configured', name: text, model: text },
    { type: 'messageQueued', messageId: text, text },
    { type: 'messageUnqueued', messageId: text },
    { type: 'userMessage', messageId: text, text },
    {
      type: 'approvalNeeded',
      id: text,
      toolCallId: text,
      toolName: text,
      inputText: text,
      reason: text,
      subject: text,
      edit,
      sessionScope: text,
      plan: text,
    },
    { type: 'approvalDecided', id: text, decision: 'reject', message: text },
    { type: 'questionAsked', id: text, toolCallId: text, questions },
    { type: 'questionAnswered', id: text, answers: { [text]: text, other: Array(100).fill(text) } },
    { type: 'toolDecision', toolCallId: text, text },
  ];
}

describe('bounding an event', () => {
  for (const [name, text] of [
    ['large', large],
    ['nasty', nasty],
  ] as const) {
    it(`fits every kind of event with ${name} texts into a record`, () => {
      for (const event of swollen(text)) {
        for (const bounded of bound(event).events) {
          assert.ok(recordSize(bounded) <= maxRecordJsonBytes, `${event.type}: ${recordSize(bounded)}`);
        }
      }
    });

    it(`changes nothing more when ${name} texts are bounded again`, () => {
      for (const event of swollen(text)) {
        for (const bounded of bound(event).events) {
          assert.deepEqual(bound(bounded), { events: [bounded], blobs: new Map() }, event.type);
        }
      }
    });
  }

  it('leaves an event alone that is small enough', () => {
    fc.assert(
      fc.property(numberedEvents, (events) => {
        for (const { event } of events) {
          assert.deepEqual(bound(event), { events: [event], blobs: new Map() });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the beginning and the end of a result, says what is missing, and refers to the whole', () => {
    const output = `first${'x'.repeat(200_000)}last`;
    const { events, blobs } = bound({ type: 'toolResult', id: 'c', output, outcome: 'completed' });
    const [event] = events;
    assert.ok(event?.type === 'toolResult' && event.spilledOutput);
    assert.match(event.output, /^first.*\n\[… \d+ characters are left out here …\]\n.*last$/s);
    assert.equal(blobs.get(event.spilledOutput.blob), output);
    assert.equal(event.spilledOutput.size, output.length);
    const missing = Number(/(\d+) characters/.exec(event.output)?.[1]);
    assert.equal(
      event.output.replace(/\n\[… \d+ characters are left out here …\]\n/, '').length + missing,
      output.length,
    );
  });

  it('cuts a long delta into several that say the same', () => {
    for (const text of [large, nasty, `${'x'.repeat(16_383)}🙂🙂`]) {
      const { events } = bound({ type: 'textDelta', partId: 'p', text });
      assert.ok(events.length > 1);
      assert.equal(events.map((event) => (event.type === 'textDelta' ? event.text : '')).join(''), text);
      assert.ok(events.every((event) => event.type === 'textDelta' && event.text.isWellFormed()));
    }
  });

  it('keeps the text before an edit whole, in the record or in a file', () => {
    const edit = { path: 'a', hunks: [] };
    const small = bound({
      type: 'toolResult',
      id: 'c',
      output: '',
      outcome: 'completed',
      edit: { ...edit, before: 'old' },
    });
    assert.deepEqual(small.events[0]?.type === 'toolResult' && small.events[0].edit, { ...edit, before: 'old' });
    const { events, blobs } = bound({
      type: 'toolResult',
      id: 'c',
      output: '',
      outcome: 'completed',
      edit: { ...edit, before: large },
    });
    const result = events[0]?.type === 'toolResult' ? events[0].edit : undefined;
    assert.equal(result?.before, undefined);
    assert.equal(blobs.get(result?.spilledBefore?.blob ?? ''), large);
  });

  it('drops the surplus lines of an edit and says how many', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `+line ${index}`);
    const edit = { path: 'a', hunks: [{ oldStart: 1, newStart: 1, lines }] };
    const { events } = bound({ type: 'toolResult', id: 'c', output: '', outcome: 'completed', edit });
    const kept = (events[0]?.type === 'toolResult' && events[0].edit?.hunks[0]?.lines) || [];
    const missing = Number(/\[… (\d+) more lines …\]/.exec(kept.at(-1) ?? '')?.[1]);
    assert.equal(kept.length - 1 + missing, lines.length);
    assert.deepEqual(kept.slice(0, -1), lines.slice(0, kept.length - 1));
  });

  it('cuts an id the same way wherever it appears', () => {
    const id = `${'x'.repeat(10_000)}y`;
    const [started] = bound({ type: 'toolCallStarted', id, name: 'n', title: '', inputText: large }).events;
    const [result] = bound({ type: 'toolResult', id, output: nasty, outcome: 'failed' }).events;
    assert.ok(started?.type === 'toolCallStarted' && result?.type === 'toolResult');
    assert.equal(started.id, result.id);
  });
});
