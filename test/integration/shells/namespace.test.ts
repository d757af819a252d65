import assert from 'node:assert/strict';
import { PidNamespaces } from '../../../src/platform/pidNamespace.ts';
import { eventually } from '../../support/eventually.ts';
import { openDescriptors, RealShells, textOf, zombies } from './harness.ts';

for (const tty of [false, true]) {
  describe(`A shell in a namespace of its own ${tty ? 'on a terminal' : 'on pipes'}`, () => {
    let shells: RealShells;
    before(async function () {
      if ((await new PidNamespaces().wrapper()) === undefined) {
        this.skip();
      }
    });
    beforeEach(() => {
      shells = new RealShells();
      shells.isolation = 'namespace';
    });
    afterEach(async () => {
      const left = shells.processes();
      await shells.dispose();
      assert.deepEqual(left, []);
      assert.deepEqual(shells.log.lines, []);
    });

    it('sees itself and what it has started only', async () => {
      const shell = await shells.run('echo /proc/[0-9]* | wc -w; id -u', { tty });
      await shells.until(shell, () => !shell.isActive, 'it ends');
      const [count = '', user] = textOf(shell).split(/\r?\n/);
      assert.ok(Number(count) <= 4, count);
      assert.equal(user, String(process.getuid?.()));
    });

    it('has its exit code, or 128 and the signal', async () => {
      const codes = [];
      for (const command of ['exit 0', 'exit 7', 'kill -9 $$', 'no-such-program']) {
        const shell = await shells.run(command, { tty });
        await shells.until(shell, () => !shell.isActive, 'it ends');
        codes.push(shell.status);
      }
      assert.deepEqual(
        codes,
        [0, 7, 137, 127].map((code) => ({ kind: 'exited', code })),
      );
    });

    it('leaves running what it has started in the background, and tells when that ends', async () => {
      const shell = await shells.run('(sleep 0.7; echo late) & echo hi', { tty });
      assert.ok(shell.status.kind === 'leftRunning' && shell.status.code === 0, JSON.stringify(shell.status));
      await shells.until(shell, () => !shell.isActive, 'the last ends');
      assert.deepEqual(shell.status, { kind: 'exited', code: 0 });
      assert.equal(textOf(shell).replaceAll('\r', ''), 'hi\nlate\n');
    });

    it('is ended as a whole, whatever its processes do', async () => {
      const shell = await shells.start(
        `setsid sleep 1000 &
         (setsid sh -c 'sleep 1000 &' &)
         env -i setsid bash -c 'trap "" TERM HUP INT; while :; do sleep 1000; done' &
         (trap '' TERM; setsid env -i sleep 1000 &)
         trap '' TERM; echo ready
         while :; do sleep 1000; done`,
        { tty },
      );
      await shells.until(shell, () => textOf(shell).includes('ready'), 'it is ready');
      assert.equal((await shell.kill()).kind, 'ended');
      assert.equal(shell.status.kind, 'killed');
    });

    it('is asked first, and may finish', async () => {
      shells.limits.killGraceMs = 10_000;
      const shell = await shells.start(
        `trap 'echo saved; exit 5' TERM; echo ready; while :; do read -t 0.05 x < /dev/zero; done`,
        { tty },
      );
      await shells.until(shell, () => textOf(shell).includes('ready'), 'it is ready');
      const started = performance.now();
      await shell.kill();
      assert.ok(performance.now() - started < 8_000);
      assert.match(textOf(shell), /saved/);
    });

    it('leaves nothing behind', async () => {
      await shells.run('true', { tty });
      await eventually(() => zombies().length === 0, 'no zombie');
      const before = openDescriptors();
      for (let round = 0; round < 20; round++) {
        const shell = await shells.run(`echo ${round}`, { tty });
        await shells.until(shell, () => !shell.isActive, 'it ends');
        assert.equal(textOf(shell).trim(), String(round));
      }
      await eventually(() => zombies().length === 0 && openDescriptors() <= before, 'everything is closed');
    });
  });
}
