import assert from 'node:assert/strict';
import type { Session } from '../../../src/core/session.ts';
import { eventually } from '../../support/eventually.ts';
import { type ReplyStep, say } from '../../modelServer/steps.ts';
import { Company, nonceOf, promptOf, saidIn, textOf } from './company.ts';

const slots = 16;
const lines = 60;
const nonces = Array.from({ length: slots }, (_, index) => `nonce-${(index + 1).toString(36)}x${index * 7919}`);
/** Sixteen starts take some seconds where nothing else runs. */
const patienceMs = 120_000;
const waiting = 'Waiting for other agents to start…';

/** Fills all slots, and sends each session its nonce at the same time. */
async function fill(company: Company): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  for (const nonce of nonces) {
    sessions.push(await company.manager.createInBackground({ cwd: company.folder(nonce) }));
  }
  await Promise.all(sessions.map((session, index) => session.send(promptOf(nonces[index] ?? ''))));
  return sessions;
}

const views = (sessions: readonly Session[]): unknown =>
  JSON.parse(JSON.stringify(sessions.map((session) => session.model.view.messages)));

describe('sixteen agents at once', function () {
  this.timeout(patienceMs);
  let company: Company;

  afterEach(async () => {
    await company.close();
    assert.deepEqual(company.processes(), []);
  });

  it('each say what they were asked, all of it and nothing of the others, and a seventeenth is refused', async () => {
    const all = Promise.withResolvers<void>();
    company = await Company.open((request): ReplyStep => {
      // Nobody ends before everybody has begun.
      const text = textOf(nonceOf(request), lines);
      return { reply: [say(text)], chunkChars: 40, delayMs: 1, pause: { atChunk: 3, until: all.promise } };
    });
    const { manager, model, panel } = company;
    const statuses = new Set<string>();
    manager.onDidAppend(({ sessionId }) => statuses.add(manager.live(sessionId)?.model.view.header.status ?? ''));
    const sessions = await fill(company);
    await model.untilMain(slots);
    await eventually(() => sessions.every((session) => saidIn(session) !== ''), 'all of them speak', patienceMs);
    const before = { foreground: manager.foregroundId, places: manager.placed().map(({ id, slot }) => [id, slot]) };
    for (const move of [() => manager.createInBackground({}), () => manager.moveToBackground()]) {
      await assert.rejects(move(), { code: 'slotLimit' });
    }
    assert.deepEqual(
      { foreground: manager.foregroundId, places: manager.placed().map(({ id, slot }) => [id, slot]) },
      before,
    );
    all.resolve();
    await Promise.all(sessions.map((session) => session.whenSettled()));
    assert.deepEqual(
      sessions.map((session) => [session.model.view.header.state, saidIn(session)]),
      nonces.map((nonce) => ['done', textOf(nonce, lines)]),
    );
    const others = sessions.flatMap((session, index) => {
      const told = JSON.stringify(session.model.view);
      return nonces.filter((nonce, other) => other !== index && told.includes(nonce));
    });
    assert.deepEqual(others, []);
    assert.ok(statuses.has(waiting));
    assert.deepEqual(Object.fromEntries(panel.posted), { snapshot: 1 });

    const shown = views(sessions);
    await manager.close();
    assert.deepEqual(company.processes(), []);
    const next = await company.reopen();
    const again = await Promise.all(sessions.map(({ id }) => next.manager.get(id)));
    assert.deepEqual(views(again), shown);
    assert.deepEqual(
      next.manager.placed().flatMap(({ id, slot }) => (slot === undefined ? [] : id)),
      sessions.map(({ id }) => id),
    );
    await next.manager.close();
  });

  it('leave no process behind, whether they are cancelled, dropped or cut off, at work or waiting to start', async () => {
    const never = new Promise<void>(() => undefined);
    company = await Company.open((request): ReplyStep => {
      const text = textOf(nonceOf(request), lines);
      return { reply: [say(text)], pause: { atChunk: 3, until: never } };
    });
    const { manager, model } = company;
    const sessions = await fill(company);
    const isSpeaking = (session: Session): boolean => saidIn(session) !== '';
    await eventually(() => sessions.filter(isSpeaking).length >= 2, 'two speak', patienceMs);
    const [spoke, alsoSpoke] = sessions.filter(isSpeaking) as [Session, Session];
    const [waits, alsoWaits] = sessions.slice(-2) as [Session, Session];
    assert.deepEqual(
      [waits, alsoWaits].map((session) => session.model.view.header.status),
      [waiting, waiting],
    );

    await Promise.all([spoke.cancel(), waits.cancel()]);
    await Promise.all([spoke.whenSettled(), waits.whenSettled()]);
    const dropped = [alsoSpoke, alsoWaits];
    const places = [alsoSpoke, waits, alsoWaits, spoke].map(({ model: { identity } }) => identity.cwd);
    await Promise.all(dropped.map(({ id }) => manager.drop(id)));
    assert.deepEqual(
      places.map((cwd) => company.processes(cwd).length > 0),
      [false, false, false, true],
    );
    const kept = sessions.filter((session) => !dropped.includes(session));
    assert.deepEqual(
      manager.placed().flatMap(({ id, slot }) => (slot === undefined ? [] : [[slot, id]])),
      kept.map(({ id }, index) => [index + 1, id]),
    );
    await eventually(() => kept.every((session) => session === waits || isSpeaking(session)), 'the rest', patienceMs);
    const heard = new Set(model.main.map(nonceOf));
    assert.deepEqual(
      nonces.filter((nonce) => !heard.has(nonce)),
      nonces.slice(-2),
    );

    await manager.close();
    assert.deepEqual(company.processes(), []);
    const next = await company.reopen();
    const states = await Promise.all(
      sessions.map(async ({ id }) => {
        const { header } = (await next.manager.get(id)).model.view;
        return [header.state, saidIn(await next.manager.get(id)) !== ''];
      }),
    );
    assert.deepEqual(
      states,
      sessions.map((session) => [
        dropped.includes(session) || session === spoke || session === waits ? 'cancelled' : 'error',
        session !== waits && session !== alsoWaits,
      ]),
    );
    await next.manager.close();
  });
});
