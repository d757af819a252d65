import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { exportFileName, exportSession } from '../../../src/core/exportSession.ts';
import { Redactor } from '../../../src/core/redact.ts';
import type { Session } from '../../../src/core/session.ts';
import { eventually } from '../../support/eventually.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { openWindow, textsOf } from '../../support/storeWindow.ts';

describe('stored sessions of a window', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let window: ReturnType<typeof openWindow>;

  beforeEach(async () => {
    folder = makeStoreFolder();
    window = openWindow(folder.root);
    await window.manager.restore();
  });
  afterEach(async () => {
    await window.manager.close();
    folder.dispose();
  });

  async function talk(question: string, ...answer: string[]): Promise<Session> {
    const session = await window.manager.create({});
    const run = await window.begin(session, question);
    for (const text of answer) {
      run.emit({ type: 'textDelta', partId: 'p', text });
      // Each piece gets a record of its own.
      await session.flush();
    }
    run.endTurn();
    await session.flush();
    return session;
  }

  async function found(wanted: string, signal = new AbortController().signal) {
    const steps = [];
    for await (const step of window.manager.search(wanted, signal)) {
      steps.push(step);
    }
    return steps;
  }

  describe('searched by their text', () => {
    it('give the first line that matches, newest first, whatever the capitals and wherever a record ends', async () => {
      const old = await talk('first', 'It was\nthe Best of ti', 'mes, it was\nthe worst');
      await talk('second', 'nothing of the kind');
      const young = await talk('And the BEST OF TIMES?', 'no');
      const steps = await found('best of times');
      assert.deepEqual(
        steps.flatMap(({ match }) => match ?? []),
        [
          { id: young.id, line: 'And the BEST OF TIMES?' },
          { id: old.id, line: 'the Best of times, it was' },
        ],
      );
      assert.deepEqual(steps.at(-1)?.done, steps.at(-1)?.total);
    });

    it('are found by quotes, backslashes and other writings', async () => {
      const session = await talk('x', 'say "hello\\n" 你好 to it');
      for (const wanted of ['"hello\\n"', '你好']) {
        assert.deepEqual(
          (await found(wanted)).flatMap(({ match }) => match?.id ?? []),
          [session.id],
        );
      }
    });

    it('are left alone when the search is given up', async () => {
      await talk('one');
      const search = new AbortController();
      search.abort();
      assert.deepEqual(await found('one', search.signal), []);
    });

    it('are searched past what is damaged', async () => {
      const bad = await talk('bad', 'text');
      const good = await talk('needle');
      await window.manager.close();
      const file = path.join(folder.root, 'sessions', `${bad.id}.jsonl`);
      fs.writeFileSync(file, `${'\0'.repeat(5000)}\n{"needle"\n`);
      window = openWindow(folder.root);
      await window.manager.restore();
      await window.manager.refreshStored();
      assert.deepEqual(
        (await found('needle')).flatMap(({ match }) => match?.id ?? []),
        [good.id],
      );
    });
  });

  describe('deleted', () => {
    it('come back complete when that is taken back', async () => {
      const big = 'y'.repeat(200_000);
      const session = await talk('a question', big);
      const before = textsOf(session);
      window.store.saveDraft(session.id, 'a draft');
      await window.manager.delete(session.id);
      assert.equal(window.manager.info(session.id), undefined);
      assert.deepEqual((await window.store.list()).sessions, []);
      await window.manager.restoreDeleted(session.id);
      assert.equal(window.manager.info(session.id)?.name, 'a question');
      assert.deepEqual(textsOf(await window.manager.get(session.id)), before);
      assert.equal(window.store.readDraft(session.id), 'a draft');
      assert.deepEqual(fs.readdirSync(path.join(folder.root, 'trash')), []);
    });

    it('are ended first, and gone after 30 days', async () => {
      const session = await window.manager.create({});
      const run = await window.begin(session, 'at work');
      await window.manager.delete(session.id);
      assert.deepEqual(run.calls, ['stop']);
      const trash = path.join(folder.root, 'trash');
      const [name = ''] = fs.readdirSync(trash);
      const old = path.join(trash, `${session.id}.${Date.now() - 31 * 86_400_000}`);
      fs.renameSync(path.join(trash, name), old);
      const kept = await talk('kept');
      await window.manager.delete(kept.id);
      await window.manager.close();
      window = openWindow(folder.root);
      await window.manager.restore();
      await window.manager.refreshStored();
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(
        fs.readdirSync(trash).map((entry) => entry.split('.')[0]),
        [kept.id],
      );
      await assert.rejects(window.manager.restoreDeleted(session.id), { code: 'unknownSession' });
    });

    it('are listed with what is known of them, the last one first, until they are restored or gone for good', async () => {
      const first = await talk('the first');
      const second = await talk('the second', 'an answer');
      const third = await talk('the third');
      const before = Date.now();
      for (const { id } of [first, second, third]) {
        await window.manager.delete(id);
        const deletedAt = Date.now();
        await eventually(() => Date.now() > deletedAt, 'the next millisecond');
      }
      const trash = path.join(folder.root, 'trash');
      const folderOf = (id: string) =>
        path.join(trash, fs.readdirSync(trash).find((name) => name.startsWith(id)) ?? '');
      fs.writeFileSync(path.join(folderOf(third.id), 'session.jsonl'), 'nothing of it can be read\n');
      const listed = await window.manager.listDeleted();
      assert.deepEqual(
        listed.map(({ id, summary }) => [id, summary?.name, summary?.messageCount]),
        [
          [third.id, undefined, undefined],
          [second.id, 'the second', 2],
          [first.id, 'the first', 1],
        ],
      );
      for (const { deletedAt, keptUntil } of listed) {
        assert.ok(deletedAt >= before && deletedAt <= Date.now());
        assert.equal(keptUntil - deletedAt, 30 * 86_400_000);
      }
      await window.manager.deleteForGood(third.id);
      await window.manager.deleteForGood(third.id);
      await window.manager.restoreDeleted(first.id);
      assert.deepEqual(
        [(await window.manager.listDeleted()).map(({ id }) => id), fs.readdirSync(trash).length],
        [[second.id], 1],
      );
      await assert.rejects(window.manager.restoreDeleted(third.id), { code: 'unknownSession' });
      fs.renameSync(folderOf(second.id), path.join(trash, `${second.id}.${Date.now() - 30 * 86_400_000}`));
      assert.deepEqual(await window.manager.listDeleted(), []);
    });

    it('come back complete where the deletion was interrupted and repeated', async () => {
      const session = await talk('y'.repeat(200_000));
      const before = textsOf(session);
      await window.manager.delete(session.id);
      const trash = path.join(folder.root, 'trash');
      const [name = ''] = fs.readdirSync(trash);
      const earlier = path.join(trash, `${session.id}.${Date.now() - 60_000}`);
      fs.mkdirSync(earlier);
      fs.renameSync(path.join(trash, name, 'blobs'), path.join(earlier, 'blobs'));
      assert.equal((await window.manager.listDeleted()).length, 1);
      await window.manager.restoreDeleted(session.id);
      const restored = await window.manager.get(session.id);
      assert.deepEqual(textsOf(restored), before);
      const spilled = restored.model.view.messages.flatMap(({ parts }) =>
        parts.flatMap((part) => ('spilled' in part && part.spilled !== undefined ? [part.spilled.blob] : [])),
      );
      assert.equal(spilled.length, 1);
      assert.equal((await window.store.readBlob(session.id, spilled[0] ?? '')).length, 200_000);
      assert.deepEqual(fs.readdirSync(trash), []);
    });

    it('leave nothing where nothing was written', async () => {
      const empty = await window.manager.createInBackground({});
      await window.manager.delete(empty.id);
      assert.deepEqual(fs.readdirSync(path.join(folder.root, 'trash')), []);
    });
  });

  describe('exported', () => {
    const secret = `sk-ant-${'a1'.repeat(20)}`;
    const now = Date.UTC(2026, 10, 20);

    async function exported(format: 'markdown' | 'json'): Promise<string> {
      const session = await window.manager.create({ name: 'My: <session>/1' });
      const run = await window.begin(session, `look at this ${secret}`);
      run.emit(
        { type: 'reasoningDelta', partId: 'r', text: 'thinking\nhard' },
        { type: 'textDelta', partId: 'p', text: 'An answer with ```code```' },
        { type: 'toolCallStarted', id: 'c', name: 'Bash', title: 'cat big', inputText: '{"command":"cat big"}' },
        { type: 'toolResult', id: 'c', output: `begin ${'z'.repeat(300_000)} end`, outcome: 'completed' },
      );
      run.endTurn();
      await session.flush();
      return exportSession(session.model, format, {
        readBlob: (blob) => window.store.readBlob(session.id, blob),
        redactor: new Redactor([]),
        now,
        timeText: (at) => new Date(at).toISOString(),
      });
    }

    it('as Markdown have every text complete, and no secret', async () => {
      const text = await exported('markdown');
      assert.ok(text.startsWith('# My: <session>/1\n'));
      assert.ok(text.includes(`begin ${'z'.repeat(300_000)} end`));
      assert.ok(text.includes('> thinking\n> hard'));
      assert.ok(text.includes('### Bash: cat big (completed)'));
      assert.ok(!text.includes(secret));
      assert.ok(text.includes('look at this [redacted]'));
    });

    it('as JSON can be read by programs', async () => {
      const value = JSON.parse(await exported('json'));
      assert.deepEqual(
        [value.greenroom, value.session.name, value.exportedAt],
        ['export', 'My: <session>/1', new Date(now).toISOString()],
      );
      const call = value.messages[1].parts[2];
      assert.deepEqual([call.input, call.output.length], [{ command: 'cat big' }, 300_010]);
    });

    it('get a name that every file system takes', () => {
      assert.deepEqual(
        [exportFileName('My: <session>/1', '2026-11-20', 'json'), exportFileName('??', '2026-11-20', 'markdown')],
        ['2026-11-20-My-session-1.json', '2026-11-20-session.md'],
      );
    });
  });
});
