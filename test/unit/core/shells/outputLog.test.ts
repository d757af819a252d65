import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutputLog } from '../../../../src/core/shells/outputLog.ts';

describe('the log of a shell', () => {
  it('keeps the beginning and the newest end, under their offsets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 2000 }),
        fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 10 }),
        (limit, lengths) => {
          const log = new OutputLog(limit, 1);
          const pieces = lengths.map((length, at) => Buffer.alloc(length, at + 1));
          pieces.forEach((piece) => log.push(piece, false));
          const stream = Buffer.concat(pieces);
          assert.equal(log.end, stream.length);
          assert.ok(stream.subarray(0, log.headEnd).equals(log.copy(0, log.headEnd)));
          assert.ok(stream.subarray(log.tailStart).equals(log.copy(log.tailStart, log.end)));
          assert.equal(log.headEnd + log.end - log.tailStart, Math.min(limit, stream.length));
          assert.equal(log.has(0, log.end), stream.length <= limit);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('says which bytes came from standard error', () => {
    const log = new OutputLog(1000, 1);
    log.push(Buffer.from('out'), false);
    log.push(Buffer.from('bad'), true);
    log.push(Buffer.from('worse'), true);
    log.push(Buffer.from('out'), false);
    log.push(Buffer.from('bad'), true);
    assert.deepEqual(log.marks.within(4, 100), [
      { from: 4, to: 11 },
      { from: 14, to: 17 },
    ]);
  });

  it('forgets the oldest of very many changes between the streams, and says from where it knows them', () => {
    const log = new OutputLog(1000, 1);
    for (let at = 0; at < 10_000; at++) {
      log.push(Buffer.from('oe'), at % 2 === 1);
    }
    assert.ok(log.marks.knownFrom > 0);
    assert.ok(log.marks.within(0, 20_000).length <= 4096);
    assert.deepEqual(log.marks.within(19_990, 20_000).at(-1), { from: 19_998, to: 20_000 });
  });

  it('knows what it has let go of', () => {
    const log = new OutputLog(400, 1);
    log.push(Buffer.alloc(100, 'a'), false);
    log.push(Buffer.alloc(100, 'b'), false);
    log.releaseHead();
    assert.deepEqual([log.has(0, 10), log.has(99, 110), log.has(100, 200)], [false, false, true]);
    log.release();
    assert.deepEqual([log.has(100, 200), log.has(200, 200), log.end, log.allocatedBytes], [false, true, 200, 0]);
  });
});
