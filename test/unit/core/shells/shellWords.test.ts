import assert from 'node:assert/strict';
import {
  commandLabel,
  durationInWords,
  lastLineText,
  shellStatusText,
  tasksList,
} from '../../../../src/core/shells/shellWords.ts';
import { ShellStage } from '../../../support/fakeShells.ts';

describe('a shell in words', () => {
  it('says how long it took in its two largest units', () => {
    assert.deepEqual([0, 999, 59_999, 60_000, 125_000, 3_599_999, 3_600_000, 90_061_000].map(durationInWords), [
      '0s',
      '0s',
      '59s',
      '1m 0s',
      '2m 5s',
      '59m 59s',
      '1h 0m',
      '25h 1m',
    ]);
  });

  it('says how it is or how it ended', () => {
    assert.deepEqual(
      [
        { status: 'running' as const },
        { status: 'leftRunning' as const, exitCode: 0 },
        { status: 'exited' as const, exitCode: 0 },
        { status: 'exited' as const, exitCode: 2 },
        { status: 'killed' as const, exitCode: 143 },
        { status: 'failed' as const },
        { status: 'failed' as const, reason: 'failed to spawn: no\u202Esuch' },
      ].map(shellStatusText),
      [
        'running',
        'left running',
        'exited',
        'exited with 2',
        'killed',
        'failed',
        'failed: failed to spawn: no\\u{202E}such',
      ],
    );
  });

  it('shows a command in one short line that hides nothing', () => {
    assert.equal(commandLabel('npm  run\n\tdev '), 'npm run dev');
    assert.equal(commandLabel('echo \u202Ehi'), 'echo \\u{202E}hi');
    assert.equal(commandLabel('x'.repeat(100)).length, 60);
    assert.equal(commandLabel('npm run dev -- --port 3000', 12), 'npm run dev…');
  });

  it('shows the last line without escape codes', () => {
    assert.equal(lastLineText({ lastLine: '\u001B[32mready\u001B[0m' }), 'ready');
    assert.equal(lastLineText({ lastLine: '\u001B[2K' }), undefined);
    assert.equal(lastLineText({}), undefined);
  });

  it('lists the running ones first, then the newest', async () => {
    const stage = new ShellStage();
    assert.deepEqual(
      tasksList(stage.registry.list(), () => 'a'),
      { text: 'No background shells.' },
    );
    const first = await stage.start({ command: 'first' });
    await stage.start({ command: 'second' });
    await stage.start({ command: 'third', sessionId: 't' });
    first.process.exit(1);
    const { text, table } = tasksList(stage.registry.list(), (id) => `session ${id}`);
    assert.equal(text, '3 background shells');
    assert.deepEqual(
      table?.rows.map((row) => row.slice(1)),
      [
        ['running', '0s', 'session s', 'second'],
        ['running', '0s', 'session t', 'third'],
        ['exited with 1', '0s', 'session s', 'first'],
      ],
    );
  });
});
