import assert from 'node:assert/strict';
import { ageInWords } from '../../../src/core/age.ts';

describe('an age in words', () => {
  it('is the largest whole unit, and now for the last minute and the future', () => {
    const now = 1_000_000_000;
    const ages = [0, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999, 86_400_000, 200_000_000, -5_000].map((age) =>
      ageInWords(now - age, now),
    );
    assert.deepEqual(ages, ['now', 'now', '1m', '59m', '1h', '23h', '1d', '2d', 'now']);
  });
});
