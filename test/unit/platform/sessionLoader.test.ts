import assert from 'node:assert/strict';
import fs from 'node:fs';
import fc from 'fast-check';
import { encodeEvent } from '../../../src/core/logRecords.ts';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { reduceAll, type SessionModel } from '../../../src/core/sessionReducer.ts';
import { frameLine } from '../../../src/platform/recordFrame.ts';
import type { SessionStore } from '../../../src/platform/sessionStore.ts';
import { identity, sessionId, StoreBench } from '../../support/storeBench.ts';
import { append, longStreams, number, write } from '../../support/storedEvents.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 1_000 : 25;
const spacing = { checkpointSpacingBytes: 2_000 };

/** What reducing the whole log gives. */
async function whole(store: SessionStore, id = sessionId): Promise<SessionModel> {
  return reduceAll(identity, 'Fake', (await store.load(id)).events);
}

async function opened(store: SessionStore, id = sessionId): Promise<SessionModel> {
  return (await store.loadModel(id, () => 'Fake')).model;
}

/** `model` with as many of its messages as `other` has. */
function lastOf(model: SessionModel, other: SessionModel): SessionModel {
  const { from } = other.view;
  return { ...model, view: { ...model.view, from, messages: model.view.messages.slice(from) } };
}

const turn = (index: number, text = 'x'.repeat(300)): SessionEvent[] => [
  { type: 'userMessage', messageId: `${index}`, text: `question ${index}` },
  { type: 'turnStarted', origin: 'user' },
  { type: 'stepStarted' },
  { type: 'textDelta', partId: `p${index}`, text: `answer ${index} ${text}` },
  { type: 'turnComplete', stopReason: 'endTurn', durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 0 },
];
const turns = (count: number, first = 0) => Array.from({ length: count }, (_, index) => turn(first + index)).flat();

/** Lines of a log, as a version without checkpoints writes them. */
const lines = (events: readonly SessionEvent[], first: number): Buffer =>
  Buffer.concat(number(events, first).map((numbered) => frameLine(encodeEvent(numbered))));

