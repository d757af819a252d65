import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { alive } from '../pty/harness.ts';
import { grounds, openDescriptors, RealShells, textOf, zombies } from './harness.ts';

for (const { name, tty, isKept } of grounds) {
  describe(`The end of a shell ${name}`, () => {
    let shells: RealShells;
    beforeEach(() => {
      shells = new RealShells({ isKept });
    });
    afterEach(async () => {
      const left = [...shells.processes(), ...shells.keptFiles()];
      await shells.dispose();
      assert.deepEqual(left, [], 'the test has ended what it started');
      assert.deepEqual(shells.log.lines, []);
    });

    it('tells its exit code, or 128 and the signal that ended it', async () => {
      const codes = [];
      for (const command of ['exit 0', 'exit 7', 'kill -9 $$', 'kill -TERM $$', 'no-such-program']) {
        codes.push((await shells.run(command, { tty })).status);
      }
      assert.deepEqual(
        codes,
        [0, 7, 137, 143, 127].map((code) => ({ kind: 'exited', code })),
      );
    });

    it('leaves what it has started in the background running, and that can be killed', async () => {
      const shell = await shells.run('sleep 600 & echo hi', { tty });
      assert.equal(textOf(shell).trim(), 'hi');
      const { status } = shell;
      assert.ok(status.kind === 'leftRunning' && status.code === 0 && status.pids.length === 1);
      assert.ok(status.pids.every(alive));
      assert.equal(shells.registry.runningCount, 1);
      assert.deepEqual(await shell.kill(), { kind: 'ended', status: { kind: 'killed', code: 0 } });
      assert.deepEqual(status.pids.filter(alive), []);
    });

    it('is told when the last of what it left has ended, with what that said', async () => {
      const shell = await shells.run('(read -t 0.4 x < /dev/zero; sleep 0.4; echo late) & echo hi', { tty });
      assert.equal(shell.status.kind, 'leftRunning');
      await shells.until(shell, () => !shell.isActive, 'the last process ends');
      assert.deepEqual(shell.status, { kind: 'exited', code: 0 });
      assert.equal(textOf(shell).replaceAll('\r', ''), 'hi\nlate\n');
    });

    it('takes everything along: other sessions, other parents, those that ignore the request', async () => {
      const shell = await shells.start(
        `setsid sh -c 'echo p$$; exec sleep 1000' &
         (setsid sh -c 'sleep 1000 & echo p$!' &)
         setsid bash -c 'trap "" TERM HUP INT; echo p$BASHPID; while :; do sleep 1000; done' &
         nohup sleep 1000 >/dev/null 2>&1 & echo p$!
         bash -c 'kill -STOP $$' &  echo p$!
         trap '' TERM; echo p$$
         while :; do sleep 1000; done`,
        { tty },
      );
      const pids = await shells.pids(shell, 6);
      const outcome = await shell.kill();
      assert.deepEqual(outcome, { kind: 'ended', status: { kind: 'killed', code: 137 } });
      assert.deepEqual(pids.filter(alive), []);
    });

    it('lets it finish within the time that it has', async () => {
      shells.limits.killGraceMs = 10_000;
      const shell = await shells.start(
        `trap 'echo saved; exit 5' TERM; echo ready; while :; do read -t 0.05 x < /dev/zero; done`,
        { tty },
      );
      await shells.until(shell, () => textOf(shell).includes('ready'), 'it is ready');
      const started = performance.now();
      await shell.kill();
      assert.ok(performance.now() - started < 5_000);
      assert.match(textOf(shell), /saved/);
      assert.deepEqual(shell.status, { kind: 'killed', code: 143 });
    });

    it('is not delayed by a kill that finds everything gone', async () => {
      const shell = await shells.run('true', { tty });
      await shells.until(shell, () => !shell.isActive, 'it ends');
      assert.deepEqual(await shell.kill(), { kind: 'notRunning' });
    });

    it('comes before a shell that forks faster than it is killed', async () => {
      const shell = await shells.start(
        `echo go
         fork() { while :; do (trap '' TERM; setsid sleep 100) & sleep 0.002; done; }
         trap '' TERM; fork & fork & wait`,
        { tty },
      );
      await shells.until(shell, () => textOf(shell).includes('go'), 'it forks');
      await eventually(() => shells.processes().length > 30, 'many processes');
      assert.equal((await shell.kill()).kind, 'ended');
      assert.deepEqual(shells.processes(), []);
    });

    it('comes to one that was killed before its processes exist', async () => {
      for (let round = 0; round < 10; round++) {
        const started = shells.registry.start({
          sessionId: 's',
          command: 'setsid sleep 1000 & sleep 1000',
          cwd: '/',
          tty,
        });
        assert.ok('shell' in started);
        const { shell } = started;
        if (round % 2 === 1) {
          // It is about to start, or just has.
          await Promise.resolve();
        }
        assert.deepEqual(await shell.kill(), { kind: 'ended', status: shell.status });
        assert.equal(shell.status.kind, 'killed');
        await started.launched;
        assert.deepEqual(shells.processes(), []);
      }
    });

    it('comes by its timeout', async () => {
      const shell = await shells.start('setsid sleep 1000 & sleep 1000', { tty, timeoutSeconds: 0.2 });
      await shells.until(shell, () => !shell.isActive, 'its time is up');
      assert.deepEqual(shell.status, { kind: 'failed', reason: 'auto-killed after 0.2 s timeout' });
    });

    it('leaves no process unwaited for and no descriptor open', async () => {
      await shells.run('true', { tty });
      await eventually(() => zombies().length === 0, 'no zombie');
      const before = openDescriptors();
      const rounds = isKept ? 40 : tty ? 100 : 500;
      for (let round = 0; round < rounds; round += 4) {
        await Promise.all(
          Array.from({ length: 4 }, async (_, at) => {
            const shell = await shells.run(`echo ${round + at}; exit ${(round + at) % 3}`, { tty });
            await shells.until(shell, () => !shell.isActive, 'it ends');
            assert.deepEqual(shell.status, { kind: 'exited', code: (round + at) % 3 });
            assert.equal(textOf(shell).trim(), String(round + at));
          }),
        );
      }
      await eventually(() => zombies().length === 0 && openDescriptors() <= before, 'everything is closed');
    }).timeout(120_000);

    it('can be waited for by many at once', async () => {
      const shell = await shells.start('setsid sleep 1000 & sleep 1000', { tty });
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => shell.kill()));
      assert.equal(new Set(outcomes).size, 1);
    });
  });
}

