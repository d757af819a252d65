import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { escapist, escapistPids, Ground, type Host } from './harness.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const rounds = process.env['GREENROOM_LONG'] === '1' ? 200 : 20;
const transportOf = (round: number) => (round % 2 === 0 ? 'pty' : 'pipe');

describe('When a host is killed', function () {
  if (process.platform !== 'linux') this.pending = true;
  let ground: Ground;
  let descriptors: number;

  // The first child of a process opens what the next ones use too.
  before(async () => {
    ground = new Ground();
    await (await ground.host({}, [])).close();
    ground.dispose();
    descriptors = readdirSync('/proc/self/fd').length;
  });
  beforeEach(() => {
    ground = new Ground();
  });
  afterEach(() => {
    const left = ground.processes();
    const log = ground.log.lines.filter((line) => !line.startsWith('info'));
    ground.dispose();
    assert.deepEqual({ left, log }, { left: [], log: [] });
    assert.equal(readdirSync('/proc/self/fd').length, descriptors);
  });

  /** Kills the reaper first, as nothing but SIGKILL can, and sees to it that it is gone. */
  async function killWithReaper(host: Host): Promise<void> {
    const reaper = host.reaper();
    assert.ok(reaper !== undefined && reaper.pid > 1);
    process.kill(reaper.pid, 'SIGKILL');
    await host.until(/reaper has ended early: SIGKILL/);
    await host.kill();
  }

  it(`its reaper ends whatever has escaped, and the next window tells of it (${rounds} times)`, async function () {
    this.timeout(rounds * 10_000);
    for (let round = 0; round < rounds; round++) {
      const host = await ground.host({ transport: transportOf(round) }, [escapist]);
      await host.pids(escapistPids);
      await host.kill();
      await ground.untilGone();
      const sentence = await ground.recover();
      assert.match(sentence ?? '', /^\d+ processes of an earlier window were still running; they were ended: .*sleep/);
      assert.equal(await ground.recover(), undefined);
      assert.deepEqual(ground.ledgers(), [], `round ${round}`);
    }
  });

  it(`the next window ends whatever has escaped if the reaper was killed too (${rounds} times)`, async function () {
    this.timeout(rounds * 10_000);
    for (let round = 0; round < rounds; round++) {
      const host = await ground.host({ transport: transportOf(round) }, [escapist]);
      await host.pids(escapistPids);
      await killWithReaper(host);
      assert.ok(ground.processes().length >= 3, `round ${round}: nothing has survived that could be ended`);
      const sentence = await ground.recover();
      assert.deepEqual(ground.processes(), [], `round ${round}`);
      assert.match(sentence ?? '', /^\d+ processes of an earlier window were still running; they were ended: .*sleep/);
      assert.deepEqual(ground.ledgers(), []);
    }
  });

  it('what another host has started goes on, and ends with that host', async () => {
    const [killed, living] = await Promise.all([ground.host({}, [escapist]), ground.host({}, [escapist, escapist])]);
    await killed.pids(escapistPids);
    const others = await living.pids(2 * escapistPids);
    await killWithReaper(killed);
    assert.match((await ground.recover()) ?? '', /were ended/);
    const alive = new Set(ground.processes().map(({ pid }) => pid));
    assert.deepEqual(
      others.filter((pid) => !alive.has(pid)),
      [],
    );
    assert.equal(ground.ledgers().length, 1);
    assert.ok(living.reaper());
    await living.close();
    await ground.untilGone();
    assert.deepEqual(ground.ledgers(), []);
  });

  it('several windows that start at once end it together, and one of them tells', async () => {
    const host = await ground.host({}, [escapist]);
    await host.pids(escapistPids);
    await killWithReaper(host);
    const sentences = await Promise.all([ground.recover(), ground.recover(), ground.recover()]);
    assert.deepEqual(ground.processes(), []);
    assert.equal(sentences.filter((sentence) => sentence !== undefined).length, 1);
  });

  it('a window that starts while the reaper is at work does not tell it twice', async () => {
    const host = await ground.host({}, [escapist]);
    await host.pids(escapistPids);
    await host.kill();
    const sentences = [await ground.recover()];
    await ground.untilGone();
    sentences.push(await ground.recover());
    assert.equal(sentences.filter((sentence) => sentence !== undefined).length, 1);
    assert.deepEqual(ground.ledgers(), []);
  });

  it('the reaper that is packaged does the same', async () => {
    const dist = path.join(ground.root, 'dist');
    execFileSync(process.execPath, ['esbuild.config.mjs', '--production', '--out', dist], {
      cwd: root,
      stdio: 'ignore',
    });
    // As in the package, where the manifest says what kind of modules these are.
    writeFileSync(path.join(ground.root, 'package.json'), '{"type":"module"}');
    const host = await ground.host({ reaper: path.join(dist, 'reaper.js') }, [escapist]);
    await host.pids(escapistPids);
    await host.kill();
    await ground.untilGone();
    assert.match((await ground.recover()) ?? '', /were ended/);
  });

  it('a reaper whose program is missing changes nothing for the next window', async () => {
    const host = await ground.host({ reaper: '/no/such/program.js' }, [escapist]);
    await host.pids(escapistPids);
    await host.kill();
    assert.match((await ground.recover()) ?? '', /were ended/);
    await ground.untilGone();
  });
});

describe('A host that ends in order', function () {
  if (process.platform !== 'linux') this.pending = true;
  let ground: Ground;

  beforeEach(() => {
    ground = new Ground();
  });
  afterEach(() => {
    const left = ground.processes();
    ground.dispose();
    assert.deepEqual(left, []);
  });

  it('ends what still runs, its reaper too, and leaves no ledger', async () => {
    const host = await ground.host({}, [escapist, 'echo p$$; sleep 1000']);
    await host.pids(escapistPids + 1);
    await host.close();
    await ground.untilGone();
    assert.deepEqual(ground.ledgers(), []);
    assert.equal(await ground.recover(), undefined);
  });

  it('ends also what has left its session and its mark before its parent ends', async () => {
    const deaf = `trap "" TERM HUP; echo p$BASHPID; while :; do sleep 1000; done`;
    const host = await ground.host({}, [
      `setsid env -u GREENROOM_PROCESS_MARK bash -c '${deaf}' & echo p$$; sleep 1000`,
    ]);
    await host.pids(2);
    await host.close();
    await ground.untilGone();
  });

  it('has a reaper only while there is something to end', async () => {
    const idle = await ground.host({}, []);
    assert.deepEqual([idle.reaper(), ground.ledgers()], [undefined, []]);
    await idle.close();
    const busy = await ground.host({}, ['echo p$$; read -t 0.3 x < <(sleep 1000)']);
    await busy.pids(1);
    assert.ok(busy.reaper());
    while (busy.reaper() !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.deepEqual(ground.ledgers(), []);
    await busy.close();
    assert.doesNotMatch(busy.output, /^log/m);
  });
});
