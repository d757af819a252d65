import assert from 'node:assert/strict';
import { readLog } from '../../../../src/core/shells/readLog.ts';
import { settle, ShellStage } from '../../../support/fakeShells.ts';

describe('looking at what a shell has said', () => {
  it('goes on from an offset of its own, and does not move the cursor of the model', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.say('one\n');
    const first = await readLog(shell);
    assert.deepEqual(first, { text: 'one\n', pieces: [{ text: 'one\n', isError: false }], nextOffset: 4, dropped: 0 });
    assert.deepEqual(await readLog(shell, 4), { text: '', pieces: [], nextOffset: 4, dropped: 0 });
    process.say('tw');
    process.say('oops\n', true);
    process.say('o\n');
    assert.deepEqual(await readLog(shell, first.nextOffset), {
      text: 'twoops\no\n',
      pieces: [
        { text: 'tw', isError: false },
        { text: 'oops\n', isError: true },
        { text: 'o\n', isError: false },
      ],
      nextOffset: 13,
      dropped: 0,
    });
    assert.equal(shell.unread.pendingBytes, 13);
  });

  it('takes any offset', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.say('12345');
    for (const [offset, text] of [
      [-7, '12345'],
      [Number.NaN, '12345'],
      [2.9, '345'],
      [99, ''],
    ] as const) {
      assert.equal((await readLog(shell, offset)).text, text);
    }
  });

  it('gives whole characters, also where two streams cut into each other', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    const [a, b] = [Buffer.from('ä'), Buffer.from('日')];
    process.say(a.subarray(0, 1));
    process.say(b.subarray(0, 2), true);
    process.say(a.subarray(1));
    process.say(b.subarray(2), true);
    process.say(a.subarray(0, 1));
    const first = await readLog(shell);
    assert.equal(first.text, 'ä日');
    process.exit(0);
    assert.equal((await readLog(shell, first.nextOffset)).text, '\uFFFD');
  });

  it('says what is kept no more, from memory and from the disk alike', async () => {
    const stage = new ShellStage();
    stage.limits = { ...stage.limits, unreadLimitBytes: 4096, logLimitBytes: 400_000 };
    const { shell, process } = await stage.start();
    for (let at = 0; at < 100; at++) {
      process.say(`${String(at).padStart(4, '0')}`.repeat(2500));
    }
    const readAll = async (): Promise<readonly (readonly [number, number])[]> => {
      const found: (readonly [number, number])[] = [];
      for (let offset = 0; offset < shell.output.end;) {
        const { text, nextOffset, dropped } = await readLog(shell, offset);
        assert.equal(offset + dropped + Buffer.byteLength(text), nextOffset);
        found.push([dropped, text.length]);
        offset = nextOffset;
      }
      return found;
    };
    const sum = (parts: readonly (readonly [number, number])[], at: 0 | 1): number =>
      parts.reduce((total, part) => total + part[at], 0);
    const inMemory = await readAll();
    assert.deepEqual([sum(inMemory, 0), sum(inMemory, 1)], [600_000, 400_000]);
    process.exit(0);
    await shell.store();
    assert.equal(shell.output.allocatedBytes, 0);
    const stored = await readAll();
    assert.deepEqual([sum(stored, 0), sum(stored, 1)], [600_000, 400_000]);
  });

  it('finds nothing of what was neither kept nor stored', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.say('text');
    process.exit(0);
    await shell.store();
    await settle();
    stage.logs.of(shell).writes.length = 0;
    assert.deepEqual(await readLog(shell), { text: '', pieces: [], nextOffset: 4, dropped: 4 });
  });
});
