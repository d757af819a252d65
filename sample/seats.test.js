import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seats } from './seats.js';

test('a row of three seats has three labels', () => {
  assert.deepEqual(seats('A', 3), ['A1', 'A2', 'A3']);
});
