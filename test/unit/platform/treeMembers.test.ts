import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProcessEntry } from '../../../src/platform/processEntry.ts';
import {
  bystandersOf,
  identityOf,
  treeMembers,
  type TreeRoot,
  type TreeSearch,
} from '../../../src/platform/treeMembers.ts';

function entry(pid: number, values: Partial<ProcessEntry> = {}): ProcessEntry {
  return {
    pid,
    parent: 1,
    group: pid,
    session: pid,
    zombie: false,
    startTime: String(1000 + pid),
    name: `n${pid}`,
    ...values,
  };
}

const root: TreeRoot = { pid: 10, startTime: '1010', mark: 'host.entry', isOwnChild: false };

function members(table: readonly ProcessEntry[], search: Partial<TreeSearch> = {}): readonly number[] {
  const none = { roots: [root], marks: new Map(), known: new Set<string>(), bystanders: new Set<number>() };
  return treeMembers(table, { ...none, ...search }).map(({ pid }) => pid);
}

/** Few pids, so that parents, groups and leaders meet often. */
const table = fc.uniqueArray(
  fc.record({
    pid: fc.integer({ min: 0, max: 24 }),
    parent: fc.integer({ min: 0, max: 24 }),
    group: fc.integer({ min: 0, max: 24 }),
    session: fc.integer({ min: 0, max: 24 }),
    zombie: fc.boolean(),
    startTime: fc.integer({ min: 1, max: 3 }).map(String),
    name: fc.constant('n'),
  }),
  { selector: ({ pid }) => pid, maxLength: 20 },
);
const marks = fc.dictionary(fc.integer({ min: 0, max: 24 }).map(String), fc.constantFrom('h.a', 'h.b', 'x.a'));
const search = fc.record({
  roots: fc.array(
    fc.record({
      pid: fc.option(fc.integer({ min: -1, max: 24 }), { nil: undefined }),
      startTime: fc.option(fc.integer({ min: 1, max: 3 }).map(String), { nil: undefined }),
      mark: fc.constantFrom('h.a', 'h.b', 'h.'),
      isOwnChild: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  marks: marks.map((found) => new Map(Object.entries(found).map(([pid, mark]) => [Number(pid), mark]))),
  known: fc.uniqueArray(fc.integer({ min: 0, max: 24 }).map((pid) => `${pid}:2`)).map((found) => new Set(found)),
  bystanders: fc.uniqueArray(fc.integer({ min: 0, max: 24 })).map((found) => new Set(found)),
});

describe('The members of a tree', () => {
  it('are the leader, its session and group, and their descendants', () => {
    const all = [
      entry(10),
      entry(11, { parent: 10, group: 10, session: 10 }),
      entry(12, { session: 10 }),
      entry(13, { parent: 12 }),
      entry(14),
    ];
    assert.deepEqual(members(all), [10, 11, 12, 13]);
  });

  it('are whoever carries the mark, or any mark of the host where that is asked for', () => {
    const all = [entry(20), entry(21), entry(22), entry(23, { zombie: true })];
    const carried = new Map([
      [20, 'host.entry'],
      [21, 'host.other'],
      [22, 'hostess.entry'],
      [23, 'host.entry'],
    ]);
    assert.deepEqual(members(all, { marks: carried }), [20]);
    assert.deepEqual(members(all, { marks: carried, roots: [{ ...root, mark: 'host.' }] }), [20, 21]);
  });

  it('are nobody of a pid that was given to another process', () => {
    const all = [entry(10, { startTime: '9999' }), entry(11, { group: 10, session: 10 }), entry(12, { parent: 10 })];
    assert.deepEqual(members(all), []);
    assert.deepEqual(members(all, { roots: [{ ...root, startTime: undefined, isOwnChild: true }] }), []);
  });

  it('are a group without its leader only if the group is surely ours', () => {
    const all = [entry(11, { group: 10, session: 10 }), entry(12, { group: 10, session: 10 })];
    assert.deepEqual(members(all), []);
    assert.deepEqual(members(all, { roots: [{ ...root, isOwnChild: true }] }), [11, 12]);
    assert.deepEqual(members(all, { marks: new Map([[12, 'host.entry']]) }), [11, 12]);
  });

  it('stay members when they have left everything by which they were found', () => {
    const gone = entry(30);
    assert.deepEqual(members([gone], { known: new Set([identityOf(gone)]) }), [30]);
    assert.deepEqual(members([{ ...gone, startTime: '1' }], { known: new Set([identityOf(gone)]) }), []);
  });

  it('are never init, a bystander, a zombie or somebody without a reason', () => {
    fc.assert(
      fc.property(table, search, (all, wanted) => {
        const found = treeMembers(all, wanted);
        const pids = new Set(found.map(({ pid }) => pid));
        const leaders = new Map(all.map((item) => [item.pid, item]));
        for (const item of found) {
          assert.ok(item.pid > 1 && !item.zombie && !wanted.bystanders.has(item.pid));
          const mark = wanted.marks.get(item.pid);
          const isMarked = wanted.roots.some(
            (one) => mark === one.mark || (one.mark === 'h.' && mark?.startsWith('h.')),
          );
          const isInGroup = wanted.roots.some(({ pid, startTime, isOwnChild, mark: own }) => {
            if (pid === undefined || pid <= 1 || ![item.pid, item.group, item.session].includes(pid)) {
              return false;
            }
            const leader = leaders.get(pid);
            const isVouchedFor = all.some(
              (other) =>
                [other.group, other.session].includes(pid) &&
                (wanted.marks.get(other.pid) === own ||
                  (own === 'h.' && wanted.marks.get(other.pid)?.startsWith('h.'))),
            );
            return leader === undefined ? isOwnChild || isVouchedFor : leader.startTime === startTime;
          });
          const hasParent = pids.has(item.parent) || leaders.get(item.parent)?.zombie === true;
          assert.ok(isMarked || isInGroup || hasParent || wanted.known.has(identityOf(item)), `${item.pid}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are all that carry the mark, and all children of members', () => {
    fc.assert(
      fc.property(table, search, (all, wanted) => {
        const found = new Set(treeMembers(all, wanted).map(({ pid }) => pid));
        for (const item of all) {
          const isCandidate = item.pid > 1 && !item.zombie && !wanted.bystanders.has(item.pid);
          const isMarked = wanted.roots.some(({ mark }) => mark === wanted.marks.get(item.pid));
          if (isCandidate && (isMarked || found.has(item.parent))) {
            assert.ok(found.has(item.pid));
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('Bystanders', () => {
  it('are this process, those above it, and what its parent has started beside it', () => {
    const all = [
      entry(1, { parent: 0 }),
      entry(40, { parent: 1, session: 7 }),
      entry(50, { parent: 40, session: 7 }),
      // Another window, with a terminal of its own.
      entry(60, { parent: 40, session: 7 }),
      entry(61, { parent: 60, session: 61 }),
      // An orphan of ours, adopted by our parent.
      entry(62, { parent: 40, session: 62 }),
      // Our own.
      entry(51, { parent: 50, session: 51 }),
    ];
    assert.deepEqual(
      [...bystandersOf(all, 50, 40)].sort((a, b) => a - b),
      [1, 40, 50, 60, 61],
    );
  });

  it('are not the orphans of everybody where the parent is init', () => {
    const all = [entry(1, { parent: 0 }), entry(50, { session: 1 }), entry(60, { session: 1 })];
    assert.deepEqual([...bystandersOf(all, 50, 1)], [50, 1]);
  });

  it('are found also in a table that is no tree', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 24 }), (all, self, parent) => {
        assert.ok(bystandersOf(all, self, parent).has(self));
      }),
    );
  });
});
