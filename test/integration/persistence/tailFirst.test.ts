import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { Session } from '../../../src/core/session.ts';
import { stateOf } from '../../../src/core/stateOfModel.ts';
import { reduceAll, type SessionModel } from '../../../src/core/sessionReducer.ts';
import { eventually } from '../../support/eventually.ts';
import { writeLargeLog } from '../../support/largeLog.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { openWindow } from '../../support/storeWindow.ts';

const id = '0f0e0d0c-0b0a-4908-8706-050403020100';
const identity = { id, runtime: 'fake', cwd: '/w', createdAt: 1_700_000_000_000 };

describe('a session that opens from its end', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  const windows: ReturnType<typeof openWindow>[] = [];

  const open = (): ReturnType<typeof openWindow> => {
    const window = openWindow(folder.root);
    windows.push(window);
    return window;
  };
  const log = (): string => path.join(folder.root, 'sessions', `${id}.jsonl`);
  const checkpoints = (): string => path.join(folder.root, 'checkpoints', `${id}.jsonl`);

  beforeEach(() => {
    folder = makeStoreFolder();
  });
  afterEach(async () => {
    await Promise.allSettled(windows.splice(0).map((window) => window.manager.close()));
    folder.dispose();
  });

  /** What reducing all of the log gives. */
  async function whole(window: ReturnType<typeof openWindow>, sessionId = id): Promise<SessionModel> {
    const { identity: known, events } = await window.store.load(sessionId);
    return reduceAll(known, 'Fake', events);
  }

  function assertIsEndOf(model: SessionModel, all: SessionModel, what: string): void {
    const { from } = model.view;
    assert.deepEqual(model, { ...all, view: { ...all.view, from, messages: all.view.messages.slice(from) } }, what);
  }

  it('is what its log says, wherever its file of checkpoints is cut or changed', async () => {
    const window = open();
    await writeLargeLog(window.store, identity, 450_000);
    const all = await whole(window);
    const good = fs.readFileSync(checkpoints());
    const texts = all.view.messages.map((message) => JSON.stringify(message));
    const state = JSON.stringify(stateOf(all));
    const starts = new Set<number>();
    const assertOpens = async (content: Buffer, what: string) => {
      fs.writeFileSync(checkpoints(), content);
      const { model } = await window.store.loadModel(id, () => 'Fake');
      starts.add(model.view.from);
      assert.equal(JSON.stringify(stateOf(model)), state, what);
      assert.deepEqual(
        model.view.messages.map((message) => JSON.stringify(message)),
        texts.slice(model.view.from),
        what,
      );
    };
    await assertOpens(good, 'as it was made');
    assert.ok(!starts.has(0));
    const step = process.env['GREENROOM_LONG'] === '1' ? 1 : 23;
    const lastLine = good.lastIndexOf('\n', good.length - 2);
    for (let at = good.length - 1; at >= 0; at -= at > good.length - 40 || Math.abs(at - lastLine) < 20 ? 1 : step) {
      await assertOpens(good.subarray(0, at), `cut at ${at}`);
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 0x04;
      await assertOpens(changed, `changed at ${at}`);
    }
    assert.ok(starts.size > 2, 'what is left of it is used');
  }).timeout(300_000);

  it('of 100 MB shows its end without reading the rest, and gives every page of it', async () => {
    const writing = open();
    const { view } = await writeLargeLog(writing.store, identity, 100 << 20);
    assert.ok(fs.statSync(log()).size > 95 << 20);
    await writing.manager.close();

    // Nothing but its ends and its checkpoints may be read: whoever reads the rest finds it damaged.
    const content = fs.readFileSync(log());
    const middle = { from: 1 << 20, to: content.length - (2 << 20) };
    const kept = Buffer.from(content.subarray(middle.from, middle.to));
    content.fill('#', middle.from, middle.to);
    fs.writeFileSync(log(), content);
    const window = open();
    await window.manager.restore();
    const session = await window.manager.open(id);
    const { view: opened } = session.model;
    assert.deepEqual(
      [opened.total, opened.header.name, session.model.nativeSessionId],
      [view.total, 'question 1', 'native'],
    );
    assert.ok(opened.messages.length >= 60 && opened.messages.length < 200, `${opened.messages.length}`);
    assert.doesNotMatch(JSON.stringify(opened.messages), /damaged/);
    content.set(kept, middle.from);
    fs.writeFileSync(log(), content);

    const messages = await window.messagesOf(session);
    assert.equal(messages.length, view.total);
    const questions = messages.flatMap(({ role, parts: [part] }) =>
      role === 'user' && part?.type === 'text' ? [part.text] : [],
    );
    assert.deepEqual(
      questions,
      questions.map((_, index) => `question ${index + 1}`),
    );
    assert.doesNotMatch(JSON.stringify(messages.slice(0, 5_000)), /cannot be read|damaged/);
  }).timeout(120_000);

  it('shows a second window what the first has written until then, and every page of it', async () => {
    const first = open();
    await first.manager.restore();
    const session = await first.stage();
    const second = open();
    await second.manager.restore();
    for (let turn = 1; turn <= 60; turn++) {
      await talk(first, session, turn);
      if (turn % 20 === 0) {
        await session.flush();
        const { model, damage } = await second.store.loadModel(session.id, () => 'Fake');
        assert.equal(damage, undefined);
        const all = await whole(second, session.id);
        assertIsEndOf(model, all, `after turn ${turn}`);
        const { from, messages } = await second.store.loadMessages(session.id, model.view.from, 100);
        assert.deepEqual([...messages], all.view.messages.slice(from, model.view.from));
      }
    }
    const copy = await second.manager.open(session.id);
    assert.ok(copy.isReadOnly && copy.model.view.from > 0);
    assert.deepEqual(await second.messagesOf(copy), (await whole(second, session.id)).view.messages);
  }).timeout(60_000);

  it('goes on in the window that takes it over, and opens from its end when it comes back', async () => {
    const first = open();
    await first.manager.restore();
    const session = await first.stage();
    for (let turn = 1; turn <= 30; turn++) {
      await talk(first, session, turn);
    }
    const second = open();
    await second.manager.restore();
    const taken = await second.manager.takeOver(session.id);
    for (let turn = 31; turn <= 60; turn++) {
      await talk(second, taken, turn);
    }
    await second.manager.close();
    await first.manager.close();
    const third = open();
    await third.manager.restore();
    const again = await third.manager.open(session.id);
    assert.ok(again.model.view.from > 0);
    const all = await whole(third, session.id);
    assertIsEndOf(again.model, all, 'after two windows');
    assert.deepEqual(await third.messagesOf(again), all.view.messages);
  }).timeout(60_000);

  it('outgrows the memory in one long turn, and nothing of it is lost', async () => {
    const window = open();
    await window.manager.restore();
    const session = await window.stage();
    const run = await window.begin(session, 'a long task');
    for (let step = 1; step <= 3_000; step++) {
      run.emit({ type: 'stepStarted' }, { type: 'textDelta', partId: `p${step}`, text: `step ${step} `.repeat(20) });
      if (step % 500 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    const { view } = session.model;
    await eventually(() => view.from > 1_900, 'the oldest have left the memory');
    assert.ok(view.messages.length <= 1_000, `${view.messages.length}`);
    assert.equal(view.header.state, 'running');
    await session.flush();
    assert.deepEqual(await window.messagesOf(session), (await whole(window, session.id)).view.messages);
    run.endTurn();
    await window.manager.close();
    const next = open();
    await next.manager.restore();
    const again = await next.stage();
    assert.equal(again.model.view.total, view.total);
    assert.ok(again.model.view.from > 2_600, 'a turn need not have ended for a session to open from within it');
  }).timeout(60_000);

  it('says that a page cannot be read, and gives it once it can', async () => {
    const window = open();
    await writeLargeLog(window.store, identity, 1 << 20);
    await window.manager.restore();
    const session = await window.manager.open(id);
    const { from } = session.model.view;
    const aside = `${log()}.aside`;
    fs.renameSync(log(), aside);
    await assert.rejects(window.store.loadMessages(id, from, 60), { code: 'unknownSession' });
    fs.mkdirSync(log());
    await assert.rejects(window.store.loadMessages(id, from, 60), { code: 'damagedSession' });
    fs.rmdirSync(log());
    fs.renameSync(aside, log());
    assert.equal((await window.store.loadMessages(id, from, 60)).messages.length, 60);
  });

  async function talk(window: ReturnType<typeof openWindow>, session: Session, turn: number): Promise<void> {
    const run = await window.begin(session, `message ${turn}`);
    for (let step = 1; step <= 3; step++) {
      run.emit(
        { type: 'stepStarted' },
        { type: 'textDelta', partId: `p${step}`, text: `${turn}.${step} ${'x'.repeat(1_500)}` },
      );
    }
    run.endTurn();
    run.end();
    await session.whenSettled();
  }
});
