import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LineDecoder } from '../../../../src/runtimes/shared/lineDecoder.ts';

function decode(pieces: readonly Uint8Array[], limitBytes?: number): readonly string[] {
  const decoder = new LineDecoder(limitBytes);
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.flush()];
}

/** The bytes cut at the given places. */
function cutAt(bytes: Buffer, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

describe('LineDecoder', () => {
  it('gives the same lines however the bytes are split', () => {
    const text = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\n', '\n', '\r', '€', '😀', '\u2028', '\u0000')),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        assert.deepEqual(decode(cutAt(bytes, cuts)), decode([bytes]));
      }),
    );
  });

  it('gives the same lines for bytes that are no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
        assert.deepEqual(decode(cutAt(Buffer.from(bytes), cuts)), decode([bytes]));
      }),
    );
  });

  it('agrees with splitting the whole text', () => {
    const line = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n\ufeff]/g, '').toWellFormed());
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        assert.deepEqual(decode([Buffer.from(lines.map((text) => text + end).join(''))]), lines);
      }),
    );
  });

  it('holds a line back until its end has come', () => {
    const decoder = new LineDecoder();
    assert.deepEqual(decoder.push(Buffer.from('{"a":')), []);
    assert.deepEqual(decoder.push(Buffer.from('1}\r\n{')), ['{"a":1}']);
    assert.deepEqual(decoder.flush(), ['{']);
    assert.deepEqual(decoder.flush(), []);
  });

  it('does not keep the bytes of a piece that its owner uses again', () => {
    const decoder = new LineDecoder();
    const piece = Buffer.from('abc');
    decoder.push(piece);
    piece.fill(0);
    assert.deepEqual(decoder.push(Buffer.from('\n')), ['abc']);
  });

  it('drops and counts a line beyond the limit, and goes on with the next', () => {
    const decoder = new LineDecoder(8);
    assert.deepEqual(decoder.push(Buffer.from('12345')), []);
    assert.deepEqual(decoder.push(Buffer.from('67890\nok\n123456789\n12345678\n')), ['ok', '12345678']);
    assert.equal(decoder.droppedLines, 2);
  });

  it('takes a line of 20 MB in pieces of 4 KiB, and never reads what it has again', () => {
    const piece = Buffer.alloc(4096, 'x');
    /** The processor's time, not the clock's: other programs run on the same cores. */
    const cpuMs = (run: () => void): number => {
      const started = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(started);
      return (user + system) / 1000;
    };
    const decode = (pieces: number): void => {
      const decoder = new LineDecoder();
      for (let count = 0; count < pieces; count++) {
        decoder.push(piece);
      }
      assert.equal(decoder.push(Buffer.from('\n'))[0]?.length, pieces * piece.length);
    };
    /** What it must not be: everything is put together, and looked through, with each piece. */
    const decodeAgainAndAgain = (pieces: number): void => {
      let held = Buffer.alloc(0);
      for (let count = 0; count < pieces; count++) {
        held = Buffer.concat([held, piece]);
        assert.equal(held.indexOf(10), -1);
      }
    };
    decode(512);
    assert.ok(cpuMs(() => decode(512)) < cpuMs(() => decodeAgainAndAgain(512)) / 3);
    decode(5120);
  });
});
