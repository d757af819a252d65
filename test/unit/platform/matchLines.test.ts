import assert from 'node:assert/strict';
import { matchLines } from '../../../src/platform/matchLines.ts';

describe('a filter for lines', () => {
  it('tells of each line whether it matches', () => {
    assert.deepEqual(matchLines('err(or)?|warn\\b', ['an error', 'warning', 'a warn', '']), {
      isMatch: [true, false, true, false],
    });
  });

  it('says what is wrong with a pattern that is none', () => {
    const result = matchLines('(', ['x']);
    assert.ok('problem' in result && /Invalid regular expression/.test(result.problem));
  });

  it('interrupts a pattern that takes too long', () => {
    const started = performance.now();
    const result = matchLines('^(a+)+$', [`${'a'.repeat(60)}!`]);
    assert.ok('problem' in result && /timed out/.test(result.problem), JSON.stringify(result));
    assert.ok(performance.now() - started < 5_000);
  });
});
