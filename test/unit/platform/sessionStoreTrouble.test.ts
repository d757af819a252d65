import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { GreenroomError } from '../../../src/base/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { identity, said, sessionId, status, StoreBench, text } from '../../support/storeBench.ts';

const isSaveFailed = (error: unknown) => error instanceof GreenroomError && error.code === 'saveFailed';

describe('the store of sessions in trouble', () => {
  let bench: StoreBench;

  beforeEach(() => {
    bench = new StoreBench();
  });
  afterEach(() => bench.dispose());

  for (const code of ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES']) {
    it(`loses nothing when writing fails with ${code}, and tells it once`, async () => {
      const store = bench.store();
      const log = await store.create(identity);
      log.append(text(1, 'a'));
      await log.flush('synced');
      bench.io.break('write', code, 20);
      log.append(text(2, 'b'));
      await assert.rejects(log.flush('written'), isSaveFailed);
      log.append(text(3, 'c'));
      await assert.rejects(log.flush('synced'), isSaveFailed);
      await bench.clock.run(3000);
      assert.equal(bench.told.length, 1);
      assert.doesNotMatch(bench.told[0] ?? '', /\?/);
      assert.deepEqual(said((await store.load(sessionId)).events), { text: 'abc', last: 3 });
      bench.io.repair();
      await bench.clock.run(11_000);
      await eventually(() => bench.told.length > 1, 'everything is saved');
      assert.deepEqual(bench.told.slice(1), ['saved']);
      log.append(text(4, 'd'));
      await log.close();
      const loaded = await bench.store().load(sessionId);
      assert.deepEqual(said(loaded.events), { text: 'abcd', last: 4 });
      assert.equal(loaded.damage, undefined);
    });
  }

  it('tries again at growing intervals', async () => {
    const log = await bench.store().create(identity);
    bench.io.break('write', 'ENOSPC');
    const before = bench.io.calls.get('write') ?? 0;
    log.append(status(1));
    await bench.clock.run(60_000, 50);
    const attempts = (bench.io.calls.get('write') ?? 0) - before;
    assert.ok(attempts > 6 && attempts < 30, String(attempts));
  });

  it('saves at once when asked to after the trouble is over', async () => {
    const log = await bench.store().create(identity);
    bench.io.break('write', 'ENOSPC');
    log.append(status(1));
    await assert.rejects(log.flush('written'), isSaveFailed);
    bench.io.repair();
    await log.flush('synced');
    assert.deepEqual(bench.told.slice(1), ['saved']);
  });

  it('continues a partial write without repeating a byte, however little goes through', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(90), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 50 }),
        async (rooms, largest) => {
          const own = new StoreBench();
          try {
            const log = await own.store().create(identity);
            own.io.largestWrite = largest;
            let seq = 0;
            for (const room of rooms) {
              log.append(status(++seq));
              own.io.break('write', 'ENOSPC', room);
              await log.flush('written').catch(() => undefined);
              if (room % 3 === 0) {
                own.io.repair();
                await log.flush('synced');
              }
            }
            own.io.repair();
            await log.flush('synced');
            const { events, damage } = await own.store().load(sessionId);
            assert.equal(damage, undefined);
            assert.deepEqual(
              events.map((event) => event.seq),
              Array.from({ length: seq }, (_, index) => index + 1),
            );
          } finally {
            await own.dispose();
          }
        },
      ),
      { numRuns: process.env['GREENROOM_LONG'] === '1' ? 1000 : 100 },
    );
  });

  it('removes what a failed write left without saying so', async () => {
    const log = await bench.store().create(identity);
    log.append(status(1));
    await log.flush('written');
    bench.io.break('write', 'EIO');
    log.append(status(2));
    await assert.rejects(log.flush('written'), isSaveFailed);
    fs.appendFileSync(bench.paths.session(sessionId), '{"crc":"0000');
    bench.io.repair();
    await log.flush('synced');
    const { events, damage } = await bench.store().load(sessionId);
    assert.equal(damage, undefined);
    assert.equal(events.length, 2);
  });

  it('writes again what may have been lost when syncing failed', async () => {
    const log = await bench.store().create(identity);
    log.append(status(1));
    await log.flush('synced');
    const safe = bench.file();
    bench.io.break('sync', 'EIO');
    log.append(status(2));
    await assert.rejects(log.flush('synced'), isSaveFailed);
    log.append(status(3));
    // The system dropped the pages that it could not write.
    const bytes = bench.file();
    fs.writeFileSync(bench.paths.session(sessionId), Buffer.concat([safe, Buffer.alloc(bytes.length - safe.length)]));
    bench.io.repair();
    await bench.clock.run(1000);
    await eventually(() => bench.told.length === 2, 'everything is saved');
    assert.deepEqual(bench.told.slice(1), ['saved']);
    const { events, damage } = await bench.store().load(sessionId);
    assert.equal(damage, undefined);
    assert.equal(events.length, 3);
  });

  it('makes the file again when its folder vanished', async () => {
    const log = await bench.store().create(identity);
    log.append(status(1));
    await log.flush('synced');
    fs.rmSync(bench.root, { recursive: true });
    log.append(status(2));
    await log.flush('synced');
    const { events, damage } = await bench.store().load(sessionId);
    assert.equal(damage, undefined);
    assert.equal(events.length, 2);
    assert.deepEqual(fs.readdirSync(bench.paths.sessions), [`${sessionId}.jsonl`]);
  });

  it('lets a session begin that cannot be saved yet', async () => {
    fs.mkdirSync(bench.root, { recursive: true });
    fs.writeFileSync(bench.paths.sessions, 'in the way');
    const store = bench.store();
    const log = await store.create(identity);
    log.append(status(1));
    await assert.rejects(log.flush('written'), isSaveFailed);
    assert.equal(bench.told.length, 1);
    assert.match(bench.told[0] ?? '', /in the place|folder is gone/);
    fs.rmSync(bench.paths.sessions);
    await log.flush('synced');
    assert.equal((await store.load(sessionId)).events.length, 1);
    assert.equal((await store.list()).sessions.length, 1);
  });

  it('keeps a bounded amount, says when it is full, and marks what is missing', async () => {
    const store = bench.store({ maxHeldBytes: 2000 });
    const log = await store.create(identity);
    bench.io.break('write', 'ENOSPC');
    for (let seq = 1; seq <= 40; seq++) {
      log.append(status(seq, `${seq} ${'x'.repeat(100)}`));
      bench.clock.advance(60);
    }
    assert.equal(bench.told.length, 2);
    assert.match(bench.told[1] ?? '', /lost when this window closes/);
    bench.io.repair();
    await log.flush('synced');
    log.append(status(41));
    await log.close();
    assert.deepEqual(bench.told.slice(2), ['saved']);
    const { events, damage } = await bench.store().load(sessionId);
    assert.equal(damage, undefined);
    assert.equal(said(events).last, 41);
    const missing = events.find(({ event }) => event.type === 'warning');
    assert.equal(missing?.covers?.count, 40 - (events.length - 2));
  });

  it('keeps a session that cannot be closed, and lets it go when it is saved', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    bench.io.break('write', 'ENOSPC');
    log.append(status(1));
    await assert.rejects(log.close(), isSaveFailed);
    assert.equal((await store.load(sessionId)).events.length, 1);
    bench.io.repair();
    await bench.clock.run(1000);
    await eventually(() => fs.readdirSync(bench.paths.claims).length === 0, 'the session is let go');
    assert.equal((await bench.store().load(sessionId)).events.length, 1);
  });

  it('opens a session again that could not be closed', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    bench.io.break('write', 'ENOSPC');
    log.append(status(1));
    await assert.rejects(log.close(), isSaveFailed);
    const again = await store.open(sessionId);
    again.append(status(2));
    bench.io.repair();
    await again.close();
    assert.equal(said((await bench.store().load(sessionId)).events).last, 2);
  });

  it('tells one trouble for all files that a full disk hits', async () => {
    const store = bench.store();
    const ids = ['1', '2', '3'].map((digit) => `${digit.repeat(8)}-1111-4111-8111-111111111111`);
    const logs = await Promise.all(ids.map((id) => store.create({ ...identity, id })));
    bench.io.break('write', 'ENOSPC');
    logs.forEach((log) => log.append(status(1)));
    await bench.clock.run(2000);
    assert.equal(bench.told.length, 1);
    bench.io.repair();
    await bench.clock.run(11_000);
    await eventually(() => bench.told.length > 1, 'everything is saved');
    assert.deepEqual(bench.told.slice(1), ['saved']);
  });

  it('keeps small files and texts in memory until they can be written', async () => {
    const store = bench.store();
    fs.mkdirSync(bench.root, { recursive: true });
    for (const name of ['drafts', 'blobs']) {
      fs.writeFileSync(path.join(bench.root, name), 'in the way');
    }
    store.saveDraft(sessionId, 'draft');
    const { blob } = store.putBlob(sessionId, 'text');
    await assert.rejects(store.flush(), isSaveFailed);
    assert.equal(store.readDraft(sessionId), 'draft');
    assert.equal(await store.readBlob(sessionId, blob), 'text');
    for (const name of ['drafts', 'blobs']) {
      fs.rmSync(path.join(bench.root, name));
    }
    await store.flush();
    assert.deepEqual(bench.told.slice(1), ['saved']);
    assert.equal(bench.store().readDraft(sessionId), 'draft');
    assert.equal(await bench.store().readBlob(sessionId, blob), 'text');
  });

  it('says that a record is safe only when the texts that it refers to are', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    fs.writeFileSync(path.join(bench.root, 'blobs'), 'in the way');
    store.putBlob(sessionId, 'text');
    log.append(status(1));
    await assert.rejects(log.flush('written'), isSaveFailed);
    await assert.rejects(log.flush('synced'), isSaveFailed);
    assert.match(bench.file().toString(), /status 1/);
    fs.rmSync(path.join(bench.root, 'blobs'));
    await log.flush('written');
  });
});
