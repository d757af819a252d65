import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readStoredOutput } from '../../../../src/core/shells/readStoredOutput.ts';
import { ShellStage } from '../../../support/fakeShells.ts';

describe('the stored output of a shell', () => {
  it('is read at an offset of its own, without moving what the model has read', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.say('one\ntwo\n');
    const first = await readStoredOutput(shell, 0, 4);
    assert.deepEqual([first?.from, Buffer.from(first?.bytes ?? []).toString()], [0, 'one\n']);
    const second = await readStoredOutput(shell, 4, 100);
    assert.deepEqual([second?.from, Buffer.from(second?.bytes ?? []).toString()], [4, 'two\n']);
    assert.equal(await readStoredOutput(shell, 8, 100), undefined);
    assert.equal(shell.unread.droppedBytes, 0);
  });

  it('gives every byte that is kept, in order and once, and says where some are missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 700 }), { maxLength: 30 }),
        fc.integer({ min: 64, max: 2_000 }),
        fc.integer({ min: 1, max: 300 }),
        async (pieces, logLimitBytes, pieceBytes) => {
          const stage = new ShellStage();
          stage.limits = { ...stage.limits, logLimitBytes, unreadLimitBytes: 64 };
          const { shell, process } = await stage.start();
          for (const piece of pieces) {
            process.say(piece);
          }
          const all = Buffer.concat(pieces);
          let offset = 0;
          const readOn = async (): Promise<void> => {
            for (;;) {
              const read = await readStoredOutput(shell, offset, pieceBytes);
              if (read === undefined) {
                return;
              }
              assert.ok(read.from >= offset && read.bytes.length > 0 && read.bytes.length <= pieceBytes);
              assert.deepEqual(Buffer.from(read.bytes), all.subarray(read.from, read.from + read.bytes.length));
              offset = read.from + read.bytes.length;
            }
          };
          await readOn();
          // A character that is not complete waits for its rest, or for the end.
          assert.ok(all.length - offset <= 3);
          process.exit(0);
          await readOn();
          assert.equal(offset, all.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
