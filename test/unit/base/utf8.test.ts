import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bytesOfCharacters,
  decodeUtf8,
  fitEnd,
  fitStart,
  openCharacterBytes,
  restOfCharacterBytes,
} from '../../../src/base/utf8.ts';

/** Text, bytes that are none, and characters cut in two. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom(...['🙂', '日', 'ä'].map((text) => new TextEncoder().encode(text).subarray(0, -1))),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)));

const sizeOf = (bytes: Uint8Array): number => Buffer.byteLength(decodeUtf8(bytes));

describe('UTF-8 with its invalid parts replaced', () => {
  it('fits into a limit as the longest beginning and the longest end, of whole characters', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 0, max: 120 }), (bytes, limit) => {
        const start = fitStart(bytes, limit);
        assert.ok(sizeOf(bytes.subarray(0, start)) <= limit);
        const end = fitEnd(bytes, limit);
        assert.ok(sizeOf(bytes.subarray(bytes.length - end)) <= limit);
        // One character more, which is at most four bytes, would be too long.
        if (start < bytes.length) {
          assert.ok(sizeOf(bytes) > limit && sizeOf(bytes.subarray(0, start)) > limit - 4);
        }
        if (end < bytes.length) {
          assert.ok(sizeOf(bytes.subarray(bytes.length - end)) > limit - 4);
        }
        assert.equal(
          decodeUtf8(bytes.subarray(0, start)) + decodeUtf8(bytes.subarray(start)),
          decodeUtf8(bytes),
          'cut between characters',
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('is counted in characters as the decoded text is', () => {
    fc.assert(
      fc.property(anyBytes, fc.integer({ min: 0, max: 80 }), (bytes, characters) => {
        const text = decodeUtf8(bytes);
        const length = bytesOfCharacters(bytes, characters);
        const shown = decodeUtf8(bytes.subarray(0, length));
        assert.ok(text.startsWith(shown));
        assert.ok(shown.length === Math.min(characters, text.length) || shown.length === characters - 1);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is decoded in two parts as in one when an open character waits for its rest', () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(60), (bytes, at) => {
        const first = bytes.subarray(0, at);
        const cut = first.length - openCharacterBytes(first);
        assert.equal(decodeUtf8(bytes.subarray(0, cut)) + decodeUtf8(bytes.subarray(cut)), decodeUtf8(bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  it('shows where a character was cut', () => {
    const face = new TextEncoder().encode('🙂');
    assert.deepEqual(
      [1, 2, 3, 4].map((length) => openCharacterBytes(face.subarray(0, length))),
      [1, 2, 3, 0],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((from) => restOfCharacterBytes(face.subarray(from))),
      [0, 3, 2, 1],
    );
    assert.equal(openCharacterBytes(Uint8Array.of(0x41, 0xff)), 0);
  });
});
