import assert from 'node:assert/strict';
import { recoverySentence } from '../../../src/platform/recoverySentence.ts';

describe('What the person is told of survivors', () => {
  const named = (...names: string[]) => names.map((name, index) => ({ pid: index + 2, startTime: '1', name }));

  it('is one sentence, or nothing', () => {
    assert.equal(recoverySentence([], []), undefined);
    assert.equal(
      recoverySentence(named('claude'), []),
      'A process of an earlier window was still running; it was ended: claude.',
    );
    assert.equal(
      recoverySentence(named('claude', 'sleep', 'sleep'), []),
      '3 processes of an earlier window were still running; they were ended: claude, sleep.',
    );
    assert.equal(
      recoverySentence(named('a', 'b', 'c', 'd', 'e', 'f', 'g'), []),
      '7 processes of an earlier window were still running; they were ended: a, b, c, d, e and 2 more.',
    );
  });

  it('does not call ended what was not', () => {
    assert.equal(
      recoverySentence(named('claude', 'stuck'), [3]),
      'A process of an earlier window was still running; it was ended: claude. Processes of an earlier window could not be ended: 3.',
    );
  });
});
