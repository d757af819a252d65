import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ByteRing } from '../../../src/base/byteRing.ts';

describe('a ring of bytes', () => {
  it('keeps the newest bytes under their offsets, however they come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 12 }),
        (capacity, first, lengths) => {
          const ring = new ByteRing(capacity, first);
          const all: Buffer[] = [];
          let value = 0;
          for (const length of lengths) {
            const piece = Buffer.alloc(length, (value += 1));
            ring.push(piece);
            all.push(piece);
          }
          const stream = Buffer.concat(all);
          const kept = stream.subarray(Math.max(0, stream.length - capacity));
          assert.deepEqual([ring.start, ring.end], [first + stream.length - kept.length, first + stream.length]);
          assert.equal(Buffer.compare(ring.copy(ring.start, ring.end), kept), 0);
          const middle = first + stream.length - Math.floor(kept.length / 2);
          assert.equal(
            Buffer.compare(ring.copy(middle, middle + 7), kept.subarray(middle - ring.start).subarray(0, 7)),
            0,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes no more memory than it keeps, rounded up to a page, and little for little', () => {
    const ring = new ByteRing(1_000_000);
    ring.push(new Uint8Array(10));
    assert.equal(ring.allocatedBytes, 65_536);
    for (let at = 0; at < 100; at++) {
      ring.push(new Uint8Array(99_999));
    }
    assert.equal(ring.allocatedBytes, 16 * 65_536);
  });
});
