import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { GreenroomError } from '../../../src/base/errors.ts';
import { mergeDeltas } from '../../../src/core/deltaMerger.ts';
import { reduceAll } from '../../../src/core/sessionReducer.ts';
import { frameLine } from '../../../src/platform/recordFrame.ts';
import { numberedEvents } from '../../support/sessionEventArbitrary.ts';
import { identity, numbered, otherId, said, sessionId, status, StoreBench, text } from '../../support/storeBench.ts';

const rejectsWith = (code: string) => (error: unknown) => error instanceof GreenroomError && error.code === code;

describe('the store of sessions', () => {
  let bench: StoreBench;

  beforeEach(() => {
    bench = new StoreBench();
  });
  afterEach(() => bench.dispose());

  it('gives back what was appended', async () => {
    await fc.assert(
      fc.asyncProperty(numberedEvents, async (events) => {
        const store = bench.store();
        const id = randomUUID();
        const log = await store.create({ ...identity, id });
        for (const event of events) {
          log.append(event);
          if (event.at % 3 === 0) {
            bench.clock.advance(60);
          }
        }
        const live = await store.load(id);
        assert.deepEqual(live, { identity: { ...identity, id }, events: mergeDeltas(events) });
        await log.close();
        const loaded = await bench.store().load(id);
        assert.deepEqual(loaded, live);
        assert.deepEqual(reduceAll(identity, 'x', loaded.events), reduceAll(identity, 'x', events));
      }),
      { numRuns: process.env['GREENROOM_LONG'] === '1' ? 2000 : 200 },
    );
  });

  it('writes within 100 ms and syncs within a second', async () => {
    const log = await bench.store().create(identity);
    const before = bench.file().length;
    const syncs = () => bench.io.calls.get('sync') ?? 0;
    log.append(text(1, 'a'));
    bench.clock.advance(40);
    log.append(text(2, 'b'));
    assert.equal(bench.file().length, before);
    bench.clock.advance(59);
    assert.ok(bench.file().length > before);
    assert.equal(syncs(), 0);
    bench.clock.advance(900);
    assert.equal(syncs(), 1);
  });

  it('writes at once when it is asked to, and syncs only when that is asked for', async () => {
    const log = await bench.store().create(identity);
    log.append(status(1));
    await log.flush('written');
    assert.match(bench.file().toString(), /status 1/);
    assert.equal(bench.io.calls.get('sync'), undefined);
    await log.flush('synced');
    assert.equal(bench.io.calls.get('sync'), 1);
    await log.flush('synced');
    assert.equal(bench.io.calls.get('sync'), 1);
  });

  it('shares one sync among those who wait for it', async () => {
    const log = await bench.store().create(identity);
    log.append(status(1));
    await Promise.all([log.flush('synced'), log.flush('synced'), log.flush('synced')]);
    assert.equal(bench.io.calls.get('sync'), 1);
  });

  it('goes on behind what is there', async () => {
    const first = await bench.store().create(identity);
    first.append(text(1, 'one '));
    await first.close();
    const store = bench.store();
    const second = await store.open(sessionId);
    second.append(text(2, 'two'));
    await second.close();
    assert.deepEqual(said((await store.load(sessionId)).events), { text: 'one two', last: 2 });
  });

  it('keeps files and folders for the user alone', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    store.putBlob(sessionId, 'x');
    store.saveDraft(sessionId, 'draft');
    store.saveArrangement({ foreground: sessionId, background: [], summaries: [] });
    await store.flush();
    const walk = (folder: string): string[] =>
      fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name);
        assert.equal(fs.statSync(file).mode & 0o077, 0, file);
        return entry.isDirectory() ? walk(file) : [file];
      });
    assert.equal(walk(bench.root).length, 6);
    await log.close();
  });

  it('refuses an id that is none before it becomes a path', async () => {
    const store = bench.store();
    for (const id of ['', '../../etc/passwd', 'x', sessionId.toUpperCase(), `${sessionId}/..`, `${sessionId}\n`]) {
      await assert.rejects(store.load(id), rejectsWith('unknownSession'));
      await assert.rejects(store.open(id), rejectsWith('unknownSession'));
      await assert.rejects(store.create({ ...identity, id }), rejectsWith('unknownSession'));
      await assert.rejects(store.delete(id), rejectsWith('unknownSession'));
      assert.throws(() => store.putBlob(id, ''), rejectsWith('unknownSession'));
      assert.throws(() => store.readDraft(id), rejectsWith('unknownSession'));
    }
    await assert.rejects(store.readBlob(sessionId, '../x'), rejectsWith('missingText'));
  });

  it('says that it does not know a session', async () => {
    await assert.rejects(bench.store().load(sessionId), rejectsWith('unknownSession'));
    await assert.rejects(bench.store().open(sessionId), rejectsWith('unknownSession'));
  });

  it('leaves a session of a newer version untouched and says so', async () => {
    const lines = Buffer.concat([
      frameLine(JSON.stringify({ greenroom: 'session', format: 2, ...identity })),
      Buffer.from('something else altogether'),
    ]);
    fs.mkdirSync(bench.paths.sessions, { recursive: true });
    fs.writeFileSync(bench.paths.session(sessionId), lines);
    fs.writeFileSync(bench.paths.session(otherId), '{"greenroom":"session","format":7,"sealed":true}\n');
    const store = bench.store();
    for (const id of [sessionId, otherId]) {
      await assert.rejects(store.load(id), rejectsWith('newerVersion'));
      await assert.rejects(store.open(id), rejectsWith('newerVersion'));
    }
    assert.equal((await store.list()).problems.length, 2);
    assert.deepEqual(bench.file(), lines);
  });

  it('calls an empty file damaged, and lets the others be', async () => {
    const store = bench.store();
    await (await store.create({ ...identity, id: otherId })).close();
    fs.writeFileSync(bench.paths.session(sessionId), '');
    await assert.rejects(store.load(sessionId), rejectsWith('damagedSession'));
    await assert.rejects(store.open(sessionId), rejectsWith('damagedSession'));
    const { sessions, problems } = await store.list();
    assert.deepEqual(
      sessions.map(({ id }) => id),
      [otherId],
    );
    assert.equal(problems.length, 1);
    assert.equal(bench.file().length, 0);
  });

  it('takes huge lines and NUL bytes for damage, and shows the rest', async () => {
    const log = await bench.store().create(identity);
    for (let seq = 1; seq <= 3; seq++) {
      log.append(status(seq));
    }
    await log.close();
    const [header, first, second, third] = bench.file().toString().split('\n');
    const parts = [header, first, '\0'.repeat(5000), 'x'.repeat(20 << 20), second, '', third, '\0'.repeat(9000)];
    fs.writeFileSync(bench.paths.session(sessionId), parts.join('\n'));
    const { events, damage } = await bench.store().load(sessionId);
    assert.deepEqual(said(events), { text: 'status 1status 2status 3', last: 3 });
    assert.match(damage ?? '', /2 lines.*last entry was not completely written/);
  });

  it('shows a session whose first line is damaged, if the list knows who it is', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    log.append(status(1));
    await log.close();
    await store.flush();
    const bytes = bench.file();
    bytes[20] = 0x21;
    fs.writeFileSync(bench.paths.session(sessionId), bytes);
    const again = bench.store();
    const loaded = await again.load(sessionId);
    assert.deepEqual(loaded.identity, identity);
    assert.match(loaded.damage ?? '', /beginning/);
    assert.deepEqual(said(loaded.events), { text: 'status 1', last: 1 });
    assert.equal((await again.list()).sessions.length, 1);
  });

  describe('texts that are put aside', () => {
    it('can be read at once and later', async () => {
      const store = bench.store();
      const log = await store.create(identity);
      const large = 'ä\u0000🙂'.repeat(100_000);
      const spilled = store.putBlob(sessionId, large);
      assert.equal(spilled.size, Buffer.byteLength(large));
      assert.equal(await store.readBlob(sessionId, spilled.blob), large);
      assert.deepEqual(store.putBlob(sessionId, large), spilled);
      await log.flush('written');
      assert.equal(fs.statSync(path.join(bench.paths.blobs(sessionId), spilled.blob)).size, spilled.size);
      assert.equal(await bench.store().readBlob(sessionId, spilled.blob), large);
      assert.deepEqual(fs.readdirSync(bench.paths.blobs(sessionId)), [spilled.blob]);
    });

    it('are not shown when they were changed or are gone', async () => {
      const store = bench.store();
      const { blob } = store.putBlob(sessionId, 'the text');
      await store.flush();
      fs.writeFileSync(path.join(bench.paths.blobs(sessionId), blob), 'the tent');
      await assert.rejects(store.readBlob(sessionId, blob), rejectsWith('missingText'));
      fs.rmSync(bench.paths.blobs(sessionId), { recursive: true });
      await assert.rejects(store.readBlob(sessionId, blob), rejectsWith('missingText'));
    });
  });

  describe('drafts and the arrangement', () => {
    it('come back', async () => {
      const store = bench.store();
      store.saveDraft(sessionId, 'first');
      store.saveDraft(sessionId, 'second');
      assert.equal(store.readDraft(sessionId), 'second');
      const arrangement = { foreground: sessionId, background: [otherId], summaries: [] };
      store.saveArrangement(arrangement);
      await store.flush();
      const again = bench.store();
      assert.equal(again.readDraft(sessionId), 'second');
      assert.equal(again.readDraft(otherId), '');
      assert.deepEqual(await again.readArrangement(), arrangement);
      again.saveDraft(sessionId, '');
      await again.flush();
      assert.equal(fs.existsSync(bench.paths.draft(sessionId)), false);
    });

    it('bring back what lists show of sessions that are not loaded, and what was not seen of them', async () => {
      const summary = {
        ...identity,
        updatedAt: 2,
        name: 'Limited',
        state: 'idle',
        messageCount: 3,
        reason: 'Used up.',
        reasonCode: 'rateLimited',
        rateLimitedUntil: 1_800_000_000_000,
        waiting: 1,
      };
      const absence = {
        id: otherId,
        since: 1,
        seen: 2,
        grew: true,
        turns: 3,
        failed: 1,
        toolCalls: 4,
        asks: 1,
        costUsd: 0.5,
        ended: true,
        asked: false,
      };
      const store = bench.store();
      store.saveArrangement({
        foreground: sessionId,
        background: [otherId],
        summaries: [summary],
        absences: [absence],
      });
      await store.flush();
      const again = await bench.store().readArrangement();
      assert.deepEqual([again?.summaries, again?.absences], [[summary], [absence]]);
      const damaged = JSON.parse(fs.readFileSync(bench.paths.arrangement, 'utf8'));
      damaged.absences.push(7, { id: '../../etc' }, { id: '../x', since: 1, seen: 1 }, { ...absence, turns: 'many' });
      fs.writeFileSync(bench.paths.arrangement, JSON.stringify(damaged));
      assert.deepEqual((await bench.store().readArrangement())?.absences, [absence, { ...absence, turns: 0 }]);
    });

    it('are saved a moment after the last change', async () => {
      const store = bench.store();
      store.saveDraft(sessionId, 'draft');
      bench.clock.advance(1000);
      await store.flush();
      assert.equal(bench.clock.timers, 0);
      assert.equal(JSON.parse(fs.readFileSync(bench.paths.draft(sessionId), 'utf8')).text, 'draft');
    });

    it('are ignored with a line in the log when they are damaged', async () => {
      fs.mkdirSync(path.dirname(bench.paths.draft(sessionId)), { recursive: true });
      fs.writeFileSync(bench.paths.draft(sessionId), '{"te');
      fs.writeFileSync(bench.paths.arrangement, '[]');
      const store = bench.store();
      assert.equal(store.readDraft(sessionId), '');
      assert.equal(await store.readArrangement(), undefined);
      assert.equal(bench.log.lines.filter((line) => line.startsWith('warn')).length, 2);
    });
  });

  describe('deleting', () => {
    it('leaves nothing of the session', async () => {
      const store = bench.store();
      for (const id of [sessionId, otherId]) {
        const log = await store.create({ ...identity, id });
        log.append(status(1));
        store.putBlob(id, 'text');
        store.saveDraft(id, 'draft');
        await log.flush('synced');
      }
      await store.flush();
      await store.delete(sessionId);
      await store.flush();
      const left = fs.readdirSync(bench.root, { recursive: true }).filter((name) => String(name).includes(sessionId));
      assert.deepEqual(left, []);
      assert.ok(!fs.readFileSync(bench.paths.index, 'utf8').includes(sessionId));
      assert.deepEqual(
        (await store.list()).sessions.map(({ id }) => id),
        [otherId],
      );
      await assert.rejects(store.load(sessionId), rejectsWith('unknownSession'));
    });

    it('can be repeated', async () => {
      const store = bench.store();
      await store.create(identity);
      await store.delete(sessionId);
      await store.delete(sessionId);
      assert.equal(bench.told.length, 0);
    });

    it('is not undone by an event that comes late', async () => {
      const store = bench.store();
      const log = await store.create(identity);
      await store.delete(sessionId);
      log.append(numbered(1, { type: 'done' }));
      await bench.clock.run(2000);
      assert.equal(fs.existsSync(bench.paths.session(sessionId)), false);
    });
  });
});
