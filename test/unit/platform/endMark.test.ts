import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type MarkedPart, MarkScanner } from '../../../src/platform/endMark.ts';

const nonce = 'abcdef';

/** Neighbouring bytes joined, as text. */
function scan(pieces: readonly Buffer[]): readonly unknown[] {
  const scanner = new MarkScanner(nonce);
  const out: unknown[] = [];
  let text = '';
  const add = (part: MarkedPart): void => {
    if (part.kind === 'bytes') {
      text += Buffer.from(part.bytes).toString('latin1');
    } else {
      out.push(text, part);
      text = '';
    }
  };
  for (const piece of pieces) {
    scanner.push(piece).forEach(add);
  }
  add({ kind: 'bytes', bytes: scanner.flush() });
  return [...out, text];
}

describe('MarkScanner', () => {
  it('finds the marks wherever they stand, and the code in the last', () => {
    assert.deepEqual(scan([Buffer.from(`noise\x1eabcdef S0\x1eline {"a":1}\x1b[?25h\x1eabcdef E143\x1e`)]), [
      'noise',
      { kind: 'started' },
      'line {"a":1}\x1b[?25h',
      { kind: 'ended', code: 143 },
      '',
    ]);
  });

  it('gives the same however the bytes are split', () => {
    const token = fc.constantFrom(
      '\x1e',
      '\x1eabc',
      '\x1eabcdef ',
      '\x1eabcdef X1\x1e',
      '\x1eabcdef E',
      '\x1eabcdef S0\x1e',
      '\x1eabcdef E7\x1e',
      'abcdef',
      ' E1\x1e',
      'x',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(token), fc.array(fc.nat()), (tokens, cuts) => {
        const bytes = Buffer.from(tokens.join(''), 'latin1');
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        assert.deepEqual(scan(pieces), scan([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('changes nothing where there is no mark', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual(scan([Buffer.from(bytes)]), [Buffer.from(bytes).toString('latin1')]);
      }),
    );
  });
});
