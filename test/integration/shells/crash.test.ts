import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';
import { escapist, escapistPids, Ground, reaperScript } from '../ledger/harness.ts';
import { alive } from '../pty/harness.ts';
import { PidNamespaces } from '../../../src/platform/pidNamespace.ts';

const isLong = process.env['GREENROOM_LONG'] === '1';
const hostFile = fileURLToPath(new URL('./shellHost.ts', import.meta.url));

describe('The death of the host of shells', () => {
  let ground: Ground;
  beforeEach(() => {
    ground = new Ground();
  });
  afterEach(() => {
    const left = ground.processes();
    ground.dispose();
    assert.deepEqual(left, []);
  });

  /** A host with shells that have printed so many pids. */
  async function host(
    reaper: string,
    isolation: string,
    commands: readonly string[],
    pidCount: number,
    detached = false,
  ) {
    const child = spawn(process.execPath, [hostFile, ground.folder, reaper, isolation, ...commands], {
      env: ground.environment(),
      stdio: ['pipe', 'pipe', 'inherit'],
      detached,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const pids = (): readonly number[] => [...output.matchAll(/p(\d+)\r?\n/g)].map(([, pid]) => Number(pid));
    await eventually(() => output.includes('ready') && pids().length >= pidCount, `${pidCount} pids`, 30_000);
    return { child, pids: pids() };
  }

  const commands = [escapist, `tty:${escapist}`, 'sleep 1000 & echo p$!'];
  const pidCount = 2 * escapistPids + 1;

  it('leaves nothing running: the reaper ends all of it', async () => {
    const { child, pids } = await host(reaperScript, 'group', commands, pidCount);
    assert.ok(pids.every(alive));
    child.kill('SIGKILL');
    await once(child, 'close');
    await ground.untilGone();
    assert.deepEqual(pids.filter(alive), []);
    assert.match((await ground.recover()) ?? '', /processes of an earlier window were still running; they were ended/);
    assert.deepEqual(ground.ledgers(), []);
  });

  it('by a storm of Ctrl+C in its terminal leaves nothing running either', async () => {
    // Of its own group, as in a terminal: the keys reach whoever is in it.
    const { child, pids } = await host(reaperScript, 'group', commands, pidCount, true);
    const ended = once(child, 'close');
    const group = child.pid;
    assert.ok(group !== undefined && group > 1);
    for (let key = 0; key < 50 && child.exitCode === null && child.signalCode === null; key++) {
      process.kill(-group, 'SIGINT');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    assert.equal(child.signalCode, 'SIGINT');
    await ground.untilGone();
    assert.deepEqual(pids.filter(alive), []);
    await ground.recover();
  });

  it('leaves nothing running after the next start where there was no reaper', async () => {
    const { child, pids } = await host('/no/such/reaper.js', 'group', commands, pidCount);
    child.kill('SIGKILL');
    await once(child, 'close');
    assert.match((await ground.recover()) ?? '', /they were ended/);
    assert.deepEqual(pids.filter(alive), []);
    assert.deepEqual(ground.ledgers(), []);
  });

  it(`leaves nothing running in ${isLong ? 50 : 3} deaths at any moment`, async function () {
    this.timeout(200_000);
    for (let round = 0; round < (isLong ? 50 : 3); round++) {
      const child = spawn(
        process.execPath,
        [hostFile, ground.folder, reaperScript, 'group', ...commands, ...commands],
        {
          env: ground.environment(),
          stdio: ['pipe', 'ignore', 'ignore'],
        },
      );
      await eventually(() => ground.processes().length > 2 + 3 * round, 'it has started something');
      child.kill('SIGKILL');
      await once(child, 'close');
      await ground.recover();
      await ground.untilGone();
    }
  });

  it('ends in order when it is asked to, and leaves no ledger', async () => {
    const { child, pids } = await host(reaperScript, 'group', commands, pidCount);
    child.stdin.write('close\n');
    await once(child, 'close');
    assert.deepEqual(pids.filter(alive), []);
    await ground.untilGone();
    assert.deepEqual(ground.ledgers(), []);
    assert.equal(await ground.recover(), undefined);
  });

  it('takes shells in a namespace along at once, without anybody to help', async function () {
    if ((await new PidNamespaces().wrapper()) === undefined) {
      this.skip();
    }
    const { child } = await host('/no/such/reaper.js', 'namespace', [escapist, `tty:${escapist}`], 2 * escapistPids);
    child.kill('SIGKILL');
    await once(child, 'close');
    await eventually(() => !ground.processes().some(({ command }) => command.startsWith('sleep')), 'they end', 3_000);
    await ground.recover();
    await ground.untilGone();
  });
});