describe('opening a stored session from its end', () => {
  let bench: StoreBench;

  beforeEach(() => {
    bench = new StoreBench();
  });

  afterEach(() => bench.dispose());

  it('gives what reducing the whole log gives, also after more was appended, and every page of it', async () => {
    let fromEnd = 0;
    await fc.assert(
      fc.asyncProperty(
        longStreams,
        longStreams,
        fc.integer({ min: 1, max: 8_000 }),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 150 })), { minLength: 3, maxLength: 6 }),
        async (first, second, checkpointSpacingBytes, pages) => {
          const own = new StoreBench();
          try {
            const options = { checkpointSpacingBytes };
            const model = await write(own.store(options), identity, number(first));
            assert.deepEqual(
              await opened(own.store(options)),
              lastOf(await whole(own.store()), await opened(own.store(options))),
            );
            await write(own.store(options), identity, number(second, model.lastSeq + 1), model);
            const reading = own.store(options);
            const all = await whole(reading);
            const tail = await opened(reading);
            assert.deepEqual(tail, lastOf(all, tail));
            fromEnd += tail.view.from > 0 ? 1 : 0;
            for (const [at, count] of pages) {
              const before = 1 + (at % Math.max(1, tail.view.from));
              if (before > tail.view.from) {
                break;
              }
              const { from, messages } = await reading.loadMessages(sessionId, before, count);
              assert.deepEqual([...messages], all.view.messages.slice(from, before));
              assert.ok(messages.length > 0 && messages.length <= count);
            }
          } finally {
            await own.dispose();
          }
        },
      ),
      { numRuns: runs },
    );
    assert.ok(fromEnd > runs / 4, `only ${fromEnd} of ${runs} were opened from their end`);
  }).timeout(60_000);

  it('has at least a snapshot of messages, and reads no more than it needs for them', async () => {
    await write(bench.store(spacing), identity, number(turns(2_000)));
    const file = bench.file();
    // Whoever reads what is here sees it.
    file.fill('#', 1_000, file.length - 200_000);
    fs.writeFileSync(bench.paths.session(sessionId), file);
    const { model, damage } = await bench.store(spacing).loadModel(sessionId, () => 'Fake');
    assert.equal(damage, undefined);
    assert.equal(model.view.total, 4_000);
    assert.ok(model.view.messages.length >= 60 && model.view.messages.length < 120, `${model.view.messages.length}`);
  });

  it('finds the newest event of a kind in all of it', async () => {
    const model = await write(bench.store(spacing), identity, number(turns(200)));
    const store = bench.store(spacing);
    const asked = await store.findEvent(sessionId, (event) => event.type === 'userMessage' && event.messageId === '3');
    assert.equal(asked?.type === 'userMessage' && asked.text, 'question 3');
    const again: SessionEvent = { type: 'userMessage', messageId: '3', text: 'once more' };
    await write(store, identity, number([again], model.lastSeq + 1), model);
    assert.deepEqual(
      await store.findEvent(sessionId, (event) => event.type === 'userMessage' && event.messageId === '3'),
      again,
    );
    assert.equal(await store.findEvent(sessionId, (event) => event.type === 'warning'), undefined);
  });

  it('keeps the file of checkpoints a small part of the log', async () => {
    await write(bench.store(), identity, number(turns(2_000)));
    const part = fs.statSync(bench.paths.checkpoints(sessionId)).size / bench.file().length;
    assert.ok(part > 0 && part < 0.05, `${part}`);
  });

  describe('with damage before its end', () => {
    /** Makes the line with this text unreadable. */
    const damage = (text: string, how: 'changed' | 'blank'): void => {
      const path = bench.paths.session(sessionId);
      const content = fs.readFileSync(path, 'utf8');
      const at = content.indexOf(text);
      const start = content.lastIndexOf('\n', at) + 1;
      const end = content.indexOf('\n', at) + 1;
      const line = content.slice(start, end);
      const other = how === 'changed' ? line.replace('"seq"', '"SEQ"') : `${' '.repeat(line.length - 1)}\n`;
      fs.writeFileSync(path, content.slice(0, start) + other + content.slice(end));
    };
    const textOf = (part: unknown) => (part as { readonly text: string }).text.slice(0, 40);

    for (const how of ['changed', 'blank'] as const) {
      it(`shows it where it is and leaves every other message in its place: a message that is ${how}`, async () => {
        await write(bench.store(spacing), identity, number(turns(200)));
        const all = await whole(bench.store());
        damage('question 50"', how);
        const store = bench.store(spacing);
        const { model, damage: said } = await store.loadModel(sessionId, () => 'Fake');
        assert.equal(said, undefined, 'the end of the log is not damaged');
        assert.deepEqual(model, lastOf(all, model));
        const { from, messages } = await store.loadMessages(sessionId, 150, 120);
        assert.equal(from, 30);
        const expected = all.view.messages.slice(30, 150);
        assert.match(textOf(messages[70]?.parts[0]), /A part of this session is damaged/);
        assert.deepEqual(messages.toSpliced(70, 1), expected.toSpliced(70, 1));
        assert.equal(bench.log.lines.filter((line) => line.includes('is damaged')).length, 1);
      });

      it(`shows it where it is and leaves every other message in its place: the end of a turn that is ${how}`, async () => {
        await write(bench.store(spacing), identity, number(turns(200)));
        const all = await whole(bench.store());
        const end = fs.readFileSync(bench.paths.session(sessionId), 'utf8');
        const line = end.slice(end.indexOf('turnComplete', end.indexOf('question 50"')) - 60);
        damage(line.slice(0, 70), how);
        const store = bench.store(spacing);
        const { from, messages } = await store.loadMessages(sessionId, 150, 120);
        assert.deepEqual([from, messages.length], [30, 120]);
        const expected = all.view.messages.slice(30, 150);
        const different = messages.flatMap((message, index) =>
          JSON.stringify(message) === JSON.stringify(expected[index]) ? [] : [30 + index],
        );
        assert.ok(different.length > 0 && different.every((index) => index >= 100 && index < 110), different.join(' '));
        assert.match(JSON.stringify(messages.slice(70, 80)), /A part of this session is damaged/);
      });
    }

    it('is said when it is opened where its end is damaged', async () => {
      await write(bench.store(spacing), identity, number(turns(200)));
      damage('question 199"', 'changed');
      const { model, damage: said } = await bench.store(spacing).loadModel(sessionId, () => 'Fake');
      assert.match(said ?? '', /damaged/);
      assert.deepEqual(model, lastOf(await whole(bench.store()), model));
    });

    it('cannot be read at all if its file is gone', async () => {
      await write(bench.store(spacing), identity, number(turns(200)));
      fs.rmSync(bench.paths.session(sessionId));
      await assert.rejects(bench.store().loadMessages(sessionId, 100, 60), { code: 'unknownSession' });
      await assert.rejects(
        bench.store().loadModel(sessionId, () => ''),
        { code: 'unknownSession' },
      );
      await assert.rejects(bench.store().loadMessages('../x', 100, 60), { code: 'unknownSession' });
    });
  });

  describe('with checkpoints that are of no use', () => {
    const expected = async (store: SessionStore) => {
      const model = await opened(store);
      assert.deepEqual(model, lastOf(await whole(store), model));
      return model;
    };
    const checkpoints = () => bench.paths.checkpoints(sessionId);

    beforeEach(async () => {
      await write(bench.store(spacing), identity, number(turns(200)));
      assert.ok((await expected(bench.store())).view.from > 0);
    });

    it('reads everything, and makes them again where it writes the session', async () => {
      for (const harm of [
        () => fs.rmSync(checkpoints()),
        () => fs.writeFileSync(checkpoints(), ''),
        () => fs.writeFileSync(checkpoints(), 'not ours\n'.repeat(1_000)),
        () => fs.truncateSync(checkpoints(), 100),
      ]) {
        harm();
        const store = bench.store(spacing);
        assert.equal((await expected(store)).view.from, 0);
        const log = await store.open(sessionId);
        assert.equal((await expected(store)).view.from, 0);
        await log.close();
        assert.ok((await expected(bench.store(spacing))).view.from > 0);
      }
    });

    it('trusts only its own edition, and only for the session that they were made for', async () => {
      const other = bench.store({ ...spacing, edition: '2 zh-cn' });
      assert.equal((await expected(other)).view.from, 0);
      const log = await other.open(sessionId);
      await opened(other);
      await log.close();
      assert.ok((await expected(bench.store({ ...spacing, edition: '2 zh-cn' }))).view.from > 0);
      assert.equal((await expected(bench.store(spacing))).view.from, 0);
    });

    it('notices that one of them says what the log does not come to', async () => {
      const made = fs.readFileSync(checkpoints(), 'utf8').split('\n');
      for (const change of [
        (json: string) => json.replace(/"total":\d+/, '"total":7'),
        (json: string) => json.replace(/"name":"[^"]*"/, '"name":"wrong"'),
        (json: string) => json.replace(/"lastSeq":\d+/, '"lastSeq":3'),
        (json: string) => json.replace(/"offset":\d+/, '"offset":77'),
        (json: string) => json.replace(/"bytes":\d+/, '"bytes":17'),
      ]) {
        for (const which of [-2, -3, -4, -5, -12]) {
          const json = JSON.stringify({ ...JSON.parse(made.at(which) ?? ''), crc: undefined });
          const wrong = frameLine(change(json)).toString().trimEnd();
          fs.writeFileSync(checkpoints(), made.with(which, wrong).join('\n'));
          await expected(bench.store(spacing));
        }
      }
    });

    it('notices a log that was changed behind them', async () => {
      const path = bench.paths.session(sessionId);
      const before = fs.readFileSync(path);
      const other = new StoreBench();
      await write(other.store(spacing), identity, number(turns(300, 7)));
      const replaced = other.file();
      await other.dispose();
      const endOfLine = (from: number) => before.indexOf('\n', from) + 1;
      for (const [name, content] of [
        ['shorter', before.subarray(0, endOfLine(before.length / 2))],
        ['torn', before.subarray(0, before.length - 1_000)],
        ['another', replaced],
        [
          'shorter, and continued',
          Buffer.concat([before.subarray(0, endOfLine(before.length / 3)), lines(turns(150, 900), 335)]),
        ],
      ] as const) {
        fs.writeFileSync(path, content);
        const store = bench.store(spacing);
        const model = await expected(store).catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
        assert.equal(model.view.from, 0, name);
      }
    });

    it('goes on from them where others that know none have appended to the log', async () => {
      fs.appendFileSync(bench.paths.session(sessionId), lines(turns(40, 200), 1 + 200 * 5));
      const model = await expected(bench.store(spacing));
      assert.equal(model.view.total, 480);
      assert.ok(model.view.from > 0);
      const store = bench.store(spacing);
      const log = await store.open(sessionId);
      await opened(store);
      await log.close();
      const again = await expected(bench.store(spacing));
      assert.ok(again.view.from > model.view.from, 'there are checkpoints behind what was appended');
    });

    it('is not opened from behind events that had to be given up', async () => {
      const store = bench.store({ ...spacing, maxHeldBytes: 3_000 });
      const model = await whole(store);
      const log = await store.open(sessionId);
      await opened(store);
      bench.io.break('write', 'ENOSPC');
      const rest = number(turns(60, 200), model.lastSeq + 1);
      for (const numbered of rest.slice(0, 200)) {
        append(log, model, numbered);
        bench.clock.advance(60);
      }
      assert.equal(log.isComplete, false);
      bench.io.repair();
      await log.flush('synced');
      for (const numbered of rest.slice(200)) {
        append(log, model, numbered);
      }
      await log.close();
      const again = await expected(bench.store(spacing));
      assert.match(JSON.stringify(again.view.messages), /nothing could be saved/);
      assert.ok(again.view.total < model.view.total);
    });

    it('is as good without, where they cannot be written', async () => {
      fs.rmSync(`${bench.root}/checkpoints`, { recursive: true });
      fs.writeFileSync(`${bench.root}/checkpoints`, 'in the way');
      const store = bench.store(spacing);
      const model = await whole(store);
      await write(store, identity, number(turns(50, 200), model.lastSeq + 1), model);
      assert.equal((await expected(bench.store(spacing))).view.total, 500);
      assert.deepEqual(bench.told, []);
      assert.equal(bench.log.lines.filter((line) => line.includes('opens more slowly')).length, 1);
    });

    it('goes with the session', async () => {
      const store = bench.store(spacing);
      await store.moveToTrash(sessionId);
      assert.equal(fs.existsSync(checkpoints()), false);
      await store.restore(sessionId);
      await expected(store);
      await (await store.open(sessionId)).close();
      await store.delete(sessionId);
      assert.equal(fs.existsSync(checkpoints()), false);
    });
  });
});
