import assert from 'node:assert/strict';
import { GreenroomError } from '../../../src/base/errors.ts';
import { awayOf } from '../../../src/core/awayOf.ts';
import type { Session } from '../../../src/core/session.ts';
import type { SessionManager } from '../../../src/core/sessionManager.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { eventually } from '../../support/eventually.ts';
import type { FakeRuntime } from '../../support/fakeRuntime.ts';
import type { ManualClock } from '../../support/manualClock.ts';
import { running, setUp } from '../../support/sessionSetUp.ts';

const signal = new AbortController().signal;
const command = (toolCallId?: string) => ({
  toolName: 'Bash',
  access: 'execute' as const,
  paths: [],
  command: 'ls',
  input: { command: 'ls' },
  ...(toolCallId === undefined ? {} : { toolCallId }),
});
const limited = (until?: number): RuntimeEvent[] => [
  { type: 'rateLimit', status: 'blocked', ...(until === undefined ? {} : { resetsAt: until }) },
  {
    type: 'turnComplete',
    stopReason: 'error',
    error: { code: 'rateLimited', message: 'The limit is used up.', actions: [] },
    durationMs: 1,
    totalTokens: 1,
    turnCount: 1,
    toolCallCount: 0,
  },
];

/** A session in slot 1 whose turn runs, and that nobody looks at. */
async function inBackground() {
  const setup = setUp();
  const { session, runtime } = await running(setup);
  setup.manager.setOnScreen(session.id);
  await setup.manager.moveToBackground();
  setup.manager.setOnScreen(setup.manager.foregroundId);
  const attention = () => setup.manager.info(session.id)?.attention;
  return { ...setup, session, runtime, attention };
}

async function asking(session: Session, runtime: FakeRuntime): Promise<string> {
  void runtime.context?.approvals.ask(command(), '', signal);
  return (await eventually(() => session.model.view.header.pending[0], 'the request')).id;
}

const away = (manager: SessionManager, session: Session, clock: ManualClock) => {
  const missed = manager.missed(session.id);
  return missed === undefined ? undefined : awayOf(missed, session.model.view, clock.now());
};

describe('a turn that says nothing', () => {
  it('is stalled after a minute, says since when, and is not with the next word', async () => {
    const { clock, manager, session, runtime, attention } = await inBackground();
    let told = 0;
    manager.onDidAppend(({ ops }) => {
      told += ops.some((op) => op[0] === 'header' && 'silentSince' in op[1]) ? 1 : 0;
    });
    clock.advance(30_000);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'a' });
    const heardAt = clock.now();
    clock.advance(59_999);
    assert.deepEqual([attention(), manager.info(session.id)?.stalledSince], [[], undefined]);
    clock.advance(1);
    assert.deepEqual([attention(), manager.info(session.id)?.stalledSince], [['stalled'], heardAt]);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'b' });
    assert.deepEqual([attention(), manager.info(session.id)?.stalledSince, told], [[], undefined, 2]);
    clock.advance(60_000);
    assert.deepEqual([attention(), told], [['stalled'], 3]);
    // A line that is no event shows that the agent lives.
    runtime.emit({ type: 'rawOutput', text: 'still here' });
    assert.deepEqual([attention(), told], [[], 4]);
    clock.advance(60_000);
    runtime.endTurn();
    assert.deepEqual([attention(), session.model.view.header.silentSince], [['unread'], undefined]);
    clock.advance(600_000);
    assert.deepEqual(attention(), ['unread']);
  });

  it('is not stalled while it waits for the person, and has its minute after the answer', async () => {
    const { clock, manager, session, runtime, attention } = await inBackground();
    const request = await asking(session, runtime);
    clock.advance(3_600_000);
    assert.deepEqual(attention(), ['needsApproval', 'unread']);
    await manager.decide(request, 'allowOnce');
    clock.advance(59_000);
    assert.deepEqual(attention(), []);
    clock.advance(1_000);
    assert.deepEqual(attention(), ['stalled']);
  });

  it('is not stalled while a tool runs, but while the arguments of a call come', async () => {
    const { clock, runtime, attention } = await inBackground();
    runtime.emit({ type: 'toolCallStreaming', id: 't', name: 'Bash', text: '{' });
    clock.advance(60_000);
    assert.deepEqual(attention(), ['stalled']);
    runtime.emit({ type: 'toolCallStarted', id: 't', name: 'Bash', title: 'make', inputText: '{}' });
    clock.advance(3_600_000);
    assert.deepEqual(attention(), []);
    runtime.emit({ type: 'toolResult', id: 't', output: '', outcome: 'completed' });
    clock.advance(60_000);
    assert.deepEqual(attention(), ['stalled']);
  });

  it('is not stalled while it waits to try again', async () => {
    const { clock, runtime, attention } = await inBackground();
    runtime.emit({ type: 'retry', attempt: 1, maxAttempts: 3, delayMs: 90_000, reason: 'overloaded' });
    clock.advance(149_999);
    assert.deepEqual(attention(), []);
    clock.advance(1);
    assert.deepEqual(attention(), ['stalled']);
  });

  it('leaves no timer behind when it ends or its session is closed', async () => {
    const { clock, manager, runtime } = await inBackground();
    assert.equal(clock.timers, 1);
    runtime.endTurn();
    clock.advance(60_000);
    assert.equal(clock.timers, 0);
    await manager.close();
    assert.equal(clock.timers, 0);
  });
});

