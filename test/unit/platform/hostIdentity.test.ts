import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  hostFileName,
  type HostIdentity,
  hostState,
  ownHost,
  ownPlace,
  parseHostFileName,
} from '../../../src/platform/hostIdentity.ts';

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const host: fc.Arbitrary<HostIdentity> = fc.record({
  place: fc.record({ machine: hex(8), boot: hex(8), namespace: hex(8) }),
  pid: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  startTime: fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String),
  id: hex(16),
});

describe('A host', () => {
  it('is told by the name of its file, and by nothing else', () => {
    fc.assert(fc.property(host, (one) => assert.deepEqual(parseHostFileName(hostFileName(one)), structuredClone(one))));
    fc.assert(fc.property(fc.string(), (name) => assert.equal(parseHostFileName(name), undefined)));
    assert.equal(parseHostFileName('aaaaaaaa.aaaaaaaa.aaaaaaaa.0.1.0123456789abcdef.jsonl'), undefined);
  });

  it('is never the same twice', () => {
    assert.notEqual(ownHost().id, ownHost().id);
    assert.deepEqual(ownHost().place, ownPlace());
  });

  it('lives while the process of its pid is the one that started when it did', () => {
    const here = { machine: 'aaaaaaaa', boot: 'bbbbbbbb', namespace: 'cccccccc' };
    const one: HostIdentity = { place: here, pid: 7, startTime: '100', id: '0123456789abcdef' };
    const unknown = { ...one, startTime: '0' };
    const state = (judged: HostIdentity, startTime: string | undefined, silentMs = 0) =>
      hostState(judged, here, { startTime, silentMs });
    const elsewhere = (change: object): HostIdentity => ({ ...one, place: { ...here, ...change } });
    assert.deepEqual(
      {
        same: state(one, '100', 10 ** 9),
        reused: state(one, '101'),
        gone: state(one, undefined),
        beating: state(unknown, '100', 59_000),
        silent: state(unknown, '100', 61_000),
        goneWithoutStartTime: state(unknown, undefined),
        machine: state(elsewhere({ machine: 'x' }), undefined),
        boot: state(elsewhere({ boot: 'x' }), '100'),
        namespace: state(elsewhere({ namespace: 'x' }), undefined),
      },
      {
        same: 'alive',
        reused: 'dead',
        gone: 'dead',
        beating: 'alive',
        silent: 'dead',
        goneWithoutStartTime: 'dead',
        machine: 'elsewhere',
        boot: 'otherBoot',
        namespace: 'elsewhere',
      },
    );
  });
});
