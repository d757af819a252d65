import assert from 'node:assert/strict';
import { isActive, statusLabel } from '../../../../src/core/shells/shellStatus.ts';
import { gate, settle, ShellStage } from '../../../support/fakeShells.ts';

describe('a shell', () => {
  it('has a label for each of its states', () => {
    assert.deepEqual(
      [
        statusLabel({ kind: 'running' }),
        statusLabel({ kind: 'leftRunning', code: 0, pids: [7] }),
        statusLabel({ kind: 'exited', code: 3 }),
        statusLabel({ kind: 'killed', code: 143 }),
        statusLabel({ kind: 'failed', reason: 'failed to spawn: ENOENT' }),
      ],
      ['running', 'left running', 'exited(3)', 'killed', 'failed: failed to spawn: ENOENT'],
    );
  });

  it('shows what it is, how long it runs by a clock that never jumps, and its last line', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start({ command: 'make', cwd: '/p', tty: true });
    process.say('one\ntwo');
    process.say('\r\u001B[31mthree', true);
    stage.clock.advance(1234.6);
    const info = {
      id: shell.id,
      sessionId: 's',
      command: 'make',
      status: 'running',
      cwd: '/p',
      tty: true,
      startedAt: 1_700_000_000_000,
      lastLine: 'three',
      elapsedMs: 1234,
      bytesSeen: 18,
      bytesDropped: 0,
      pid: 1000,
    };
    assert.deepEqual(shell.info, info);
    process.exit(2);
    await shell.store();
    stage.clock.advance(5000);
    assert.deepEqual(shell.info, { ...info, status: 'exited', exitCode: 2 });
  });

  it('keeps its first final status: a kill after the end, and an end after a kill, change nothing', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.exit(0);
    assert.deepEqual(await shell.kill(), { kind: 'notRunning' });
    assert.deepEqual([shell.status, process.kills], [{ kind: 'exited', code: 0 }, 0]);

    const second = await stage.start();
    await second.shell.kill();
    second.process.exit(0);
    assert.deepEqual(second.shell.status, { kind: 'killed', code: 143 });
  });

  it('keeps the exit code of a natural end that a kill races', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    const killing = gate();
    process.holdKill = killing.opened;
    const outcome = shell.kill();
    await settle();
    process.exit(0);
    killing.open();
    assert.deepEqual(await outcome, { kind: 'ended', status: { kind: 'exited', code: 0 } });
  });

  it('has 128 and the signal as its code when it was killed, whatever it made of the signal', async () => {
    const stage = new ShellStage();
    for (const [own, code] of [
      [0, 143],
      [5, 143],
      [143, 143],
      [137, 137],
    ] as const) {
      const { shell, process } = await stage.start();
      process.codeWhenKilled = own;
      await shell.kill();
      assert.deepEqual(shell.status, { kind: 'killed', code });
    }
  });

  it('is left running while something it has started lives, with its code fixed', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.exit(0, [41, 42]);
    assert.deepEqual(shell.status, { kind: 'leftRunning', code: 0, pids: [41, 42] });
    assert.ok(isActive(shell.status));
    assert.deepEqual([shell.info.status, shell.info.exitCode, shell.info.reason], ['leftRunning', 0, 'pids: 41, 42']);
    process.say('still here\n');
    process.end();
    assert.deepEqual(shell.status, { kind: 'exited', code: 0 });
    assert.equal(shell.output.end, 11);
  });

  it('is killed when what it has left running is killed, and keeps its code', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.exit(3, [41]);
    await shell.kill();
    assert.deepEqual(shell.status, { kind: 'killed', code: 3 });
  });

  it('says which processes survive a kill, and is killed once they end or are killed', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.survivors = [66];
    assert.deepEqual(await shell.kill(), { kind: 'survived', pids: [66] });
    assert.deepEqual(shell.status, { kind: 'leftRunning', code: undefined, pids: [66] });
    process.survivors = [];
    assert.deepEqual(await shell.kill(), { kind: 'ended', status: { kind: 'killed', code: 143 } });
  });

  it('joins a second kill to the first', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    const [first, second] = [shell.kill(), shell.kill()];
    assert.equal(first, second);
    await first;
    assert.equal(process.kills, 1);
  });

  it('ends as soon as it exists when it was killed between its registration and its start', async () => {
    const stage = new ShellStage();
    const starting = gate();
    stage.runner.hold = starting.opened;
    const shell = stage.tryStart();
    assert.ok('kill' in shell);
    await settle();
    const killed = shell.kill();
    assert.deepEqual(shell.status, { kind: 'running' });
    starting.open();
    await killed;
    assert.deepEqual([shell.status, stage.runner.last.kills], [{ kind: 'killed', code: 143 }, 1]);
  });

  it('is not started at all when it was killed while it waited for a place', async () => {
    const stage = new ShellStage();
    stage.limits = { ...stage.limits, maxRetained: 1 };
    const { process } = await stage.start();
    const killing = gate();
    process.holdKill = killing.opened;
    const shell = stage.tryStart();
    assert.ok('kill' in shell);
    const killed = shell.kill();
    killing.open();
    assert.deepEqual(await killed, { kind: 'ended', status: { kind: 'killed', code: 143 } });
    assert.equal(stage.runner.processes.length, 1);
  });

  it('has failed when it could not be started, and gives its place back', async () => {
    const stage = new ShellStage();
    stage.limits.maxRunning = 1;
    stage.runner.fail = new Error('ENOENT');
    const shell = stage.tryStart();
    assert.ok('kill' in shell);
    await settle();
    assert.deepEqual(shell.status, { kind: 'failed', reason: 'failed to spawn: ENOENT' });
    assert.deepEqual([shell.info.exitCode, shell.info.pid, stage.registry.runningCount], [undefined, undefined, 0]);
  });

  it('has failed when its time is up, and not when it ended before', async () => {
    const stage = new ShellStage();
    const { shell } = await stage.start({ timeoutSeconds: 5 });
    const early = await stage.start({ timeoutSeconds: 6 });
    early.process.exit(1);
    stage.clock.advance(4999);
    assert.deepEqual(shell.status, { kind: 'running' });
    stage.clock.advance(2000);
    await settle();
    assert.deepEqual(
      [shell.status, early.shell.status],
      [
        { kind: 'failed', reason: 'auto-killed after 5 s timeout' },
        { kind: 'exited', code: 1 },
      ],
    );
  });

  it('takes a timeout of years for what it is', async () => {
    const stage = new ShellStage();
    const { shell } = await stage.start({ timeoutSeconds: 10 ** 9 });
    stage.clock.advance(1000);
    await settle();
    assert.deepEqual(shell.status, { kind: 'running' });
  });

  it('has failed, and is ended, when its output cannot be read', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.events.readFailed('EIO');
    await settle();
    assert.deepEqual([shell.status, process.kills], [{ kind: 'failed', reason: 'failed to read output: EIO' }, 1]);
  });

  it('keeps its unread output through exit and kill, until it is read', async () => {
    const stage = new ShellStage();
    for (const end of ['exit', 'kill'] as const) {
      const { shell, process } = await stage.start();
      process.say('unread\n');
      if (end === 'exit') {
        process.exit(0);
      } else {
        await shell.kill();
      }
      await shell.store();
      assert.equal(shell.output.allocatedBytes, 0);
      assert.equal(Buffer.from(shell.unread.peek(true).head).toString(), 'unread\n');
    }
  });

  it('ignores output that comes when nothing may come any more', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    process.exit(0);
    process.say('late');
    assert.equal(shell.output.end, 0);
  });
});