describe('a rate limit', () => {
  it('leaves the session idle until it resets, and no longer', async () => {
    const { clock, manager, session, runtime } = await inBackground();
    const until = clock.now() + 3_600_000;
    runtime.emit(...limited(until));
    const shown = () => {
      const info = manager.info(session.id);
      return [info?.state, info?.attention, info?.rateLimitedUntil, info?.reasonCode];
    };
    assert.deepEqual(shown(), ['idle', ['rateLimited', 'unread'], until, 'rateLimited']);
    manager.setOnScreen(session.id);
    clock.advance(3_599_999);
    assert.deepEqual(shown(), ['idle', ['rateLimited'], until, 'rateLimited']);
    let changes = 0;
    manager.onDidChange(() => (changes += 1));
    clock.advance(1);
    assert.deepEqual([shown(), changes], [['idle', [], undefined, 'rateLimited'], 1]);
    clock.advance(3_600_000);
    assert.equal(clock.timers, 0);
  });

  it('is over with the next turn, and one that nobody knows the end of lasts until then', async () => {
    const { clock, manager, session, runtime, attention } = await inBackground();
    runtime.emit(...limited());
    clock.advance(86_400_000);
    assert.deepEqual([attention(), manager.info(session.id)?.rateLimitedUntil], [['rateLimited', 'unread'], undefined]);
    await session.send('again');
    await eventually(() => runtime.prompts.length === 2, 'the second prompt');
    assert.deepEqual(attention(), ['unread']);
  });

  it('shows the same time in the next window, before anything is loaded', async () => {
    const { catalog, clock, manager, session, runtime } = await inBackground();
    const until = clock.now() + 3_600_000;
    runtime.emit(...limited(until));
    await manager.close();
    const again = setUp(catalog, clock);
    await again.manager.restore();
    const info = again.manager.info(session.id);
    assert.deepEqual(
      [again.manager.live(session.id), info?.slot, info?.state, info?.attention, info?.rateLimitedUntil, info?.reason],
      [undefined, 1, 'idle', ['rateLimited', 'unread'], until, 'The limit is used up.'],
    );
    clock.advance(3_600_000);
    assert.deepEqual(again.manager.info(session.id)?.attention, ['unread']);
    assert.deepEqual((await again.manager.get(session.id)).model.rateLimitedUntil, until);
  });
});

