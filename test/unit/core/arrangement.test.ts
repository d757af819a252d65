import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addToBackground, bringToFront, type Places, removeFrom } from '../../../src/core/arrangement.ts';

const places = (foreground: string | undefined, ...background: string[]): Places => ({ foreground, background });

describe('the places of sessions', () => {
  it('give the old foreground the last slot when another takes the stage', () => {
    assert.deepEqual(bringToFront(places('a', 'b'), 'new', false, 16), { next: places('new', 'b', 'a') });
    assert.deepEqual(bringToFront(places('a', 'b', 'c'), 'b', false, 16), { next: places('b', 'c', 'a') });
    assert.deepEqual(bringToFront(places(undefined, 'b'), 'b', true, 16), { next: places('b') });
    assert.deepEqual(bringToFront(places('a'), 'a', false, 0), { next: places('a') });
  });

  it('discard an empty foreground', () => {
    assert.deepEqual(bringToFront(places('a', 'b'), 'b', true, 16), { next: places('b'), discarded: 'a' });
  });

  it('refuse a move that needs a slot when all are full, but not a swap', () => {
    assert.throws(() => bringToFront(places('a', 'b', 'c'), 'new', false, 2), { code: 'slotLimit', data: { max: 2 } });
    assert.throws(() => addToBackground(places('a', 'b', 'c'), 'new', 2), {
      code: 'slotLimit',
      message: 'background slot limit reached (2)',
    });
    assert.deepEqual(bringToFront(places('a', 'b', 'c'), 'b', false, 2), { next: places('b', 'c', 'a') });
    assert.deepEqual(bringToFront(places('a', 'b', 'c'), 'b', false, 1), { next: places('b', 'c', 'a') });
  });

  it('renumber the later slots when one is taken away', () => {
    assert.deepEqual(removeFrom(places('a', 'b', 'c', 'd'), 'c'), places('a', 'b', 'd'));
    assert.deepEqual(removeFrom(places('a', 'b'), 'a'), places(undefined, 'b'));
  });

  it('never lose or double a session, whatever moves are made', () => {
    const move = fc.tuple(
      fc.constantFrom('bring', 'add', 'remove'),
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.integer({ min: 0, max: 4 }), (moves, max) => {
        let now = places(undefined);
        const known = new Set<string>();
        for (const [kind, id, isEmpty] of moves) {
          const before = JSON.stringify(now);
          try {
            if (kind === 'bring') {
              const { next, discarded } = bringToFront(now, id, isEmpty, max);
              now = next;
              known.add(id);
              if (discarded !== undefined) {
                known.delete(discarded);
              }
            } else if (kind === 'add' && !known.has(id)) {
              now = addToBackground(now, id, max);
              known.add(id);
            } else if (kind === 'remove') {
              now = removeFrom(now, id);
              known.delete(id);
            }
          } catch {
            assert.equal(JSON.stringify(now), before);
          }
          const all = [...(now.foreground === undefined ? [] : [now.foreground]), ...now.background];
          assert.deepEqual([...all].sort(), [...known].sort());
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
