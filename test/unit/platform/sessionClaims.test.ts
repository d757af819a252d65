import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { GreenroomError } from '../../../src/base/errors.ts';
import { SessionClaims } from '../../../src/platform/sessionClaims.ts';
import { eventually } from '../../support/eventually.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { identity, otherId, sessionId, StoreBench } from '../../support/storeBench.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

const isLocked = (error: unknown) => error instanceof GreenroomError && error.code === 'sessionLocked';

describe('the right to write a session', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let clock: ManualClock;

  beforeEach(() => {
    folder = makeStoreFolder();
    clock = new ManualClock(Date.now());
  });
  afterEach(() => folder.dispose());

  const claims = () => new SessionClaims(folder.root, clock);
  const files = () => fs.readdirSync(folder.root);
  /** Puts the claim of somebody else beside those that are there. */
  function plant(change: (parts: string[]) => void, ageMs = 0): string {
    const own = claims().tryTake(otherId);
    assert.ok('release' in own);
    const parts = (files().find((name) => name.startsWith(otherId)) ?? '').split('.');
    own.release();
    parts[0] = sessionId;
    change(parts);
    const file = path.join(folder.root, parts.join('.'));
    fs.writeFileSync(file, '');
    const time = new Date(Date.now() - ageMs);
    fs.utimesSync(file, time, time);
    return file;
  }

  it('is held by one at a time', () => {
    const first = claims().tryTake(sessionId);
    assert.ok('release' in first);
    const second = claims().tryTake(sessionId);
    assert.ok(!('release' in second));
    assert.equal(second.pid, process.pid);
    assert.ok('release' in claims().tryTake(otherId));
    first.release();
    assert.ok('release' in claims().tryTake(sessionId));
  });

  it('leaves no file behind when it is given back', () => {
    const claim = claims().tryTake(sessionId);
    assert.equal(files().length, 1);
    assert.ok('release' in claim);
    claim.release();
    claim.release();
    assert.deepEqual(files(), []);
    assert.equal(clock.timers, 0);
  });

  it('passes from a process that has ended', () => {
    const dead = plant((parts) => (parts[2] = '4194304'));
    assert.ok('release' in claims().tryTake(sessionId));
    assert.equal(fs.existsSync(dead), false);
  });

  it('passes from a process whose id was given to another', () => {
    plant((parts) => (parts[3] = '12345'));
    assert.ok('release' in claims().tryTake(sessionId));
  });

  it('stays with a process that lives, however long it said nothing', () => {
    plant((parts) => (parts[4] = 'another'), 3_600_000);
    assert.ok(!('release' in claims().tryTake(sessionId)));
  });

  it('passes from another machine only after it was silent for a minute', () => {
    const lately = plant((parts) => (parts[1] = 'elsewhere'), 50_000);
    assert.ok(!('release' in claims().tryTake(sessionId)));
    fs.rmSync(lately);
    plant((parts) => (parts[1] = 'elsewhere'), 70_000);
    assert.ok('release' in claims().tryTake(sessionId));
  });

  it('passes at once from a machine that was started again since', () => {
    plant((parts) => (parts[1] = (parts[1] ?? '').replace(/-[0-9a-f]{8}-/, '-00000000-')));
    assert.ok('release' in claims().tryTake(sessionId));
  });

  it('stays with the window of an earlier version, which names its place otherwise, as long as that shows that it lives', () => {
    const lately = plant((parts) => (parts[1] = '0123456789ab'), 50_000);
    assert.ok(!('release' in claims().tryTake(sessionId)));
    fs.rmSync(lately);
    plant((parts) => (parts[1] = '0123456789ab'), 70_000);
    assert.ok('release' in claims().tryTake(sessionId));
  });

  it('is shown to be alive while it is held', () => {
    const claim = claims().tryTake(sessionId);
    const [name = ''] = files();
    const file = path.join(folder.root, name);
    fs.utimesSync(file, 1, 1);
    clock.advance(10_000);
    assert.ok(Date.now() - fs.statSync(file).mtimeMs < 60_000);
    fs.rmSync(file);
    clock.advance(10_000);
    assert.ok(fs.existsSync(file));
    assert.ok('release' in claim);
    claim.release();
  });

  it('is waited for while the former owner lets go', async () => {
    const first = claims().tryTake(sessionId);
    assert.ok('release' in first);
    const waiting = claims().take(sessionId);
    await clock.run(3000, 100);
    first.release();
    await clock.run(300, 100);
    assert.ok('release' in (await waiting));
  });

  it('is refused when the owner does not let go', async () => {
    const first = claims().tryTake(sessionId);
    const refused = assert.rejects(claims().take(sessionId), isLocked);
    await clock.run(6000, 100);
    await refused;
    assert.equal(files().length, 1);
    assert.ok('release' in first);
    first.release();
  });

  it('goes to exactly one of many that come at the same time', async () => {
    const contenders = Array.from({ length: 20 }, () => claims().take(sessionId, 60_000));
    let owners = 0;
    let done = 0;
    for (const contender of contenders) {
      contender
        .then(async (claim) => {
          owners += 1;
          assert.equal(owners, 1);
          await new Promise((resolve) => setImmediate(resolve));
          owners -= 1;
          done += 1;
          claim.release();
        })
        .catch(() => undefined);
    }
    await eventually(() => {
      clock.advance(50);
      return done === contenders.length;
    }, 'every contender had its turn');
  });

  it('keeps a second store from writing, and says so', async () => {
    const bench = new StoreBench();
    try {
      const first = bench.store();
      const log = await first.create(identity);
      await log.flush('written');
      const second = bench.store();
      const refused = assert.rejects(second.open(sessionId), isLocked);
      const refusedDelete = assert.rejects(second.delete(sessionId), isLocked);
      await bench.clock.run(6000, 100);
      await refused;
      await refusedDelete;
      await assert.rejects(first.open(sessionId), isLocked);
      assert.equal((await second.load(sessionId)).events.length, 0);
      await log.close();
      await (await second.open(sessionId)).close();
    } finally {
      await bench.dispose();
    }
  });
});