describe('what nobody has looked at', () => {
  it('is unread because a turn ended; a diagnostic inside one does not count', async () => {
    const { runtime, attention } = await inBackground();
    runtime.emit({ type: 'error', error: { code: 'x', message: 'inside', actions: [] } });
    assert.deepEqual(attention(), []);
    runtime.endTurn();
    assert.deepEqual(attention(), ['unread']);
  });

  it('is unread because something was asked, until that is answered from elsewhere', async () => {
    const { manager, session, runtime, attention } = await inBackground();
    const request = await asking(session, runtime);
    assert.deepEqual(attention(), ['needsApproval', 'unread']);
    await manager.decide(request, 'allowOnce');
    assert.deepEqual(attention(), []);
  });

  it('is read when it is looked at, also while something waits there', async () => {
    const { manager, session, runtime, attention } = await inBackground();
    await asking(session, runtime);
    await manager.resume(1);
    manager.setOnScreen(session.id);
    assert.deepEqual(attention(), ['needsApproval']);
    manager.setOnScreen(undefined);
    assert.deepEqual(attention(), ['needsApproval']);
  });

  it('is still unread in the next window, even if this one is killed', async () => {
    const { catalog, session, runtime } = await inBackground();
    runtime.endTurn();
    const again = setUp(catalog);
    await again.manager.restore();
    assert.deepEqual(again.manager.info(session.id)?.attention, ['unread']);
    again.manager.setOnScreen(session.id);
    const third = setUp(catalog);
    await third.manager.restore();
    assert.deepEqual(third.manager.info(session.id)?.attention, []);
  });
});

describe('a session that was left in the middle of something', () => {
  it('is cut off and asks again in the next window, where it can be answered without going there', async () => {
    const { catalog, manager, session, runtime } = await inBackground();
    runtime.emit({ type: 'toolCallStarted', id: 't', name: 'Bash', title: 'ls', inputText: '{"command":"ls"}' });
    void runtime.context?.approvals.ask(command('t'), '', signal);
    await eventually(() => session.model.view.header.pending[0], 'the request');
    await manager.close();

    const again = setUp(catalog);
    await again.manager.restore();
    assert.deepEqual(again.manager.info(session.id)?.attention, ['needsApproval', 'interrupted', 'unread']);
    assert.equal(again.manager.live(session.id), undefined);
    await again.manager.settleCutOff();
    const loaded = again.manager.live(session.id);
    const [request] = loaded?.model.view.header.pending ?? [];
    assert.deepEqual(
      [again.manager.info(session.id)?.attention, again.manager.info(session.id)?.state, request?.interrupted],
      [['needsApproval', 'interrupted', 'unread'], 'error', true],
    );
    await again.manager.decide(request?.id ?? '', 'allowOnce');
    const run = await eventually(() => again.kind.runs[0]?.context && again.kind.runs[0], 'the run started');
    assert.match(run.prompts[0] ?? '', /I approve it/);
    assert.deepEqual(
      [again.manager.info(session.id)?.attention, again.manager.info(session.id)?.place],
      [['unread'], 'background'],
    );
  });

  it('does not keep the others from being loaded when it cannot be', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    await setup.manager.moveToBackground();
    const other = setup.manager.foreground;
    await other?.send('other');
    await setup.manager.close();
    assert.ok(runtime.calls.includes('stop'));
    const again = setUp(setup.catalog);
    await again.manager.restore();
    const load = again.catalog.loadModel.bind(again.catalog);
    again.catalog.loadModel = (id, runtimeName) =>
      id === other?.id
        ? Promise.reject(new GreenroomError({ code: 'damagedSession', message: 'no', actions: [] }))
        : load(id, runtimeName);
    await again.manager.settleCutOff();
    assert.deepEqual(
      again.manager.liveSessions.map(({ id }) => id),
      [session.id],
    );
  });
});