describe('the stored log of a shell', () => {
  it('is written at most four times a second, and at the end', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    const file = stage.logs.of(shell);
    for (let at = 0; at < 100; at++) {
      process.say(`${at}\n`);
      await stage.clock.run(10);
    }
    assert.ok(file.writes.length <= 4 && file.writes.length >= 3, `${file.writes.length} writes`);
    process.say('end\n');
    process.exit(0);
    await shell.store();
    assert.equal(file.text, `${Array.from({ length: 100 }, (_, at) => `${at}\n`).join('')}end\n`);
    assert.ok(file.isFlushed);
  });

  it('has of a flood the beginning, and what is kept of the end, and does not write the rest', async () => {
    const stage = new ShellStage();
    stage.limits = { ...stage.limits, unreadLimitBytes: 1 << 16, logLimitBytes: 1 << 20 };
    const { shell, process } = await stage.start();
    const piece = new Uint8Array(1 << 16);
    for (let at = 0; at < 1000; at++) {
      process.say(piece);
      await stage.clock.run(4, 4);
    }
    const file = stage.logs.of(shell);
    const before = file.writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(before <= 4 << 20, `${before} bytes of 65 MB were written`);
    process.exit(0);
    await shell.store();
    const covered = file.writes.reduce(
      (end, { from, bytes }) => (from <= end ? Math.max(end, from + bytes.length) : end),
      0,
    );
    assert.ok(covered >= 1 << 18, 'the whole first quarter');
    assert.ok(file.locate((1000 << 16) - (3 << 18), 1000 << 16), 'the whole end');
  });

  it('that cannot be written is said once, and keeps its output in memory', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    stage.logs.of(shell).fail = new Error('ENOSPC');
    for (let at = 0; at < 5; at++) {
      process.say('line\n');
      await stage.clock.run(300);
    }
    process.exit(0);
    await shell.store();
    assert.deepEqual(stage.log.lines, ['error the output of a shell could not be stored ENOSPC']);
    assert.ok(shell.output.has(0, 25));
  });
});
