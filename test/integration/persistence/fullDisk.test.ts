import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GreenroomError } from '../../../src/base/errors.ts';
import { SessionStore } from '../../../src/platform/sessionStore.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { identity, said, sessionId, status } from '../../support/storeBench.ts';

const isSaveFailed = (error: unknown) => error instanceof GreenroomError && error.code === 'saveFailed';

/** Commands of the system, where they are there at all. */
const [mount, unmount] = ['mount', 'umount'] as const;

/** A small disk of our own; only the administrator of Linux may make one. */
function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync(mount, ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('sessions on a real disk', () => {
  let folder: string;
  let told: string[];
  let store: SessionStore;

  before(function () {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'greenroom-disk-'));
    if (!mountSmallDisk(folder)) {
      fs.rmdirSync(folder);
      this.skip();
    }
  });
  beforeEach(() => {
    told = [];
    const root = path.join(folder, 'storage');
    const onSaveFailed = (error: { readonly message: string } | undefined) => told.push(error?.message ?? 'saved');
    store = new SessionStore({ root, clock: systemClock, log: new MemoryLog(), onSaveFailed });
  });
  afterEach(() => {
    fs.rmSync(path.join(folder, 'storage'), { recursive: true, force: true });
  });
  after(() => {
    if (fs.existsSync(folder)) {
      execFileSync(unmount, [folder]);
      fs.rmdirSync(folder);
    }
  });

  it('lose nothing while it is full', async () => {
    const log = await store.create(identity);
    const ballast = path.join(folder, 'ballast');
    fs.writeFileSync(ballast, Buffer.alloc(180 << 10));
    const words = 'x'.repeat(10_000);
    for (let seq = 1; seq <= 30; seq++) {
      log.append(status(seq, words));
    }
    const blob = store.putBlob(sessionId, 'y'.repeat(50_000)).blob;
    await assert.rejects(log.flush('synced'), isSaveFailed);
    assert.match(told.join(), /the disk is full/);
    assert.equal(said((await store.load(sessionId)).events).last, 30);
    fs.rmSync(ballast);
    // 300 KB do not fit on this disk: the rest waits in memory until there is room.
    await assert.rejects(log.flush('synced'), isSaveFailed);
    execFileSync(mount, ['-o', 'remount,size=1m', folder]);
    await log.close();
    await store.flush();
    assert.equal(told.at(-1), 'saved');
    const { events, damage } = await store.load(sessionId);
    assert.equal(damage, undefined);
    assert.deepEqual(said(events), { text: words.repeat(30), last: 30 });
    assert.equal((await store.readBlob(sessionId, blob)).length, 50_000);
  });

  it('lose nothing while it is read-only', async () => {
    const log = await store.create(identity);
    log.append(status(1));
    await log.close();
    await store.flush();
    execFileSync(mount, ['-o', 'remount,ro', folder]);
    try {
      assert.equal((await store.load(sessionId)).events.length, 1);
      await assert.rejects(store.open(sessionId), isSaveFailed);
      const other = await store.create({ ...identity, id: '11111111-2222-4333-8444-555555555555' });
      other.append(status(1));
      await assert.rejects(other.flush('written'), isSaveFailed);
      assert.match(told.join(), /read-only/);
      execFileSync(mount, ['-o', 'remount,rw', folder]);
      await other.close();
      await store.flush();
      assert.equal(told.at(-1), 'saved');
      assert.equal((await store.list()).sessions.length, 2);
    } finally {
      execFileSync(mount, ['-o', 'remount,rw', folder]);
    }
  });
});