describe('A shell that cannot be started', () => {
  for (const { name, isKept } of grounds.filter(({ tty }) => !tty)) {
    it(`says why: no folder, no command that a system takes (${name})`, async () => {
      const shells = new RealShells({ isKept });
      const before = openDescriptors();
      const reasons = [];
      for (const [command, cwd] of [
        ['true', '/no/such/folder'],
        ['true', '/etc/hostname'],
        ['echo \0', '/tmp'],
      ] as const) {
        const shell = await shells.start(command, { cwd });
        reasons.push(shell.status.kind === 'failed' ? shell.status.reason : shell.status.kind);
      }
      assert.match(reasons[0] ?? '', /^failed to spawn: ENOENT: no such file or directory/);
      assert.equal(reasons[1], 'failed to spawn: "/etc/hostname" is no folder');
      assert.match(reasons[2] ?? '', /^failed to spawn: .*null bytes/);
      await eventually(() => openDescriptors() <= before, 'everything is closed');
      assert.deepEqual(shells.keptFiles(), []);
      await shells.dispose();
    });
  }
});

describe('The moment in which the host ends', () => {
  it('starts nothing any more, also of what was registered before', async () => {
    const shells = new RealShells();
    const started = [false, true].map((tty) =>
      shells.registry.start({ sessionId: 's', command: 'exec sleep 1000', cwd: '/', tty }),
    );
    shells.registry.closeNow(200);
    assert.deepEqual(shells.registry.start({ sessionId: 's', command: 'true', cwd: '/', tty: false }), {
      refused: 'closing',
    });
    for (const one of started) {
      assert.ok('shell' in one);
      await one.launched;
      assert.equal(one.shell.isActive, false);
    }
    assert.deepEqual(shells.processes(), []);
    await shells.dispose();
  });

  for (const { name, isKept } of grounds.filter(({ tty }) => !tty)) {
    it(`ends every shell before it returns (${name})`, async () => {
      const shells = new RealShells({ isKept });
      for (const tty of [false, true]) {
        const shell = await shells.start(
          `(setsid sh -c 'sleep 1000 & echo p$!' &)
         setsid bash -c 'trap "" TERM HUP INT; echo p$BASHPID; while :; do sleep 1000; done' &
         echo p$$; sleep 1000`,
          { tty },
        );
        await shells.pids(shell, 3);
      }
      shells.registry.closeNow(200);
      assert.deepEqual(shells.processes(), []);
      await shells.registry.close();
      assert.deepEqual(shells.keptFiles(), []);
      await shells.dispose();
    });
  }
});
