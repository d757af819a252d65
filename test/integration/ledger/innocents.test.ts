import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { hostFileName, type HostIdentity, ownHost, ownPlace } from '../../../src/platform/hostIdentity.ts';
import { encodeRecord, type LedgerRecord } from '../../../src/platform/ledgerRecords.ts';
import { markOf } from '../../../src/platform/ledgerRoots.ts';
import { markVariable, readStat } from '../../../src/platform/processTable.ts';
import { escapist, escapistPids, Ground } from './harness.ts';

const id = 'aaaaaaaaaaaa';

describe('Looking for survivors', function () {
  if (process.platform !== 'linux') this.pending = true;
  let ground: Ground;
  let deadHost: HostIdentity;
  let started: ChildProcess[];

  beforeEach(() => {
    ground = new Ground();
    started = [];
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    deadHost = { place: ownPlace(), pid, startTime: '1', id: '0123456789abcdef' };
  });
  afterEach(async () => {
    for (const child of started) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    ground.dispose();
  });

  /** A process of nobody's, the leader of a session; with the mark of an entry if `mark` is given. */
  async function startSleeper(mark?: string): Promise<ChildProcess & { readonly pid: number }> {
    const env = { ...ground.environment(), ...(mark === undefined ? {} : { [markVariable]: mark }) };
    const child = spawn('sleep', ['1000'], { env, detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    assert.ok(child.pid !== undefined);
    started.push(child);
    return child as ChildProcess & { readonly pid: number };
  }

  function plant(host: HostIdentity, records: readonly LedgerRecord[], tail: Buffer = Buffer.alloc(0)): string {
    fs.mkdirSync(ground.folder, { recursive: true });
    const file = path.join(ground.folder, hostFileName(host));
    fs.writeFileSync(file, Buffer.concat([...records.map(encodeRecord), tail]));
    return file;
  }

  const startTimeOf = (pid: number): string => readStat(pid)?.startTime ?? '';
  const isAlive = ({ pid }: { readonly pid: number }): boolean => readStat(pid)?.zombie === false;
  const intent: LedgerRecord = { kind: 'intent', id, name: 'agent' };

  it('ends the process that is meant', async () => {
    const { pid } = await startSleeper();
    plant(deadHost, [intent, { kind: 'started', id, pid, startTime: startTimeOf(pid) }]);
    assert.equal(await ground.recover(), 'A process of an earlier window was still running; it was ended: sleep.');
    assert.equal(isAlive({ pid }), false);
  });

  it('signals nobody who has the pid of a dead process, nor its group', async () => {
    const leader = await startSleeper();
    const later = String(Number(startTimeOf(leader.pid)) + 1);
    plant(deadHost, [intent, { kind: 'started', id, pid: leader.pid, startTime: later }]);
    assert.equal(await ground.recover(), undefined);
    assert.ok(isAlive(leader));
    assert.deepEqual(ground.ledgers(), []);
  });

  it('signals nobody whose start time was not written down', async () => {
    const sleeper = await startSleeper();
    plant(deadHost, [intent, { kind: 'started', id, pid: sleeper.pid }]);
    assert.equal(await ground.recover(), undefined);
    assert.ok(isAlive(sleeper));
  });

  it('finds by its mark what was started after the last word of its host', async () => {
    const [marked, other] = [
      await startSleeper(markOf(deadHost, id)),
      await startSleeper('fedcba9876543210.aaaaaaaaaaaa'),
    ];
    plant(deadHost, [intent]);
    assert.match((await ground.recover()) ?? '', /was ended: sleep/);
    assert.deepEqual([isAlive(marked), isAlive(other)], [false, true]);
  });

  it('finds by its mark also what a damaged ledger does not tell, and says in the log what was damaged', async () => {
    const marked = await startSleeper(markOf(deadHost, id));
    const { pid } = marked;
    const line = encodeRecord({ kind: 'started', id, pid, startTime: startTimeOf(pid) });
    plant(
      deadHost,
      [],
      Buffer.concat([line.subarray(0, 40), Buffer.from('\n{"crc":\xff\0 garbage\n\n'), line.subarray(0, -9)]),
    );
    assert.match((await ground.recover()) ?? '', /was ended: sleep/);
    assert.equal(isAlive(marked), false);
    assert.match(ground.log.lines.join('\n'), /warn .*: 3 lines are damaged/);
  });

  it('leaves alone what a living host has started', async () => {
    const sleeper = await startSleeper(markOf(ownHost(), id));
    const file = plant(ownHost(), [
      intent,
      { kind: 'started', id, pid: sleeper.pid, startTime: startTimeOf(sleeper.pid) },
    ]);
    assert.equal(await ground.recover(), undefined);
    assert.ok(isAlive(sleeper));
    assert.ok(fs.existsSync(file));
  });

  it('leaves alone what it cannot judge, and forgets what was before the machine started', async () => {
    const sleeper = await startSleeper(markOf(deadHost, id));
    const { pid } = sleeper;
    const records: LedgerRecord[] = [intent, { kind: 'started', id, pid, startTime: startTimeOf(pid) }];
    const elsewhere = plant({ ...deadHost, place: { ...deadHost.place, machine: '00000000' } }, records);
    const container = plant({ ...deadHost, place: { ...deadHost.place, namespace: '00000000' } }, records);
    const earlier = plant({ ...deadHost, place: { ...deadHost.place, boot: '00000000' } }, records);
    const notes = path.join(ground.folder, 'notes.txt');
    fs.writeFileSync(notes, 'of somebody else');
    assert.equal(await ground.recover(), undefined);
    assert.ok(isAlive(sleeper));
    assert.deepEqual([elsewhere, container, earlier, notes].map(fs.existsSync), [true, true, false, true]);
    const longAgo = Date.now() / 1000 - 31 * 24 * 3600;
    fs.utimesSync(elsewhere, longAgo, longAgo);
    await ground.recover();
    assert.equal(fs.existsSync(elsewhere), false);
  });

  it('is silent when nothing was left, and where there never was a ledger', async () => {
    assert.equal(await ground.recover(), undefined);
    plant(deadHost, [intent, { kind: 'started', id, pid: deadHost.pid, startTime: '2' }]);
    assert.equal(await ground.recover(), undefined);
    assert.deepEqual(ground.ledgers(), []);
  });

  it('spares another window that was opened by one of the processes', async () => {
    const host = await ground.host({}, [escapist]);
    await host.pids(escapistPids);
    const marked = ground.processes().find(({ command }) => command.startsWith('sleep'));
    const environment = fs.readFileSync(`/proc/${marked?.pid}/environ`, 'latin1').split('\0');
    const mark = environment.find((line) => line.startsWith(`${markVariable}=`))?.slice(markVariable.length + 1);
    // A child of the host's own parent, in that parent's session, as every window of one editor is.
    const window = spawn('sleep', ['1000'], { env: { ...process.env, [markVariable]: mark }, stdio: 'ignore' });
    started.push(window);
    await once(window, 'spawn');
    await host.kill();
    await ground.untilGone();
    assert.equal(window.exitCode ?? window.signalCode, null);
    assert.ok(isAlive({ pid: window.pid ?? 0 }));
  });
});
