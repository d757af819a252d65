import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { SessionSummary } from '../../../src/core/ports.ts';
import { StorePaths } from '../../../src/platform/storePaths.ts';
import { identity, numbered, otherId, sessionId, status, StoreBench, text } from '../../support/storeBench.ts';

function summaryOf(id: string, more: Partial<SessionSummary> = {}): SessionSummary {
  return { ...identity, id, updatedAt: 1, name: 'a name', state: 'done', messageCount: 2, costUsd: 0.5, ...more };
}

describe('the list of stored sessions', () => {
  let bench: StoreBench;

  beforeEach(() => {
    bench = new StoreBench();
  });
  afterEach(() => bench.dispose());

  const listed = async () => (await bench.store().list()).sessions;

  it('shows what was saved, newest first', async () => {
    const store = bench.store();
    for (const id of [sessionId, otherId]) {
      const log = await store.create({ ...identity, id });
      store.saveSummary(summaryOf(id, { updatedAt: id === otherId ? 20 : 10 }));
      await log.close();
    }
    const expected = [summaryOf(otherId, { updatedAt: 20 }), summaryOf(sessionId, { updatedAt: 10 })];
    assert.deepEqual((await store.list()).sessions, expected);
    await store.flush();
    assert.deepEqual(await listed(), expected);
  });

  it('is empty before anything was saved', async () => {
    assert.deepEqual(await bench.store().list(), { sessions: [], problems: [] });
  });

  it('shows a session that is open as this window knows it', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    assert.deepEqual((await store.list()).sessions[0]?.state, 'idle');
    store.saveSummary(summaryOf(sessionId, { state: 'running' }));
    log.append(status(1));
    await log.flush('synced');
    assert.deepEqual((await store.list()).sessions, [summaryOf(sessionId, { state: 'running' })]);
  });

  for (const [how, spoil] of [
    ['missing', (index: string) => fs.rmSync(index)],
    ['cut off', (index: string) => fs.truncateSync(index, 40)],
    ['of another format', (index: string) => fs.writeFileSync(index, '{"greenroom":"index","format":9}')],
    [
      'full of nonsense',
      (index: string) => fs.writeFileSync(index, '{"greenroom":"index","format":1,"sessions":[1,{"summary":{}}]}'),
    ],
    ['not readable', (index: string) => (fs.rmSync(index), fs.mkdirSync(index))],
  ] as const) {
    it(`is made again from the sessions when its index is ${how}`, async () => {
      const store = bench.store();
      const log = await store.create(identity);
      log.append(status(1));
      store.saveSummary(summaryOf(sessionId));
      await log.close();
      await store.flush();
      spoil(bench.paths.index);
      assert.deepEqual(await listed(), [summaryOf(sessionId)]);
    });
  }

  it('reads again what another window has written since', async () => {
    const first = bench.store();
    await (await first.create(identity)).close();
    assert.equal((await first.list()).sessions[0]?.name, 'default');
    const second = bench.store();
    const log = await second.open(sessionId);
    log.append(status(1));
    second.saveSummary(summaryOf(sessionId, { name: 'renamed' }));
    await log.close();
    await (await second.create({ ...identity, id: otherId })).close();
    assert.deepEqual(
      (await first.list()).sessions.map(({ name }) => name),
      ['default', 'renamed'].sort((a) => (a === 'default' ? -1 : 1)),
    );
  });

  it('sums up the events of a session whose window was killed', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    store.saveSummary(summaryOf(sessionId));
    await log.flush('synced');
    log.append(numbered(1, { type: 'userMessage', messageId: 'm', text: 'Fix the tests' }));
    log.append(numbered(2, { type: 'turnStarted', origin: 'user' }));
    log.append(numbered(3, { type: 'sessionStarted', nativeSessionId: 'native', model: 'large' }));
    log.append(text(4, 'hello'));
    log.append(
      numbered(5, {
        type: 'usage',
        inputTokens: 1,
        outputTokens: 1,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costUsd: 2,
      }),
    );
    await log.flush('written');
    assert.deepEqual(await listed(), [
      {
        ...identity,
        updatedAt: identity.createdAt + 5,
        name: 'Fix the tests',
        state: 'running',
        messageCount: 2,
        model: 'large',
        costUsd: 2,
        nativeSessionId: 'native',
      },
    ]);
  });

  it('forgets a session whose file is gone', async () => {
    const store = bench.store();
    await (await store.create(identity)).close();
    await store.flush();
    fs.rmSync(bench.paths.session(sessionId));
    assert.deepEqual((await store.list()).sessions, []);
    assert.deepEqual(await listed(), []);
  });

  it('shows 1,000 sessions without opening a log', async () => {
    const store = bench.store();
    fs.mkdirSync(bench.paths.sessions, { recursive: true });
    const ids = Array.from(
      { length: 1000 },
      (_, index) => `${String(index).padStart(8, '0')}-1111-4111-8111-111111111111`,
    );
    for (const id of ids) {
      // What is in the files cannot be read: whoever opens one says so.
      fs.writeFileSync(bench.paths.session(id), 'x');
      store.saveSummary(summaryOf(id));
    }
    await store.flush();
    const again = bench.store();
    const started = performance.now();
    const { sessions, problems } = await again.list();
    const tookMs = performance.now() - started;
    assert.equal(sessions.length, 1000);
    assert.deepEqual(problems, []);
    assert.ok(tookMs < 500, `${tookMs} ms`);
  });

  it('writes each summary into the log once, and none while a turn runs', async () => {
    const store = bench.store();
    const log = await store.create(identity);
    for (const state of ['running', 'pending', 'done', 'done']) {
      store.saveSummary(summaryOf(sessionId, { state }));
      await log.flush('synced');
    }
    assert.equal(
      bench
        .file()
        .toString()
        .match(/"summary"/g)?.length,
      1,
    );
  });

  it('leaves no temporary file behind, and removes an old one', async () => {
    fs.mkdirSync(bench.root, { recursive: true });
    const old = `${bench.paths.index}.0123456789ab.tmp`;
    fs.writeFileSync(old, '');
    fs.utimesSync(old, 1, 1);
    const store = bench.store();
    await (await store.create(identity)).close();
    await store.list();
    await store.flush();
    assert.deepEqual(
      fs.readdirSync(bench.root, { recursive: true }).filter((name) => String(name).endsWith('.tmp')),
      [],
    );
  });

  it('keeps apart the files of a workspace', () => {
    const paths = new StorePaths('/root');
    assert.equal(paths.sessionOf(`${sessionId}.jsonl`), sessionId);
    assert.equal(paths.sessionOf(`${sessionId}.jsonl.restored`), undefined);
    assert.equal(paths.sessionOf('x.jsonl'), undefined);
  });
});
