import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { SessionClaims } from '../../../src/platform/sessionClaims.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { eventually } from '../../support/eventually.ts';
import { openWindow, textsOf } from '../../support/storeWindow.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';

describe('two windows on one folder', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let first: ReturnType<typeof openWindow>;
  let second: ReturnType<typeof openWindow>;

  beforeEach(async () => {
    folder = makeStoreFolder();
    first = openWindow(folder.root);
    await first.manager.restore();
    second = openWindow(folder.root);
  });
  afterEach(async () => {
    await Promise.allSettled([first.manager.close(), second.manager.close()]);
    folder.dispose();
  });

  const arrangement = () => fs.readFileSync(path.join(folder.root, 'arrangement.json'), 'utf8');

  it('the second starts empty, soon, and leaves the first its places', async () => {
    const session = await first.stage();
    (await first.begin(session, 'hello')).endTurn();
    await first.store.flush();
    const before = arrangement();
    const startedAt = performance.now();
    await second.manager.restore();
    assert.ok(performance.now() - startedAt < 4_000);
    assert.equal((await second.stage()).isEmpty, true);
    (await second.begin(await second.stage(), 'another')).endTurn();
    await second.store.flush();
    assert.equal(arrangement(), before);
  });

  it('the second can read a session of the first, not write it', async () => {
    const session = await first.stage();
    const run = await first.begin(session, 'hello');
    run.emit({ type: 'textDelta', partId: 'p', text: 'working' });
    await second.manager.restore();
    const startedAt = performance.now();
    const copy = await second.manager.open(session.id);
    assert.ok(performance.now() - startedAt < 1_500);
    assert.deepEqual(textsOf(copy), ['user: hello', 'assistant: working']);
    const { header } = copy.model.view;
    assert.match(header.readOnly ?? '', /Another window works in this session/);
    assert.deepEqual([header.readOnlyAction?.id, header.state], ['takeOver', 'idle']);
    await assert.rejects(copy.send('me too'), { code: 'sessionLocked' });
    await assert.rejects(copy.rename('mine'), { code: 'sessionLocked' });
    await assert.rejects(second.manager.delete(session.id), { code: 'sessionLocked' });
    await copy.cancel();
    assert.equal(session.model.view.header.state, 'running');
  });

  it('the second shows what the first adds while somebody looks, and acts on nothing of it', async () => {
    const session = await first.stage();
    const run = await first.begin(session, 'hello');
    run.emit({ type: 'textDelta', partId: 'p', text: 'working' });
    await first.store.flush();
    await second.manager.restore();
    const copy = await second.manager.open(session.id);
    const told: unknown[] = [];
    copy.onDidAppend(({ events }) => told.push(...events));
    second.manager.setOnScreen(session.id);
    run.emit({ type: 'textDelta', partId: 'p', text: ' and done' });
    run.endTurn();
    await session.send('once more');
    await eventually(() => run.prompts.includes('once more'), 'the second turn');
    run.emit({ type: 'textDelta', partId: 'q', text: 'again' });
    await eventually(() => textsOf(copy).includes('assistant: again'), 'the second shows it');
    assert.deepEqual(textsOf(copy), textsOf(session));
    assert.match(copy.model.view.header.readOnly ?? '', /Another window works in this session/);
    assert.deepEqual([told, copy.isReadOnly], [[], true]);
    second.manager.setOnScreen(undefined);
    run.emit({ type: 'textDelta', partId: 'q', text: ' and again' });
    run.endTurn();
    assert.equal((await second.manager.takeOver(session.id)).isReadOnly, false);
  });

  it('what is opened while the places are still being restored stays on stage', async () => {
    const session = await first.stage();
    (await first.begin(session, 'hello')).endTurn();
    await first.store.flush();
    const restored = second.manager.restore();
    const [stage, opened] = await Promise.all([second.stage(), second.manager.open(session.id), restored]);
    assert.equal(stage.isEmpty, true);
    assert.equal(second.manager.foreground, opened);
    assert.deepEqual(
      second.manager.placed().map(({ id }) => id),
      [session.id],
    );
  });

  it('the second takes over: the first saves, ends its process and reads only; the turn is marked and goes on', async () => {
    const session = await first.stage();
    const run = await first.begin(session, 'hello');
    run.emit(
      { type: 'sessionStarted', nativeSessionId: 'native' },
      { type: 'textDelta', partId: 'p', text: 'half an answer' },
    );
    await second.manager.restore();
    await second.manager.open(session.id);
    const taken = await second.manager.takeOver(session.id);
    assert.deepEqual(run.calls, ['stop']);
    assert.deepEqual(textsOf(taken), [
      'user: hello',
      'assistant: half an answer',
      'notice: This turn was cut off when the window closed or reloaded.',
    ]);
    assert.equal(second.manager.foreground, taken);
    const left = await eventually(
      () => (first.manager.foreground?.isReadOnly === true ? first.manager.foreground : undefined),
      'the first only reads',
    );
    assert.match(left.model.view.header.readOnly ?? '', /Another window has taken this session over/);
    const again = await second.begin(taken, 'go on');
    assert.equal(again.context?.nativeSessionId, 'native');
    again.endTurn();
    const back = await first.manager.takeOver(session.id);
    assert.equal(first.manager.foreground, back);
    assert.ok(textsOf(back).includes('user: go on'));
    await back.rename('mine again');
  });

  it('a window that does not answer keeps its session, and that is said', async () => {
    const session = await first.stage();
    (await first.begin(session, 'hello')).endTurn();
    await first.manager.close();
    // Without anybody who looks for requests: a window that hangs.
    const hanging = new SessionClaims(path.join(folder.root, 'locks'), systemClock);
    const claim = hanging.tryTake(session.id);
    assert.ok('release' in claim);
    await second.manager.restore();
    const copy = await second.stage();
    assert.equal(copy.isReadOnly, true);
    const startedAt = performance.now();
    await assert.rejects(second.manager.takeOver(session.id), { code: 'noAnswer' });
    assert.ok(performance.now() - startedAt < 6_500);
    assert.equal(second.manager.foreground, copy);
    claim.release();
    assert.equal((await second.manager.takeOver(session.id)).isReadOnly, false);
    assert.deepEqual(fs.readdirSync(path.join(folder.root, 'requests')), []);
  });

  it('a reload gets its places back although the old host takes its time', async () => {
    const session = await first.stage();
    (await first.begin(session, 'hello')).endTurn();
    const restored = second.manager.restore();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await first.manager.close();
    await restored;
    const again = await second.stage();
    assert.deepEqual([again.id, again.isReadOnly], [session.id, false]);
  });
});