describe('what happened while the person was away', () => {
  const usage = (costUsd: number): RuntimeEvent => ({
    type: 'usage',
    inputTokens: 1,
    outputTokens: 1,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd,
  });
  const call = (id: string): RuntimeEvent[] => [
    { type: 'toolCallStarted', id, name: 'Bash', title: 'ls', inputText: '{}' },
    { type: 'toolResult', id, output: '', outcome: 'completed' },
  ];

  it('is told in one line, from the message on that is new', async () => {
    const { clock, manager, session, runtime } = await inBackground();
    const seen = session.model.view.total;
    clock.advance(30_000);
    runtime.emit(...call('t1'), ...call('t2'), usage(0.05));
    runtime.endTurn();
    await session.send('more');
    await eventually(() => runtime.prompts.length === 2, 'the second prompt');
    runtime.emit(...call('t3'), usage(0.07));
    await asking(session, runtime);
    clock.advance(150_000);
    const expected = { text: 'While you were away: 1 turn, 3 tool calls, 1 approval waits, $0.12, 3 min.', seen };
    assert.deepEqual(away(manager, session, clock), expected);
    await manager.resume(1);
    manager.setOnScreen(session.id);
    assert.deepEqual(away(manager, session, clock), expected);
    manager.setOnScreen(session.id);
    assert.deepEqual(away(manager, session, clock), expected);
  });

  it('begins in the message that was being written when they left, if no other is new', async () => {
    const setup = setUp();
    const { clock, manager } = setup;
    const { session, runtime } = await running(setup);
    manager.setOnScreen(session.id);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'Half a ' });
    await manager.moveToBackground();
    manager.setOnScreen(manager.foregroundId);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'sentence.' }, ...call('t1'));
    assert.deepEqual([session.model.view.total, away(manager, session, clock)?.seen], [2, 1]);
    runtime.emit({ type: 'stepStarted' }, { type: 'textDelta', partId: 'q', text: 'More.' });
    assert.deepEqual([session.model.view.total, away(manager, session, clock)?.seen], [3, 2]);
  });

  it('is told until the person writes, or looks away', async () => {
    const { clock, manager, session, runtime } = await inBackground();
    runtime.endTurn();
    await manager.resume(1);
    manager.setOnScreen(session.id);
    assert.match(away(manager, session, clock)?.text ?? '', /1 turn, 0 s/);
    await session.send('thanks');
    assert.equal(away(manager, session, clock), undefined);
    runtime.endTurn();
    manager.setOnScreen(undefined);
    manager.setOnScreen(session.id);
    assert.equal(away(manager, session, clock), undefined);
  });

  it('is nothing where nothing happened, or only a word more was written', async () => {
    const { clock, manager, session, runtime } = await inBackground();
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'x' });
    assert.equal(away(manager, session, clock), undefined);
  });

  it('says what failed, and what waits to be answered', async () => {
    const { clock, kind, manager, session, runtime } = await inBackground();
    runtime.end();
    await session.whenSettled();
    await session.send('again');
    const next = await eventually(() => kind.runs[1]?.context && kind.runs[1], 'the second run');
    void next.context?.approvals.askQuestions(
      undefined,
      [{ question: 'Which?', multiSelect: false, options: [] }],
      signal,
    );
    void next.context?.approvals.askQuestions(
      undefined,
      [{ question: 'Why?', multiSelect: false, options: [] }],
      signal,
    );
    await eventually(() => session.model.view.header.pending.length === 2, 'the questions');
    clock.advance(7_200_000);
    assert.equal(away(manager, session, clock)?.text, 'While you were away: 1 turn, 1 failed, 2 questions wait, 2 h.');
  });

  it('survives a reload, and a turn that the reload cut off is not counted', async () => {
    const { catalog, clock, manager, session, runtime } = await inBackground();
    runtime.endTurn();
    await session.send('more');
    await eventually(() => runtime.prompts.length === 2, 'the second prompt');
    runtime.emit(...call('t1'));
    clock.advance(120_000);
    await manager.close();
    const again = setUp(catalog, clock);
    await again.manager.restore();
    await again.manager.settleCutOff();
    clock.advance(60_000);
    const loaded = again.manager.live(session.id);
    assert.ok(loaded);
    assert.equal(away(again.manager, loaded, clock)?.text, 'While you were away: 1 turn, 1 tool call, 3 min.');
  });
});
