import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8 } from '../../../../src/base/utf8.ts';
import { OutputLog } from '../../../../src/core/shells/outputLog.ts';
import { type Unread, UnreadOutput } from '../../../../src/core/shells/unreadOutput.ts';

const mebibyte = 1024 * 1024;

class Reader {
  readonly log: OutputLog;
  readonly unread: UnreadOutput;

  constructor(capBytes: number, logBytes = 10 * mebibyte) {
    this.log = new OutputLog(logBytes, capBytes);
    this.unread = new UnreadOutput(this.log, capBytes);
  }

  push(bytes: Uint8Array): void {
    this.unread.push(bytes);
    this.log.push(bytes, false);
  }

  readAll(isFinal = false): Unread {
    const found = this.unread.peek(isFinal);
    this.unread.advance(found, found.to);
    return found;
  }
}

const textOf = ({ head, tail }: Unread): string => decodeUtf8(head) + decodeUtf8(tail);
const sizeOf = (found: Unread): number => Buffer.byteLength(textOf(found));

describe('unread output', () => {
  it('keeps its first quarter and its newest three quarters of 20 × 100,000 bytes, and knows what is missing', () => {
    const reader = new Reader(mebibyte);
    const pieces = Array.from({ length: 20 }, (_, at) => Buffer.alloc(100_000, 0x61 + at));
    pieces.forEach((piece) => reader.push(piece));
    const all = Buffer.concat(pieces);
    const { head, droppedBytes, tail } = reader.readAll();
    assert.deepEqual(
      [head.length, droppedBytes, tail.length],
      [mebibyte / 4, 2_000_000 - mebibyte, (mebibyte * 3) / 4],
    );
    assert.ok(all.subarray(0, head.length).equals(head) && all.subarray(-tail.length).equals(tail));
  });

  it('begins anew once it has been read', () => {
    const reader = new Reader(1000);
    reader.push(Buffer.alloc(5000, 'a'));
    assert.equal(reader.readAll().droppedBytes, 4000);
    reader.push(Buffer.from('more'));
    const { head, droppedBytes } = reader.readAll();
    assert.deepEqual([decodeUtf8(head), droppedBytes, reader.unread.pendingBytes], ['more', 0, 0]);
    assert.equal(reader.unread.droppedBytes, 4000);
  });

  it('cuts no character in two, whichever byte the edges fall on', () => {
    for (const character of ['ä', '日', '🙂']) {
      for (let shift = 0; shift < 4; shift++) {
        const reader = new Reader(1000);
        const bytes = Buffer.from('x'.repeat(shift) + character.repeat(2000));
        reader.push(bytes);
        const found = reader.readAll(true);
        assert.match(textOf(found), new RegExp(`^x{${shift}}(${character})+$`, 'u'));
        assert.equal(found.head.length + found.droppedBytes + found.tail.length, bytes.length);
        assert.ok(sizeOf(found) <= 1000 && sizeOf(found) > 1000 - 8);
      }
    }
  });

  it('stays within its cap when what came is no text', () => {
    const reader = new Reader(3000);
    reader.push(Buffer.alloc(2500, 0xff));
    const found = reader.readAll(true);
    assert.ok(sizeOf(found) <= 3000 && sizeOf(found) > 2990);
    assert.equal(found.head.length + found.droppedBytes + found.tail.length, 2500);
  });

  it('keeps a character back until its rest has come, and gives it as it is once nothing more comes', () => {
    const reader = new Reader(1000);
    const face = Buffer.from('🙂');
    reader.push(Buffer.concat([Buffer.from('a'), face.subarray(0, 2)]));
    assert.equal(textOf(reader.readAll()), 'a');
    assert.equal(textOf(reader.readAll()), '');
    reader.push(face.subarray(2));
    assert.equal(textOf(reader.readAll()), '🙂');
    reader.push(face.subarray(0, 3));
    assert.equal(textOf(reader.readAll(true)), '\uFFFD');
  });

  it('may be read in parts: what is not read waits, and so does the mark', () => {
    const reader = new Reader(4000);
    reader.push(Buffer.alloc(1500, 'a'));
    reader.unread.advance(reader.unread.peek(false), 500);
    reader.push(Buffer.alloc(3000, 'b'));
    assert.equal(textOf(reader.unread.peek(false)), 'a'.repeat(1000) + 'b'.repeat(3000));
    reader.push(Buffer.alloc(10_000, 'c'));
    const before = reader.unread.peek(false);
    assert.equal(before.droppedBytes, 10_000);
    reader.unread.advance(before, before.from + 400);
    const after = reader.unread.peek(false);
    assert.deepEqual([after.head.length, after.droppedBytes, after.tail.length], [600, 10_000, 3000]);
    reader.unread.advance(after, after.to - 100);
    const last = reader.readAll();
    assert.deepEqual([last.droppedBytes, textOf(last)], [0, 'c'.repeat(100)]);
    assert.equal(reader.unread.droppedBytes, 10_000);
  });

  it('survives that the log lets go of its bytes', () => {
    for (const [length, dropped] of [
      [900, 0],
      [5000, 4000],
    ] as const) {
      const reader = new Reader(1000);
      reader.push(Buffer.alloc(length, 'z'));
      reader.unread.detach();
      reader.log.release();
      const first = reader.unread.peek(true);
      reader.unread.advance(first, first.from + 100);
      const rest = reader.readAll(true);
      assert.deepEqual([rest.droppedBytes, textOf(rest)], [dropped, 'z'.repeat(Math.min(length, 1000) - 100)]);
      assert.equal(reader.readAll(true).head.length, 0);
    }
  });

  it('loses and repeats nothing that it does not count, for random output and random reading', () => {
    const character = fc.constantFrom('a', '\n', 'ä', '日', '🙂');
    const piece = fc
      .tuple(fc.array(character, { maxLength: 40 }), fc.integer({ min: 0, max: 3 }))
      .map(([characters, cut]) => Buffer.from(characters.join('')).subarray(cut));
    const step = fc.oneof(
      { weight: 4, arbitrary: piece },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 300 }), fc.array(step, { maxLength: 40 }), (cap, steps) => {
        const reader = new Reader(cap, 4 * cap);
        const came: Buffer[] = [];
        let read = 0;
        const take = (share: number, isFinal: boolean): void => {
          const found = reader.unread.peek(isFinal);
          const stream = Buffer.concat(came);
          assert.equal(found.from, read);
          assert.ok(sizeOf(found) <= cap);
          assert.ok(stream.subarray(found.from).subarray(0, found.head.length).equals(found.head));
          assert.ok(
            stream
              .subarray(0, found.to)
              .subarray(found.to - found.tail.length)
              .equals(found.tail),
          );
          assert.equal(found.head.length + found.droppedBytes + found.tail.length, found.to - found.from);
          const to = share === 1 ? found.to : found.from + Math.floor(found.head.length * share);
          reader.unread.advance(found, to);
          read = to;
        };
        for (const next of steps) {
          if (typeof next === 'number') {
            take(next > 0.5 ? 1 : next, false);
          } else {
            reader.push(next);
            came.push(next);
          }
        }
        take(1, true);
        assert.equal(reader.unread.pendingBytes, 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no more memory than its cap and the log, rounded up to pages', () => {
    const reader = new Reader(mebibyte);
    const piece = new Uint8Array(65_536);
    for (let at = 0; at < 1000; at++) {
      reader.push(piece);
    }
    assert.equal(reader.unread.allocatedBytes, mebibyte / 4);
    assert.equal(reader.log.allocatedBytes, 10 * mebibyte);
  });
});
