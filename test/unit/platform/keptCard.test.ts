import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeCard,
  decodeState,
  encodeCard,
  encodeState,
  type KeptCard,
  type KeptState,
  maxCardBytes,
} from '../../../src/platform/keptCard.ts';
import { frameLine } from '../../../src/platform/recordFrame.ts';

const now = 1_700_000_000_000;
const card: KeptCard = {
  id: '0123456789abcdef'.repeat(2),
  sessionId: '11111111-2222-4333-8444-555555555555',
  ledger: '0123456789abcdef',
  entry: 'aaaaaaaaaaaa',
  command: 'npm run dev',
  cwd: '/work/project',
  startedAt: now - 1000,
  timeoutSeconds: 60,
};
const decode = (bytes: Buffer): KeptCard | undefined => decodeCard(bytes, card.id, now);

describe('The card of a shell that could be taken back', () => {
  it('is read as it was written', () => {
    assert.deepEqual(decode(encodeCard(card)), card);
    assert.deepEqual(decode(encodeCard({ ...card, timeoutSeconds: undefined })), {
      ...card,
      timeoutSeconds: undefined,
    });
  });

  it('is no larger than is read, whatever the command is', () => {
    const bytes = encodeCard({ ...card, command: '\u0000日'.repeat(100_000) });
    assert.ok(bytes.length <= maxCardBytes);
    assert.equal(decode(bytes)?.command.length, 8_000);
  });

  it('is none if anything in it is not what it has to be', () => {
    const wrong: readonly Record<string, unknown>[] = [
      { format: 2 },
      { id: 'f'.repeat(32) },
      { id: '../../etc' },
      { sessionId: '../x' },
      { sessionId: undefined },
      { ledger: '0123' },
      { ledger: 'kept-0123456789a' },
      { entry: 'AAAAAAAAAAAA' },
      { entry: 7 },
      { command: '' },
      { command: ['rm'] },
      { cwd: 'relative' },
      { cwd: undefined },
      { startedAt: -1 },
      { startedAt: '1' },
      { startedAt: now + 2 * 24 * 3600 * 1000 },
      { timeoutSeconds: 0 },
      { timeoutSeconds: 'never' },
    ];
    for (const change of wrong) {
      const bytes = frameLine(JSON.stringify({ format: 1, ...card, ...change }));
      assert.equal(decode(bytes), undefined, JSON.stringify(change));
    }
    assert.deepEqual(decode(frameLine(JSON.stringify({ format: 1, ...card, more: 'ignored' }))), card);
  });

  it('is none if a byte of it has changed, and nothing throws, whatever the bytes are', () => {
    const whole = encodeCard(card);
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 2 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        assert.equal(decode(bytes), undefined);
        assert.equal(decode(whole.subarray(0, at)), undefined);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decode(Buffer.from(bytes)) === undefined));
  });
});

describe('What changes of such a shell', () => {
  it('is read as it was written, and is nothing if it was not', () => {
    const state = fc
      .record({
        seen: fc.maxSafeNat(),
        readTo: fc.maxSafeNat(),
        isListed: fc.boolean(),
        isEnding: fc.boolean(),
      })
      .map((one): KeptState => ({ ...one, readTo: Math.min(one.readTo, one.seen) }));
    fc.assert(
      fc.property(state, fc.nat({ max: 31 }), fc.integer({ min: 1, max: 255 }), (one, at, flip) => {
        const bytes = encodeState(one);
        assert.deepEqual(decodeState(bytes), one);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        assert.equal(decodeState(bytes), undefined);
        assert.equal(decodeState(bytes.subarray(0, at)), undefined);
      }),
    );
    assert.equal(decodeState(encodeState({ seen: 1, readTo: 2, isListed: true, isEnding: false })), undefined);
  });
});
