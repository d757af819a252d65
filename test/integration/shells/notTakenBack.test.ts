import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { HostIdentity } from '../../../src/platform/hostIdentity.ts';
import { KeptFiles } from '../../../src/platform/keptFiles.ts';
import { keptFileName, keptHost } from '../../../src/platform/keptLedgers.ts';
import { encodeRecord } from '../../../src/platform/ledgerRecords.ts';
import { readStat } from '../../../src/platform/processTable.ts';
import { eventually } from '../../support/eventually.ts';
import type { Ground } from '../ledger/harness.ts';
import { eventuallySeen, KeptHost, KeptStage, only, type SerializedOptions, withReaper } from './keptStage.ts';
import { session } from './keptWindow.ts';

const rounds = process.env['GREENROOM_LONG'] === '1' ? 50 : 3;

describe('Shells that could be taken back after a crash', function () {
  if (process.platform !== 'linux') this.pending = true;
  let stage: KeptStage;
  let ground: Ground;

  beforeEach(() => {
    stage = new KeptStage();
    ({ ground } = stage);
  });
  afterEach(() => stage.dispose());

  const host = (...args: Parameters<KeptStage['host']>) => stage.host(...args);
  const open = (options?: SerializedOptions) => stage.open(options);
  const sleepers = (seconds: number) => stage.sleepers(seconds);

  it(`are all listed or gone when their window dies while it starts them (${rounds} times)`, async function () {
    this.timeout(rounds * 20_000);
    for (let round = 0; round < rounds; round++) {
      const commands = ['fore:sleep 1001', 'sleep 1000', 'sleep 1000 & exit 3', 'exit 4'];
      const first = new KeptHost(ground, withReaper, [...commands, ...commands]);
      await eventuallySeen(() => ground.processes().length > 2 + 6 * round, 'it has started something');
      await first.kill();
      const window = open();
      const shells = await window.recover();
      await eventuallySeen(() => sleepers(1001).length === 0, 'what was waited for ends');
      const listed = shells.filter(({ info }) => info.command.startsWith('sleep')).length;
      await eventuallySeen(() => sleepers(1000).length <= listed, 'nothing runs that is not listed');
      await window.close();
      await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
      assert.deepEqual(ground.ledgers(), [], `round ${round}`);
      // Of one that was just being made.
      const old = new Date(Date.now() - 3_600_000);
      window
        .keptFolders()
        .forEach((name) => fs.utimesSync(path.join(ground.root, 'workspace', 'kept', name), old, old));
      await open().recover();
      assert.deepEqual(window.keptFolders(), []);
    }
  });

  it('are taken by one of two windows that start at once', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const both = await Promise.all([new KeptHost(ground, {}, []).ready(), new KeptHost(ground, {}, []).ready()]);
    assert.deepEqual(
      both.map(({ output }) => [...output.matchAll(/^taken /gm)].length).toSorted((a, b) => a - b),
      [0, 1],
    );
    assert.equal(sleepers(1000).length, 1);
    await Promise.all(both.map((each) => each.close()));
    assert.deepEqual(sleepers(1000), []);
  });

  it('are left to the window that has the sessions', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    assert.deepEqual(await open({ ownsSessions: false }).recover(), []);
    assert.deepEqual(await open({ workspace: 'another' }).recover(), []);
    assert.equal(sleepers(1000).length, 1);
    only(await open().recover());
  });

  it('that their caller waits for end with their window, at once', async () => {
    const first = await host(['sleep 1000', 'fore:sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => sleepers(1001).length === 0, 'the one that was waited for ends');
    assert.equal(sleepers(1000).length, 1);
    const window = open();
    assert.equal(only(await window.recover()).info.command, 'sleep 1000');
    assert.match(window.warned.join(), /an earlier window were still running; they were ended: .*sleep/);
  });

  it('are ended by the reaper when nobody comes in time', async () => {
    const first = await host(['sleep 1000; echo over', 'trap "" TERM; sleep 1001 & wait'], {
      ...withReaper,
      patienceMs: 300,
    });
    await first.kill();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    const window = open();
    assert.deepEqual(window.keptFolders(), []);
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /processes of an earlier window were still running; they were ended: /);
  });

  it('are ended by the next window of any workspace when the reaper was killed too and their time is over', async () => {
    const first = await host(['sleep 1000'], { ...withReaper, patienceMs: 400 });
    for (const { pid, command } of ground.processes()) {
      if (command.includes('greenroom-reaper') && pid > 1) {
        process.kill(pid, 'SIGKILL');
      }
    }
    await eventually(() => first.output.includes('reaper has ended early'), 'the reaper ends');
    await first.kill();
    const window = open({ workspace: 'another', patienceMs: 400 });
    assert.deepEqual(await window.recover(), []);
    assert.equal(sleepers(1000).length, 1, 'it is not ended before');
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    await eventually(() => window.warned.length === 1, 'the person is told');
    await open().recover();
  });

  it('are ended if that is what is wanted by now', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const window = open({ afterCrash: 'end' });
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /were? ended: /);
    assert.deepEqual(sleepers(1000), []);
  });

  it('are ended if their session is not there, while those of another go on', async () => {
    const first = await host(['sleep 1000', 'other:sleep 1001']);
    await first.kill();
    const window = open();
    const shell = only(await window.recover());
    assert.deepEqual([shell.info.command, window.told.length], ['sleep 1000', 1]);
    assert.match(window.warned.join(), /processes of an earlier window were still running; they were ended: /);
    assert.deepEqual([sleepers(1000).length, sleepers(1001).length], [1, 0]);
  });

  it('are ended if none of their sessions is there', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const window = open({ sessions: [] });
    assert.deepEqual(await window.recover(), []);
    assert.match(window.warned.join(), /were? ended: /);
    assert.deepEqual(sleepers(1000), []);
  });

  it('live on while everything else of their window ends: terminals, and what was started before', async () => {
    const first = await host(['sleep 1000', 'tty:sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => sleepers(1001).length === 0, 'the terminal ends');
    assert.equal(sleepers(1000).length, 1);
    const shell = only(await open().recover());
    assert.equal(shell.info.command, 'sleep 1000');
  });

  it('are ended when their card is damaged, and nothing that it says is done', async () => {
    const first = await host(['sleep 1000', 'sleep 1001']);
    await first.kill();
    const kept = path.join(ground.root, 'workspace', 'kept');
    const [id] = /^shell (\w+)/m.exec(first.output)?.slice(1) ?? [];
    const card = path.join(kept, id ?? '', 'card.json');
    fs.writeFileSync(card, fs.readFileSync(card, 'utf8').replace('sleep 1000', 'sleep 9999'));
    const window = open();
    const shell = only(await window.recover());
    assert.equal(shell.info.command, 'sleep 1001');
    assert.deepEqual(sleepers(1000), []);
    assert.match(window.warned.join(), /ended: /);
    const old = new Date(Date.now() - 3_600_000);
    fs.utimesSync(path.join(kept, id ?? ''), old, old);
    await open().recover();
    assert.deepEqual(fs.readdirSync(kept), [shell.id]);
  });

  it('are not read from what is no FIFO of ours', async () => {
    const first = await host(['sleep 1000']);
    await first.kill();
    const [id] = /^shell (\w+)/m.exec(first.output)?.slice(1) ?? [];
    const out = path.join(ground.root, 'workspace', 'kept', id ?? '', 'out');
    fs.rmSync(out);
    fs.symlinkSync('/etc/hostname', out);
    assert.deepEqual(await open().recover(), []);
    assert.deepEqual(sleepers(1000), []);
    assert.match(ground.log.lines.join('\n'), /cannot be taken back/);
    ground.log.lines.length = 0;
  });

  it('are never taken for a later process of the same pid, nor is that one signalled', async () => {
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: ground.environment() });
    await once(stranger, 'spawn');
    const pid = stranger.pid ?? 0;
    const dead: HostIdentity = { ...keptHost(), pid: spawnSync(process.execPath, ['-e', '']).pid, startTime: '1' };
    const id = 'ab'.repeat(16);
    const entry = 'aaaaaaaaaaaa';
    const files = await KeptFiles.create(path.join(ground.root, 'workspace', 'kept'), id);
    files.note({ isListed: true });
    const timeoutSeconds = undefined;
    const startedAt = Date.now();
    files.writeCard({
      id,
      sessionId: session,
      ledger: dead.id,
      entry,
      command: 'x',
      cwd: '/',
      startedAt,
      timeoutSeconds,
    });
    fs.mkdirSync(path.join(ground.root, 'processes'));
    const startTime = String(Number(readStat(pid)?.startTime) + 1);
    const records = [
      { kind: 'intent', id: entry, name: 'shell' },
      { kind: 'started', id: entry, pid, startTime },
    ] as const;
    fs.writeFileSync(
      path.join(ground.root, 'processes', keptFileName(dead)),
      Buffer.concat(records.map((record) => encodeRecord(record))),
    );
    const shell = only(await open().recover());
    await eventually(() => !shell.isActive, 'it has ended');
    assert.deepEqual([shell.status, await shell.kill()], [{ kind: 'exited', code: -1 }, { kind: 'notRunning' }]);
    assert.equal(stranger.exitCode ?? stranger.signalCode, null);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it('are ended with their window where they could not be written down', async () => {
    const ledgers = path.join(ground.root, 'processes');
    fs.writeFileSync(ledgers, '');
    const first = await host(['sleep 1000', 'sleep 1001'], withReaper);
    await first.kill();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    fs.rmSync(ledgers);
    const window = open();
    assert.deepEqual([await window.recover(), window.keptFolders()], [[], []]);
  });

  it('end in order with their window, which leaves nothing to take back', async () => {
    const first = await host(['sleep 1000 & sleep 1001', 'trap "" TERM; sleep 1002'], withReaper);
    await first.close();
    await eventuallySeen(() => ground.processes().length === 0, 'everything ends');
    assert.deepEqual([ground.ledgers(), fs.readdirSync(path.join(ground.root, 'workspace', 'kept'))], [[], []]);
  });
});
