import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { hostFileName, type HostIdentity, ownPlace, parseHostFileName } from '../../../src/platform/hostIdentity.ts';
import { expireForgotten } from '../../../src/platform/keptHosts.ts';
import {
  expireKept,
  keptFileName,
  keptHost,
  noteDeath,
  parseKeptFileName,
  readKept,
  takeKept,
  untilExpired,
} from '../../../src/platform/keptLedgers.ts';
import { encodeRecord } from '../../../src/platform/ledgerRecords.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

const patienceMs = 600_000;

describe('A ledger of kept processes', () => {
  let store: ReturnType<typeof makeStoreFolder>;
  let folder: string;
  let dead: HostIdentity;
  const log = new MemoryLog();
  const id = 'aaaaaaaaaaaa';

  beforeEach(() => {
    store = makeStoreFolder();
    folder = path.join(store.root, 'processes');
    fs.mkdirSync(folder, { recursive: true });
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    dead = { place: ownPlace(), pid, startTime: '1', id: '0123456789abcdef' };
  });
  afterEach(() => store.dispose());

  const names = (): readonly string[] => fs.readdirSync(folder);
  function plant(host: HostIdentity = dead): string {
    const file = path.join(folder, keptFileName(host));
    fs.writeFileSync(file, encodeRecord({ kind: 'intent', id, name: 'shell' }));
    return file;
  }
  const expire = (clock: ManualClock) => expireForgotten({ ledgers: folder, clock, log, patienceMs });

  it('has a name that nobody takes for that of an ordinary one, and that says whose it is', () => {
    assert.equal(parseHostFileName(keptFileName(dead)), undefined);
    assert.deepEqual(parseKeptFileName(keptFileName(dead)), dead);
    assert.equal(parseKeptFileName(hostFileName(dead)), undefined);
    assert.equal(parseKeptFileName(`kept-kept-${hostFileName(dead)}`), undefined);
    assert.notEqual(keptHost().id, keptHost().id);
  });

  it('becomes that of one who takes it, with the id that the marks of its processes have', () => {
    plant();
    const owner = keptHost(dead.id);
    assert.deepEqual([takeKept(folder, dead, owner), takeKept(folder, dead, owner)], [true, false]);
    assert.deepEqual(names(), [keptFileName(owner)]);
    assert.equal(expireKept(folder, dead), false);
    assert.equal(owner.id, dead.id);
  });

  it('is an ordinary one once it has expired, and cannot be taken then', () => {
    plant();
    assert.equal(expireKept(folder, dead), true);
    assert.equal(takeKept(folder, dead, keptHost(dead.id)), false);
    assert.deepEqual(names(), [hostFileName(dead)]);
  });

  it('is written anew by who has taken it, without the word of a death, and goes with its last process', () => {
    const file = plant();
    noteDeath(file, 5);
    const host = keptHost(dead.id);
    const entries = readKept(file)?.entries ?? [];
    assert.ok(takeKept(folder, dead, host));
    const kept = { host, fileName: keptFileName(host), reaperArguments: [], entries };
    const ledger = new ProcessLedger({ folder, clock: new ManualClock(), log, kept });
    ledger.takeOver();
    const taken = path.join(folder, keptFileName(host));
    assert.deepEqual(readKept(taken), { entries, found: [], damaged: 0, dropped: 0 });
    assert.equal(ledger.recordOf(id).mark, `${dead.id}.${id}`);
    assert.equal(ledger.begin('another').mark.slice(0, 17), `${dead.id}.`);
    assert.deepEqual(
      ledger.running.map(({ name }) => name),
      ['shell', 'another'],
    );
    for (const entry of readKept(taken)?.entries ?? []) {
      ledger.recordOf(entry.id).gone();
    }
    assert.deepEqual(names(), []);
  });

  it('expires when it was seen without a host for so long, whoever looks, and no sooner', async () => {
    const file = plant();
    const clock = new ManualClock();
    assert.equal(await expire(clock), patienceMs);
    assert.equal(readKept(file)?.deadSince, clock.now());
    clock.advance(patienceMs - 1);
    assert.equal(await expire(clock), 1);
    assert.deepEqual(names(), [keptFileName(dead)]);
    clock.advance(1);
    assert.equal(await expire(clock), undefined);
    assert.deepEqual(names(), [hostFileName(dead)]);
  });

  it('of a living host does not expire, and of an earlier start of the machine is removed', async () => {
    const own = keptHost();
    plant(own);
    plant({ ...dead, place: { ...dead.place, boot: '00000000' } });
    const elsewhere = { ...dead, place: { ...dead.place, machine: '00000000' } };
    plant(elsewhere);
    const clock = new ManualClock(Date.now());
    await expire(clock);
    clock.advance(patienceMs + 1);
    assert.equal(await expire(clock), undefined);
    assert.deepEqual(names().toSorted(), [keptFileName(own), keptFileName(elsewhere)].toSorted());
  });

  it('is waited for by its reaper until it is taken, or nobody has come', async () => {
    plant();
    const waiting = untilExpired(folder, dead, 60_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(takeKept(folder, dead, keptHost(dead.id)));
    assert.equal(await waiting, false);
    assert.equal(await untilExpired(folder, dead, 0), false, 'there is another of its id');
    fs.rmSync(path.join(folder, names()[0] ?? ''));
    assert.equal(await untilExpired(folder, dead, 60_000), true, 'it was never written');
    plant();
    assert.equal(await untilExpired(folder, dead, 20), true);
    assert.deepEqual(names(), [hostFileName(dead)]);
  });
});
