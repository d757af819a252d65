import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Clock } from '../../../src/base/clock.ts';
import type { Session } from '../../../src/core/session.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import type { PendingItem } from '../../../src/protocol/view.ts';
import { createHeadless } from '../../host/headless.ts';
import { eventually } from '../../support/eventually.ts';

/** The demo's minute in some seconds. */
const quickClock: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 20, run) };

describe('the demo in a session', () => {
  let home: string;
  let host: ReturnType<typeof createHeadless>;
  const folder = (): string => path.join(home, 'store', 'demo');

  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'ds-')));
    mkdirSync(path.join(home, 'project'));
    host = createHeadless({
      root: path.join(home, 'store'),
      cwd: path.join(home, 'project'),
      command: '/nowhere/claude',
      env: {},
      demoClock: quickClock,
    });
  });

  afterEach(async () => {
    await host.manager.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  const pendingOf = <Kind extends PendingItem['kind']>(session: Session, kind: Kind) =>
    eventually(
      () =>
        session.model.view.header.pending.find((item) => item.kind === kind) as Extract<PendingItem, { kind: Kind }>,
      `a pending ${kind}`,
      30_000,
    );
  const calls = (session: Session) =>
    session.model.view.messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'toolCall' ? [part] : [])),
    );
  const answerFirst = async (session: Session, answer: string): Promise<void> => {
    const { id, questions } = await pendingOf(session, 'question');
    await host.manager.answer(id, { [questions[0]?.question ?? '']: answer });
  };

  it('works in a folder of its own, whatever folder is named', async () => {
    const session = await host.manager.create({ runtime: 'demo', cwd: path.join(home, 'project') });
    assert.equal(session.model.identity.cwd, folder());
  });

  it('is offered where the agent was not found', async () => {
    const session = await host.manager.create({ runtime: 'claude-code' });
    await session.send('hello');
    await session.whenSettled();
    const actions = session.model.view.messages.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'notice' ? part.actions.map(({ id }) => id) : [])),
    );
    assert.deepEqual(actions, ['openInstallPage', 'openSettings', 'startDemo']);
  });

  it('edits a real file and runs a real command, after asking for each', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('Show me around.');
    await answerFirst(session, 'Ada Lovelace');
    const edit = await pendingOf(session, 'approval');
    assert.deepEqual(
      [edit.toolName, edit.subject, edit.edit?.hunks[0]?.lines.at(-1)],
      ['Edit', path.join(folder(), 'guests.txt'), '+Ada Lovelace'],
    );
    assert.doesNotMatch(readFileSync(path.join(folder(), 'guests.txt'), 'utf8'), /Ada/);
    await host.manager.decide(edit.id, 'allowOnce');
    const command = await pendingOf(session, 'approval');
    assert.deepEqual([command.toolName, command.subject], ['Bash', 'sort guests.txt | tee sorted.txt']);
    await host.manager.decide(command.id, 'allowOnce');
    await session.whenSettled();
    const sorted = 'Ada Lovelace\nAlan Turing\nDorothy Vaughan\nGrace Hopper\n';
    assert.equal(readFileSync(path.join(folder(), 'sorted.txt'), 'utf8'), sorted);
    assert.deepEqual(
      calls(session).map(({ name, state }) => `${name} ${state}`),
      ['Read completed', 'AskUserQuestion completed', 'Edit completed', 'Bash completed'],
    );
    assert.equal(calls(session).at(-1)?.output, sorted.trimEnd());
    const { header } = session.model.view;
    assert.deepEqual(
      [header.state, header.runtimeName, header.usage, header.model],
      ['done', 'Demo (no model)', undefined, 'no model'],
    );
    assert.deepEqual(readdirSync(path.join(home, 'project')), []);
  });

  it('goes another way when the person rejects, and says what reached it', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('edit');
    await host.manager.decide((await pendingOf(session, 'approval')).id, 'reject', 'not now');
    await session.whenSettled();
    assert.doesNotMatch(readFileSync(path.join(folder(), 'guests.txt'), 'utf8'), /Ada/);
    assert.match(JSON.stringify(session.model.view.messages.at(-2)), /not now/);
    assert.equal(session.model.view.header.state, 'done');
  });

  it('makes a plan in plan mode, and asks again for what the approved plan does', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.setMode('plan');
    await session.send('edit');
    const plan = await pendingOf(session, 'plan');
    assert.equal(calls(session).find(({ name }) => name === 'Edit')?.state, 'failed');
    await host.manager.decide(plan.id, 'allowOnce');
    assert.equal(session.model.view.header.mode, 'ask');
    await host.manager.decide((await pendingOf(session, 'approval')).id, 'allowOnce');
    await session.whenSettled();
    assert.match(readFileSync(path.join(folder(), 'guests.txt'), 'utf8'), /Ada Lovelace/);
  });

  it('asks no more for what was allowed for the session', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('edit');
    await host.manager.decide((await pendingOf(session, 'approval')).id, 'allowForSession');
    await session.whenSettled();
    await session.send('edit');
    await session.whenSettled();
    assert.equal(readFileSync(path.join(folder(), 'guests.txt'), 'utf8').trim().split('\n').length, 5);
  });

  it('is cancelled while it waits for the person, and goes on with the next message', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('edit');
    await pendingOf(session, 'approval');
    await session.cancel();
    await session.whenSettled();
    assert.deepEqual(
      [session.model.view.header.state, calls(session).at(-1)?.state, session.model.view.header.pending],
      ['cancelled', 'cancelled', []],
    );
    await session.send('markdown');
    await session.whenSettled();
    assert.equal(session.model.view.header.state, 'done');
    assert.equal(session.lateEvents, 0);
  });

  it('runs beside itself, each session with its own transcript', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => host.manager.createInBackground({ runtime: 'demo' })));
    await Promise.all(sessions.map((session) => session.send('edit')));
    await Promise.all(
      sessions.map(async (session) => {
        // Whoever comes second finds the file changed, reads it again and asks again.
        while (session.isBusy) {
          const waiting = await eventually(
            () => session.model.view.header.pending[0] ?? !session.isBusy,
            'a request or the end',
            30_000,
          );
          if (waiting !== true) await host.manager.decide(waiting.id, 'allowOnce');
        }
      }),
    );
    assert.deepEqual(
      sessions.map((session) => session.model.view.header.state),
      ['done', 'done', 'done'],
    );
    const lines = readFileSync(path.join(folder(), 'guests.txt'), 'utf8').trim().split('\n');
    assert.equal(lines.length, 6);
  });

  it('leaves nothing alive when its session is closed in the middle of a command', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('long output');
    await host.manager.decide((await pendingOf(session, 'approval')).id, 'allowOnce');
    await eventually(() => calls(session)[0]?.state === 'running', 'the command');
    await host.manager.close();
    assert.equal(session.model.turn !== undefined, true);
  });

  it('makes its folder anew when somebody has removed it between two messages', async () => {
    const session = await host.manager.create({ runtime: 'demo' });
    await session.send('parallel read');
    await session.whenSettled();
    rmSync(folder(), { recursive: true });
    await session.send('parallel read');
    await session.whenSettled();
    assert.deepEqual(
      calls(session).map(({ state }) => state),
      Array<string>(6).fill('completed'),
    );
  });
});
