import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyChange, applyHunks, hunksBetween, proposeEdit } from '../../../src/core/proposedEdit.ts';

const replace = (oldText: string, newText: string, all = false) => ({
  path: 'a',
  replacements: [{ oldText, newText, all }],
});

describe('a proposed edit', () => {
  it('replaces the first or every occurrence, literally', () => {
    assert.equal(applyChange('a a a', replace('a', '$&')), '$& a a');
    assert.equal(applyChange('a a a', replace('a', 'b', true)), 'b b b');
    assert.equal(applyChange('old', { path: 'a', content: 'new' }), 'new');
  });

  it('does not fit a text that lacks what it replaces', () => {
    assert.equal(applyChange('x', replace('y', 'z')), undefined);
    assert.equal(applyChange('x', replace('', 'z')), undefined);
    assert.equal(applyChange('', replace('', 'z')), 'z');
    assert.equal(proposeEdit('a', 'x', replace('y', 'z')), undefined);
  });

  it('shows a new file as added lines', () => {
    assert.deepEqual(proposeEdit('/w/a', undefined, { path: 'a', content: 'one\ntwo\n' }), {
      path: '/w/a',
      hunks: [{ oldStart: 1, newStart: 1, lines: ['+one', '+two'] }],
    });
  });

  it('is not computed for texts that are too large to compare at once', () => {
    assert.equal(hunksBetween('x'.repeat(300_000), 'y'.repeat(300_000)), undefined);
  });

  it('leads from the text before to the text after by its hunks, for random texts', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '  x'), { maxLength: 30 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const hunks = hunksBetween(before, after);
        assert.ok(hunks);
        assert.equal(applyHunks(before, hunks), after);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says when hunks do not fit', () => {
    assert.equal(applyHunks('a\nb\n', [{ oldStart: 1, newStart: 1, lines: ['-x', '+y'] }]), undefined);
  });
});
