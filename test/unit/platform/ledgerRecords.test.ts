import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeRecord, type LedgerRecord, maxEntries } from '../../../src/platform/ledgerRecords.ts';
import { readLedger } from '../../../src/platform/readLedger.ts';

const ids = fc.constantFrom('aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', '0123456789ab');
const pid = fc.integer({ min: 2, max: 2 ** 31 - 1 });
const startTime = fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String);
const name = fc.string({ maxLength: 30, unit: 'grapheme' });
const record: fc.Arbitrary<LedgerRecord> = fc.oneof(
  fc.record({ kind: fc.constant('intent' as const), id: ids, name }),
  fc.record({ kind: fc.constant('started' as const), id: ids, pid, startTime }),
  fc.record({ kind: fc.constant('started' as const), id: ids, pid }),
  fc.record({ kind: fc.constant('gone' as const), id: ids }),
  fc.record({ kind: fc.constant('found' as const), pid, startTime, name }),
  fc.record({ kind: fc.constant('dead' as const), at: fc.nat() }),
);

const bytesOf = (records: readonly LedgerRecord[]): Buffer => Buffer.concat(records.map(encodeRecord));
const id = 'aaaaaaaaaaaa';

describe('The lines of a ledger', () => {
  it('say which processes may still live', () => {
    const records: LedgerRecord[] = [
      { kind: 'intent', id, name: 'agent' },
      { kind: 'started', id, pid: 7, startTime: '99' },
      { kind: 'intent', id: 'bbbbbbbbbbbb', name: 'gate' },
      { kind: 'intent', id: 'cccccccccccc', name: 'shell' },
      { kind: 'started', id: 'cccccccccccc', pid: 8 },
      { kind: 'gone', id: 'cccccccccccc' },
      { kind: 'found', pid: 7, startTime: '99', name: 'sleep' },
      { kind: 'found', pid: 7, startTime: '99', name: 'sleep' },
    ];
    assert.deepEqual(readLedger(bytesOf(records)), {
      entries: [
        { id, name: 'agent', pid: 7, startTime: '99' },
        { id: 'bbbbbbbbbbbb', name: 'gate', pid: undefined, startTime: undefined },
      ],
      found: [{ pid: 7, startTime: '99', name: 'sleep' }],
      damaged: 0,
      dropped: 0,
    });
  });

  it('say since when the host is known to be dead: the first word counts', () => {
    const bytes = bytesOf([
      { kind: 'dead', at: 5 },
      { kind: 'dead', at: 9 },
    ]);
    assert.equal(readLedger(bytes).deadSince, 5);
  });

  it('are each read as they were written', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const { damaged, dropped } = readLedger(bytesOf(records));
        assert.deepEqual([damaged, dropped], [0, 0]);
      }),
    );
  });

  it('cost only themselves when they are damaged', () => {
    fc.assert(
      fc.property(fc.array(record), fc.nat(), fc.integer({ min: 1, max: 255 }), (records, place, flip) => {
        const at = records.length === 0 ? 0 : place % records.length;
        const lines = records.map(encodeRecord);
        const target = Buffer.from(lines[at] ?? '');
        // Not the line ends: those cut a line in two, which is another test.
        const offset = 1 + (place % Math.max(1, target.length - 2));
        target[offset] = (target[offset] ?? 0) ^ flip;
        const isCut = target[offset] === 10;
        const bytes = Buffer.concat(lines.map((line, index) => (index === at ? target : line)));
        const without = readLedger(Buffer.concat(lines.filter((_, index) => index !== at)));
        const { damaged, ...content } = readLedger(bytes);
        const { damaged: _none, ...expected } = without;
        assert.deepEqual(content, expected);
        assert.ok(records.length === 0 ? damaged === 0 : damaged >= 1 && (isCut || damaged === 1));
      }),
    );
  });

  it('are read as far as they go when the writer died within one', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1 }), fc.nat(), (records, place) => {
        const last = encodeRecord(records.at(-1) as LedgerRecord);
        const before = bytesOf(records.slice(0, -1));
        // The line end is not needed: without it the line is whole.
        const torn = Buffer.concat([before, last.subarray(0, place % (last.length - 1))]);
        const { damaged: _damaged, ...content } = readLedger(torn);
        const { damaged: _none, ...expected } = readLedger(before);
        assert.deepEqual(content, expected);
        // What is appended behind it is not lost with it.
        const later: LedgerRecord = { kind: 'intent', id: 'dddddddddddd', name: 'later' };
        const { entries } = readLedger(Buffer.concat([torn, encodeRecord(later)]));
        assert.equal(entries.at(-1)?.name, 'later');
      }),
    );
  });

  it('are survived whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { entries, found } = readLedger(Buffer.from(bytes));
        assert.deepEqual([entries, found], [[], []]);
      }),
    );
  });

  it('never name init, the process itself as 0, or a whole group', () => {
    for (const bad of [1, 0, -1, -7, 1.5, 2 ** 31, Number.NaN]) {
      const { entries, damaged } = readLedger(bytesOf([{ kind: 'started', id, pid: bad, startTime: '5' }]));
      assert.deepEqual([entries, damaged], [[], 1], String(bad));
    }
  });

  it('are bounded in number and in length', () => {
    const many = Array.from({ length: maxEntries + 5 }, (_, index): LedgerRecord => {
      return { kind: 'intent', id: index.toString(16).padStart(12, '0'), name: 'x'.repeat(10_000) };
    });
    const { entries, dropped } = readLedger(bytesOf(many));
    assert.deepEqual([entries.length, dropped], [maxEntries, 5]);
    assert.equal(entries[0]?.name.length, 64);
  });
});
