import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeltaMerger, mergeDeltas } from '../../../src/core/deltaMerger.ts';
import { LogReading } from '../../../src/core/logReading.ts';
import {
  decodeLine,
  encodeEvent,
  encodeHeader,
  encodeLost,
  encodeSummary,
  maxRecordJsonBytes,
} from '../../../src/core/logRecords.ts';
import { lastSeqOf, type NumberedEvent } from '../../../src/core/sessionEvents.ts';
import { reduceAll } from '../../../src/core/sessionReducer.ts';
import { numberedEvents } from '../../support/sessionEventArbitrary.ts';

const identity = { id: '0f0e0d0c-0b0a-4908-8706-050403020100', runtime: 'demo', cwd: '/work', createdAt: 1 };
const runs = process.env['GREENROOM_LONG'] === '1' ? 20_000 : 2_000;

function read(lines: readonly string[]): { readonly reading: LogReading; readonly events: readonly NumberedEvent[] } {
  const events: NumberedEvent[] = [];
  const reading = new LogReading((numbered) => events.push(numbered));
  for (const line of lines) {
    reading.add(decodeLine(line));
  }
  return { reading, events };
}

function delta(
  seq: number,
  text: string,
  more: { readonly partId?: string; readonly parentId?: string } = {},
): NumberedEvent {
  return { seq, at: seq * 10, run: 1, event: { type: 'textDelta', partId: 'p', text, ...more } };
}

describe('log records', () => {
  it('reduce to the same state after merging, encoding and decoding', () => {
    fc.assert(
      fc.property(numberedEvents, fc.constantFrom(undefined, 300, 1000), (events, maxBytes) => {
        const written = mergeDeltas(events, maxBytes).map(encodeEvent);
        const { reading, events: found } = read([encodeHeader(identity), ...written]);
        assert.equal(reading.damage, undefined);
        assert.deepEqual(reading.identity, identity);
        assert.deepEqual(reduceAll(identity, 'Demo', found), reduceAll(identity, 'Demo', events));
      }),
      { numRuns: runs },
    );
  });

  it('give the same events whether they are merged once or again', () => {
    fc.assert(
      fc.property(numberedEvents, (events) => {
        assert.deepEqual(mergeDeltas(mergeDeltas(events, 300)), mergeDeltas(events));
      }),
      { numRuns: runs },
    );
  });

  it('cover every number once, in order', () => {
    fc.assert(
      fc.property(numberedEvents, (events) => {
        let next = 1;
        for (const merged of mergeDeltas(events, 400)) {
          assert.equal(merged.seq, next);
          next = lastSeqOf(merged) + 1;
        }
        assert.equal(next, events.length + 1);
      }),
      { numRuns: runs },
    );
  });

  it('stay below their largest size however the deltas fall', () => {
    const piece = '\u0001'.repeat(700);
    const events = Array.from({ length: 200 }, (_, index) => delta(index + 1, piece));
    const sizes = mergeDeltas(events).map((merged) => Buffer.byteLength(encodeEvent(merged)));
    assert.ok(sizes.length > 5);
    assert.ok(Math.max(...sizes) <= maxRecordJsonBytes);
    assert.ok(Math.max(...sizes) > maxRecordJsonBytes * 0.9);
  });

  it('merge only deltas of the same part, run and parent whose numbers follow each other', () => {
    const merged = mergeDeltas([
      delta(1, 'a'),
      delta(2, 'b'),
      delta(3, 'c', { partId: 'q' }),
      delta(4, 'd', { partId: 'q', parentId: 'call' }),
      { ...delta(5, 'e', { partId: 'q', parentId: 'call' }), run: 2 },
      { ...delta(7, 'f', { partId: 'q', parentId: 'call' }), run: 2 },
    ]);
    assert.deepEqual(
      merged.map(({ seq, covers, event }) => [seq, covers, event.type === 'textDelta' ? event.text : undefined]),
      [
        [1, { count: 2, lastAt: 20 }, 'ab'],
        [3, undefined, 'c'],
        [4, undefined, 'd'],
        [5, undefined, 'e'],
        [7, undefined, 'f'],
      ],
    );
  });

  it('put the halves of a split character together', () => {
    const [merged] = mergeDeltas([delta(1, '\ud83d'), delta(2, '\ude00')]);
    assert.ok(merged);
    const line = decodeLine(encodeEvent(merged));
    assert.deepEqual(line?.kind === 'event' && line.numbered.event, { type: 'textDelta', partId: 'p', text: '😀' });
  });

  it('take the same work for each delta, however many came before', () => {
    const merger = new DeltaMerger();
    let complete = 0;
    for (let seq = 1; seq <= 100_000; seq++) {
      complete += merger.push(delta(seq, 'x')).length;
    }
    assert.equal(complete, 1);
    assert.ok(merger.size < maxRecordJsonBytes);
  });

  it('are told apart from what is no record', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      'null',
      '{"seq":0}',
      '{"seq":1,"at":1,"run":0,"event":{}}',
      '{"summary":1}',
      '{"lost":{}}',
    ]) {
      assert.equal(decodeLine(text), undefined, text);
    }
  });

  it('keep an event of a type that is not known', () => {
    const line = decodeLine('{"seq":1,"at":1,"run":0,"event":{"type":"ofTheFuture"}}');
    assert.deepEqual(line, { kind: 'event', numbered: { seq: 1, at: 1, run: 0, event: { type: 'ofTheFuture' } } });
  });

  it('drop repeated numbers and report missing ones', () => {
    const { reading, events } = read([
      encodeHeader(identity),
      ...[1, 2, 2, 1, 5].map((seq) => encodeEvent(delta(seq, 'x'))),
    ]);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [1, 2, 5],
    );
    assert.equal(reading.repeatedEvents, 2);
    assert.match(reading.damage ?? '', /2 entries are missing/);
  });

  it('show where events were lost, and go on behind them', () => {
    const { reading, events } = read([
      encodeHeader(identity),
      encodeEvent(delta(1, 'a')),
      encodeLost({ seq: 2, count: 3, at: 20, lastAt: 40 }),
      encodeEvent(delta(5, 'b')),
    ]);
    assert.equal(reading.damage, undefined);
    assert.equal(events[1]?.event.type, 'warning');
    assert.deepEqual(events[1]?.covers, { count: 3, lastAt: 40 });
  });

  it('know whether the last summary sums up everything', () => {
    const summary = { ...identity, updatedAt: 2, name: 'n', state: 'done', messageCount: 1 };
    const lines = [encodeHeader(identity), encodeEvent(delta(1, 'a')), encodeSummary(summary)];
    assert.deepEqual(read(lines).reading.summary, summary);
    assert.equal(read(lines).reading.isSummedUp, true);
    assert.equal(read([...lines, encodeEvent(delta(2, 'b'))]).reading.isSummedUp, false);
  });
});
