import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeltaJoin } from '../../../src/core/deltaJoin.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';

const nextTask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const text = (partId: string, said: string): RuntimeEvent => ({ type: 'textDelta', partId, text: said });

/** What each part, call and log has been told, in order; other events stand between. */
function meaningOf(events: readonly RuntimeEvent[]): readonly string[] {
  const meaning: string[] = [];
  let last = '';
  for (const event of events) {
    if ('text' in event && /Delta$|Streaming$|^toolOutput$/.test(event.type)) {
      const { text: said, ...place } = event;
      const key = JSON.stringify(place);
      if (key === last) {
        meaning.push((meaning.pop() ?? '') + said);
      } else {
        meaning.push(`${key} ${said}`);
        last = key;
      }
    } else {
      meaning.push(JSON.stringify(event));
      last = '';
    }
  }
  return meaning;
}

describe('Deltas that come in one go', () => {
  let told: RuntimeEvent[];
  let join: DeltaJoin;
  beforeEach(() => {
    told = [];
    join = new DeltaJoin((event) => told.push(event));
  });

  it('are told as one, at the end of the task they came in', async () => {
    for (const word of ['one', ' two', ' three']) {
      join.push(text('a', word));
    }
    assert.deepEqual(told, []);
    await Promise.resolve();
    assert.deepEqual(told, [text('a', 'one two three')]);
    join.push(text('a', ' four'));
    await Promise.resolve();
    assert.deepEqual(told.slice(1), [text('a', ' four')]);
  });

  it('are told before whatever comes after them', () => {
    join.push(text('a', 'first'));
    join.push({ type: 'stepStarted' });
    join.push(text('a', 'second'));
    join.push({ type: 'turnCancelled', durationMs: 1 });
    assert.deepEqual(told, [
      text('a', 'first'),
      { type: 'stepStarted' },
      text('a', 'second'),
      { type: 'turnCancelled', durationMs: 1 },
    ]);
  });

  it('are told at once when that is asked for, and not again', async () => {
    join.push(text('a', 'now'));
    join.flush();
    join.flush();
    assert.deepEqual(told, [text('a', 'now')]);
    await nextTask();
    assert.equal(told.length, 1);
  });

  it('are not torn by what goes to the log of the run', async () => {
    join.push(text('a', 'one'));
    join.push({ type: 'agentJson', data: '{}' });
    join.push(text('a', ' two'));
    await Promise.resolve();
    assert.deepEqual(told, [{ type: 'agentJson', data: '{}' }, text('a', 'one two')]);
  });

  it('stay small, however much comes', async () => {
    const word = 'x'.repeat(1_000);
    for (let at = 0; at < 100; at++) {
      join.push(text('a', word));
    }
    await Promise.resolve();
    const sizes = told.map((event) => (event.type === 'textDelta' ? event.text.length : 0));
    assert.ok(Math.max(...sizes) <= 4_096);
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      100_000,
    );
  });

  it('say the same as before, whatever comes and whenever', async () => {
    const part = fc.constantFrom('a', 'b');
    const event: fc.Arbitrary<RuntimeEvent> = fc.oneof(
      fc.record({ type: fc.constant('textDelta'), partId: part, text: fc.string({ maxLength: 5 }) }),
      fc.record({ type: fc.constant('reasoningDelta'), partId: part, text: fc.string({ maxLength: 5 }) }),
      fc.record({
        type: fc.constant('textDelta'),
        partId: part,
        parentId: part,
        text: fc.string({ maxLength: 3_000, minLength: 2_000 }),
      }),
      fc.record({
        type: fc.constant('toolCallStreaming'),
        id: part,
        name: fc.constantFrom('Bash', 'Edit'),
        text: fc.string({ maxLength: 5 }),
      }),
      fc.record({ type: fc.constant('toolOutput'), id: part, text: fc.string({ maxLength: 5 }) }),
      fc.constant<RuntimeEvent>({ type: 'stepStarted' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(event, fc.constantFrom('go on', 'microtask', 'task')), { maxLength: 60 }),
        async (steps) => {
          told = [];
          for (const [pushed, then] of steps) {
            join.push(pushed);
            if (then !== 'go on') {
              await (then === 'task' ? nextTask() : undefined);
            }
          }
          await nextTask();
          assert.deepEqual(meaningOf(told), meaningOf(steps.map(([pushed]) => pushed)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
