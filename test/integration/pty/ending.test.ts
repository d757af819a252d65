import assert from 'node:assert/strict';
import { alive, leftFolders, problems, start } from './harness.ts';

describe('Ending a process', () => {
  afterEach(() => {
    assert.deepEqual(problems.splice(0), []);
    assert.deepEqual(leftFolders(), []);
  });

  async function pidsOf(started: Awaited<ReturnType<typeof start>>, count: number): Promise<readonly number[]> {
    const match = await started.until(new RegExp(`^(?:.*?p\\d+\\n){${count}}`, 's'));
    return [...match[0].matchAll(/p(\d+)\n/g)].map(([, pid]) => Number(pid));
  }

  for (const transport of ['pty', 'pipe'] as const) {
    it(`ends the whole tree: other sessions, those that ignore the request, those whose parent has left (${transport})`, async () => {
      const started = await start(
        transport,
        `trap '' TERM
         sleep 1000 & echo p$!
         setsid sh -c 'echo p$$; exec sleep 1000' &
         (trap '' TERM; setsid bash -c 'trap "" TERM; echo p$BASHPID; while :; do sleep 1000; done') &
         (setsid sh -c 'sleep 1000 & echo p$!' &)
         echo p$$
         while :; do sleep 1000; done`,
      );
      const pids = await pidsOf(started, 5);
      assert.ok(pids.every(alive));
      await started.process.stop(100);
      assert.deepEqual(pids.filter(alive), []);
      assert.equal(alive(started.process.pid), false);
    });

    it(`ends what a program leaves running when it ends by itself (${transport})`, async () => {
      const started = await start(
        transport,
        `setsid sleep 1000 & echo p$!; (setsid sh -c 'sleep 1000 & echo p$!' &); read -t 0.2 x; echo done`,
      );
      const pids = await pidsOf(started, 2);
      const { code } = await started.process.ended;
      assert.equal(code, 0);
      assert.deepEqual(pids.filter(alive), []);
      assert.match(started.output(), /done\n$/);
    });

    it(`lets a program finish within the time it is given (${transport})`, async () => {
      const started = await start(
        transport,
        `trap 'echo saved; exit 5' TERM; echo ready; while :; do read -t 0.05 x < /dev/zero; done`,
      );
      await started.until(/ready/);
      await started.process.stop(5000);
      assert.match(started.output(), /saved/);
      assert.deepEqual(await started.process.ended, { code: 5 });
    });

    it(`interrupts the program only (${transport})`, async () => {
      const started = await start(
        transport,
        `trap 'echo interrupted; exit 0' INT; sleep 1000 & echo p$!; while :; do read -t 0.05 x < /dev/zero; done`,
      );
      await pidsOf(started, 1);
      await started.process.interrupt();
      await started.process.ended;
      assert.match(started.output(), /interrupted/);
    });

    it(`can be asked for twice, and after the end (${transport})`, async () => {
      const started = await start(transport, 'sleep 1000');
      await Promise.all([started.process.stop(100), started.process.stop(100)]);
      await started.process.stop(100);
      assert.equal(alive(started.process.pid), false);
    });
  }

  it('happens also when the wrapping shell is killed', async () => {
    const started = await start('pty', 'echo p$$; setsid sleep 1000 & echo p$!; while :; do sleep 1; done');
    const pids = await pidsOf(started, 2);
    assert.ok(started.process.pid > 1);
    process.kill(started.process.pid, 'SIGKILL');
    const { code } = await started.process.ended;
    assert.equal(code, 137);
    assert.deepEqual(pids.filter(alive), []);
  });

  it('happens also before the program has begun', async () => {
    const started = await start('pty', 'sleep 1000');
    await started.process.stop(0);
    assert.equal(alive(started.process.pid), false);
  });

  it('is said at the start when the program or the folder does not exist', async () => {
    const { NodeProcessLauncher } = await import('../../../src/platform/processLauncher.ts');
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const launcher = new NodeProcessLauncher({ log });
    const spec = { command: '/bin/sh', args: [], cwd: '/', env: {} };
    await assert.rejects(launcher.launch({ ...spec, command: '/no/such/program' }), { code: 'startFailed' });
    await assert.rejects(launcher.launch({ ...spec, cwd: '/no/such/folder' }), { code: 'startFailed' });
  });
});
