import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../../../src/core/session.ts';
import type { ChatPanel } from '../../support/chatPanel.ts';
import { eventually } from '../../support/eventually.ts';
import { call, type ReplyStep, say } from '../../modelServer/steps.ts';
import { Company, nonceOf, promptOf, saidIn, textOf } from './company.ts';

const talker = 'nonce-talker';
const worker = 'nonce-worker';
const asker = 'nonce-asker';
const linesOf = { [talker]: 400, [worker]: 80, [asker]: 80 } as const;
const questions = [
  {
    question: 'Which library?',
    header: 'Library',
    multiSelect: false,
    options: [
      { label: 'A', description: 'the first' },
      { label: 'B', description: 'the second' },
    ],
  },
];

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('three agents at once, two of them in the background', function () {
  this.timeout(120_000);
  let company: Company;
  /** All three are at work. */
  let begun: PromiseWithResolvers<void>;
  /** Both in the background wait for the person. */
  let asked: PromiseWithResolvers<void>;

  beforeEach(async () => {
    begun = Promise.withResolvers();
    asked = Promise.withResolvers();
    company = await Company.open((request): ReplyStep => {
      const nonce = nonceOf(request) as keyof typeof linesOf;
      const pace = { chunkChars: 30, delayMs: 1, pause: { atChunk: 3, until: begun.promise } };
      if (JSON.stringify(request.body.messages.at(-1)).includes('tool_result')) {
        return { ...pace, reply: [say(`${nonce} goes on.\n${textOf(nonce, 40)}`)] };
      }
      const text = say(textOf(nonce, linesOf[nonce]));
      switch (nonce) {
        case talker:
          return { ...pace, reply: [text], pause: { atChunk: 100, until: asked.promise } };
        case worker:
          return { ...pace, reply: [text, call('Bash', { command: 'touch made-by-worker', description: 'make it' })] };
        case asker:
          return { ...pace, reply: [text, call('AskUserQuestion', { questions })] };
      }
    });
  });

  afterEach(async () => {
    await company.close();
    assert.deepEqual(company.processes(), []);
  });

  /** What the panel shows now, from the first message on, beside what a watcher saw and what the host has. */
  function assertShown(session: Session, watcher: ChatPanel): void {
    assert.equal(company.panel.sessionId, session.id);
    assert.deepEqual(asJson(company.panel.whole()), asJson(session.model.view));
    assert.deepEqual(asJson(watcher.whole()), asJson(session.model.view));
  }

  /** What is on its way to the panels has arrived. */
  const quiet = (session: Session, watcher: ChatPanel): Promise<unknown> =>
    eventually(
      () =>
        [watcher, company.panel].every(({ view }) =>
          isDeepStrictEqual(view?.header, asJson(session.model.view.header)),
        ),
      'the panels have heard everything',
    );

  it('lose nothing: what was asked meanwhile is answered after the session is taken back, and the work goes on', async () => {
    const { manager, panel, model } = company;
    const sessions: Session[] = [];
    for (const nonce of [worker, asker, talker]) {
      const session = manager.foreground;
      assert.ok(session);
      sessions.push(session);
      await session.send(promptOf(nonce));
      if (nonce !== talker) {
        await manager.moveToBackground();
      }
    }
    const [works, asks, talks] = sessions as [Session, Session, Session];
    const watchers = new Map(sessions.map((session) => [session, company.watch(session)]));
    const watcherOf = (session: Session): ChatPanel => watchers.get(session) as ChatPanel;
    await model.untilMain(3);
    panel.posted.clear();
    begun.resolve();

    // Both ask while the third streams on stage; the panel hears of nobody else.
    await Promise.all(
      [works, asks].map((session) =>
        eventually(() => session.model.view.header.pending.length === 1, 'it asks', 60_000),
      ),
    );
    assert.deepEqual(
      manager.placed().map(({ id, state, attention }) => [id, state, attention.includes('needsApproval')]),
      [
        [talks.id, 'running', false],
        [works.id, 'running', true],
        [asks.id, 'running', true],
      ],
    );
    asked.resolve();
    assert.equal(panel.count('snapshot'), 0);
    assert.doesNotMatch(JSON.stringify(panel.view), /nonce-(worker|asker)/);

    const back = await manager.resume(1);
    assert.deepEqual([back.session.id, back.previous?.id], [works.id, talks.id]);
    await quiet(works, watcherOf(works));
    assertShown(works, watcherOf(works));
    assert.deepEqual([panel.count('snapshot'), saidIn(works)], [1, textOf(worker, linesOf[worker])]);
    const [approval] = panel.view?.header.pending ?? [];
    assert.deepEqual(approval?.kind === 'approval' && [approval.toolName, approval.subject], [
      'Bash',
      'touch made-by-worker',
    ]);
    const last = panel.view?.messages.at(-1)?.parts.at(-1);
    assert.deepEqual(last?.type === 'toolCall' && [last.name, last.state], ['Bash', 'awaitingApproval']);
    await manager.decide(approval?.id ?? '', 'allowOnce');
    await works.whenSettled();
    await quiet(works, watcherOf(works));
    assertShown(works, watcherOf(works));
    assert.equal(saidIn(works), `${textOf(worker, linesOf[worker])}${worker} goes on.\n${textOf(worker, 40)}`);
    assert.ok(existsSync(path.join(company.stage.work, 'made-by-worker')));

    await manager.resume(asks.id);
    const [question] = panel.view?.header.pending ?? [];
    assert.deepEqual(question?.kind === 'question' && question.questions, questions);
    assert.equal(saidIn(asks), textOf(asker, linesOf[asker]));
    await manager.answer(question?.id ?? '', { 'Which library?': 'B' });
    await asks.whenSettled();
    await quiet(asks, watcherOf(asks));
    assertShown(asks, watcherOf(asks));
    assert.equal(saidIn(asks), `${textOf(asker, linesOf[asker])}${asker} goes on.\n${textOf(asker, 40)}`);
    const heard = model.main.filter((request) => nonceOf(request) === asker).at(-1);
    assert.match(JSON.stringify(heard?.body.messages.at(-1)), /Which library\?.*B/);

    await talks.whenSettled();
    await manager.resume(talks.id);
    await quiet(talks, watcherOf(talks));
    assertShown(talks, watcherOf(talks));
    assert.equal(saidIn(talks), textOf(talker, linesOf[talker]));
    assert.deepEqual(
      sessions.map((session) => [session.model.view.header.state, othersIn(session)]),
      sessions.map(() => ['done', 1]),
    );
    for (const watcher of watchers.values()) {
      watcher.dispose();
    }
  });
});

/** How many of the three are named in a session. */
function othersIn(session: Session): number {
  const told = JSON.stringify(session.model.view);
  return [talker, worker, asker].filter((nonce) => told.includes(nonce)).length;
}
