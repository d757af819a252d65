import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { NumberedEvent } from '../../../src/core/sessionEvents.ts';
import { GreenroomError } from '../../../src/base/errors.ts';
import { identity, said, sessionId, status, StoreBench, text } from '../../support/storeBench.ts';

describe('a damaged session', () => {
  let bench: StoreBench;

  beforeEach(() => {
    bench = new StoreBench();
  });
  afterEach(() => bench.dispose());

  async function write(count: number): Promise<Buffer> {
    const log = await bench.store().create(identity);
    for (let seq = 1; seq <= count; seq++) {
      log.append(seq % 2 === 0 ? status(seq) : text(seq, `text ${seq} ä🙂`));
    }
    await log.close();
    return bench.file();
  }

  it('can be continued wherever its end was cut off', async () => {
    const whole = await write(8);
    const ends: number[] = [];
    for (let at = whole.indexOf(10); at !== -1; at = whole.indexOf(10, at + 1)) {
      ends.push(at + 1);
    }
    const first = ends.at(-4) ?? 0;
    for (let size = first; size <= whole.length; size++) {
      fs.writeFileSync(bench.paths.session(sessionId), whole.subarray(0, size));
      const complete = ends.filter((end) => end - 1 <= size).length - 1;
      const isTorn = !ends.includes(size) && !ends.includes(size + 1);
      const store = bench.store();
      const loaded = await store.load(sessionId);
      assert.deepEqual(
        loaded.events.map(({ seq }) => seq),
        Array.from({ length: complete }, (_, index) => index + 1),
        `cut at ${size}`,
      );
      assert.equal(loaded.damage !== undefined, isTorn, `cut at ${size}`);
      const log = await store.open(sessionId);
      log.append(status(complete + 1, 'new'));
      await log.close();
      const again = await store.load(sessionId);
      assert.equal(again.damage, undefined, `cut at ${size}`);
      assert.deepEqual(again.events, [...loaded.events, status(complete + 1, 'new')]);
    }
  });

  it('says so whichever byte was changed, and shows everything else', async () => {
    const whole = await write(6);
    const header = whole.indexOf(10) + 1;
    const before = (await bench.store().load(sessionId)).events;
    for (let at = 0; at < whole.length; at++) {
      for (const bit of [0x01, 0x20, 0x80]) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ bit;
        fs.writeFileSync(bench.paths.session(sessionId), bytes);
        const store = bench.store();
        const where = `byte ${at} ^ ${bit}`;
        let events: readonly NumberedEvent[];
        try {
          const loaded = await store.load(sessionId);
          events = loaded.events;
          assert.notEqual(loaded.damage, undefined, where);
        } catch (error) {
          assert.ok(error instanceof GreenroomError && at < header, `${where}: ${String(error)}`);
          assert.deepEqual(bench.file(), bytes);
          continue;
        }
        const kept = new Set(before.map((event) => JSON.stringify(event)));
        assert.ok(
          events.every((event) => kept.has(JSON.stringify(event))),
          where,
        );
        assert.ok(events.length >= before.length - 2, `${where}: ${events.length}`);
      }
    }
  });

  it('stays readable after it was continued, whichever byte was changed', async () => {
    const whole = await write(4);
    const header = whole.indexOf(10) + 1;
    for (let at = header; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      fs.writeFileSync(bench.paths.session(sessionId), bytes);
      const store = bench.store();
      const { last } = said((await store.load(sessionId)).events);
      const log = await store.open(sessionId);
      log.append(status(last + 1, 'new'));
      await log.close();
      const { events } = await store.load(sessionId);
      assert.deepEqual(events.at(-1), status(last + 1, 'new'));
    }
  });

  it('does not hide the others', async () => {
    const store = bench.store();
    const ids = Array.from({ length: 5 }, (_, index) => `0000000${index}-1111-4111-8111-111111111111`);
    for (const id of ids) {
      await (await store.create({ ...identity, id })).close();
    }
    fs.writeFileSync(bench.paths.session(ids[0] as string), Buffer.from([0, 1, 2, 3, 10, 255]));
    fs.rmSync(bench.paths.session(ids[1] as string));
    fs.mkdirSync(bench.paths.session(ids[1] as string));
    fs.writeFileSync(`${bench.paths.sessions}/notes.txt`, 'not ours');
    const { sessions, problems } = await bench.store().list();
    assert.deepEqual(sessions.map(({ id }) => id).sort(), ids.slice(2));
    assert.equal(problems.length, 2);
  });
});
