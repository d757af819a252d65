import assert from 'node:assert/strict';
import fc from 'fast-check';
import { piecesOf } from '../../../../src/runtimes/demo/pacing.ts';

describe('the pace of the demo', () => {
  it('loses nothing of a text, cuts no character in two, and keeps pieces short', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.lorem(),
      fc.constant('一段没有空格的中文文字，需要分成几块来显示。'),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('normal' as const, 'fast' as const, 'argument' as const), (words, pace) => {
        const pieces = piecesOf(words, pace);
        assert.equal(pieces.map((piece) => piece.text).join(''), words);
        for (const piece of pieces) {
          assert.ok(piece.pauseMs > 0 && piece.pauseMs < 500);
          assert.ok([...piece.text.trim()].length <= 12);
          if (words.isWellFormed()) assert.ok(piece.text.isWellFormed());
        }
      }),
    );
  });

  it('pauses longer where a sentence or a paragraph ends', () => {
    const pauses = piecesOf('one two. three\n\nfour', 'normal').map(({ text, pauseMs }) => [text, pauseMs]);
    assert.deepEqual(pauses, [
      ['one ', 45],
      ['two. ', 165],
      ['three\n\n', 265],
      ['four', 45],
    ]);
  });
});
