import assert from 'node:assert/strict';
import { GreenroomError } from '../../../src/base/errors.ts';
import { olderMessages } from '../../../src/core/olderMessages.ts';
import { stateOf } from '../../../src/core/stateOfModel.ts';
import type { Session } from '../../../src/core/session.ts';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { reduceAll } from '../../../src/core/sessionReducer.ts';
import { eventually } from '../../support/eventually.ts';
import type { FakeRuntime } from '../../support/fakeRuntime.ts';
import type { MemoryCatalog } from '../../support/memoryCatalog.ts';
import { running, setUp } from '../../support/sessionSetUp.ts';

const state = (session: Session): string => session.model.view.header.state;
const texts = (session: Session): string[] =>
  session.model.view.messages.flatMap((message) =>
    message.parts.map((part) => ('text' in part ? `${message.role}: ${part.text}` : part.type)),
  );
const events = (catalog: MemoryCatalog, id: string): SessionEvent['type'][] =>
  (catalog.sessions.get(id)?.events ?? []).map(({ event }) => event.type);

describe('a session', () => {
  it('runs a turn and numbers every event without gaps', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup, 'hello');
    assert.deepEqual(runtime.prompts, ['hello']);
    runtime.emit({ type: 'sessionStarted', nativeSessionId: 'n1' }, { type: 'textDelta', partId: 'p', text: 'Hi' });
    runtime.endTurn();
    await session.whenSettled();
    assert.equal(state(session), 'done');
    assert.deepEqual(texts(session), ['user: hello', 'assistant: Hi']);
    const stored = setup.catalog.sessions.get(session.id)?.events ?? [];
    assert.deepEqual(
      stored.map(({ seq }) => seq),
      stored.map((_, index) => index + 1),
    );
  });

  it('is settled when its turn ends before it has begun, however early that is', async () => {
    const refused = setUp();
    refused.refuse(new GreenroomError({ code: 'notSent', message: 'no', actions: [] }));
    await refused.manager.restore();
    await refused.manager.foreground?.send('hello');
    await refused.manager.foreground?.whenSettled();
    assert.equal(refused.manager.foreground && state(refused.manager.foreground), 'error');

    const failing = setUp();
    const create = failing.kind.create.bind(failing.kind);
    failing.kind.create = async () => {
      const runtime = await create();
      runtime.start = (_context, emit) => {
        emit({
          type: 'turnComplete',
          stopReason: 'error',
          durationMs: 0,
          totalTokens: 0,
          turnCount: 0,
          toolCallCount: 0,
        });
        return Promise.resolve({ aborted: true, rateLimitExit: false });
      };
      return runtime;
    };
    await failing.manager.restore();
    await failing.manager.foreground?.send('hello');
    await failing.manager.foreground?.whenSettled();
    assert.equal(failing.manager.foreground && state(failing.manager.foreground), 'error');
  });

  it('gives what the runtime says beside its events to the run log, which first learns the secrets of the settings', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    runtime.emit({ type: 'agentJson', data: '{"type":"x"}' }, { type: 'rawOutput', text: 'a line' });
    runtime.endTurn();
    await session.whenSettled();
    assert.deepEqual(setup.runLogged, ['hide of-the-settings', '1 {"type":"x"}', '1 a line']);
    assert.ok(!events(setup.catalog, session.id).some((type) => type === 'agentJson' || type === 'rawOutput'));
  });

  it('serves consecutive turns by one run, and starts another when the run takes no more', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    runtime.emit({ type: 'sessionStarted', nativeSessionId: 'n1' });
    runtime.endTurn();
    await session.send('second');
    await eventually(() => runtime.prompts.length === 2, 'the second prompt');
    runtime.endTurn();
    await session.whenSettled();
    runtime.takesMore = false;
    await session.send('third');
    const next = await eventually(() => setup.kind.runs[1]?.context && setup.kind.runs[1], 'a second run');
    assert.deepEqual([next.prompts, next.context?.nativeSessionId, next.context?.run], [['third'], 'n1', 2]);
    // Asked for only when the resume was refused: what the run itself has said by then is no part of it.
    next.emit({ type: 'warning', code: 'resumeRefused', message: 'It is gone.' });
    assert.match((await next.context?.freshPrompt?.()) ?? '', /User: go\n[^]*User: second\n[^]*third$/);
    next.endTurn();
    await session.whenSettled();
    assert.equal(state(session), 'done');
  });

  describe('that is long', () => {
    const speak = (runtime: FakeRuntime, count: number): void => {
      for (let step = 1; step <= count; step++) {
        runtime.emit({ type: 'stepStarted' }, { type: 'textDelta', partId: `p${step}`, text: `answer ${step}` });
      }
    };

    it('keeps the newest of what is over in memory once it is saved, and reads the rest where it is needed', async () => {
      const setup = setUp();
      const { session, runtime } = await running(setup);
      const { view } = session.model;
      runtime.emit({ type: 'sessionStarted', nativeSessionId: 'n1' });
      speak(runtime, 1_500);
      await eventually(() => view.from > 0, 'the oldest have left the memory');
      assert.equal(view.total, 1_501);
      assert.ok(view.messages.length <= 1_000, `${view.messages.length}`);
      const { catalog } = setup;
      const older = await olderMessages((before, count) => catalog.loadMessages(session.id, before, count), view.from);
      const { identity, events: logged } = await catalog.load(session.id);
      assert.deepEqual([...older.messages, ...view.messages], reduceAll(identity, '', logged).view.messages);

      runtime.endTurn();
      await session.whenSettled();
      runtime.takesMore = false;
      await session.send('more');
      const next = await eventually(() => setup.kind.runs[1]?.context, 'a second run');
      const prompt = (await next.freshPrompt?.()) ?? '';
      assert.match(
        prompt,
        /<conversation>\n\nUser: go\n\nAssistant: answer 1\n\n[^]*answer 1500\n\n<\/conversation>[^]*more$/,
      );
    });

    it('gives a fresh start what is in memory where the rest cannot be read, and says that it is not all', async () => {
      const setup = setUp();
      const { session, runtime } = await running(setup);
      runtime.emit({ type: 'sessionStarted', nativeSessionId: 'n1' });
      speak(runtime, 1_500);
      await eventually(() => session.model.view.from > 0, 'the oldest have left the memory');
      runtime.endTurn();
      await session.whenSettled();
      runtime.takesMore = false;
      await session.send('more');
      const next = await eventually(() => setup.kind.runs[1]?.context, 'a second run');
      setup.catalog.loadMessages = () => Promise.reject(new Error('no disk'));
      const prompt = (await next.freshPrompt?.()) ?? '';
      assert.match(prompt, /beginning is left out[^]*answer 1500/);
      assert.doesNotMatch(prompt, /User: go/);
    });

    it('keeps everything in memory while it cannot be saved, or if the file does not have all of it', async () => {
      for (const trouble of ['unsaved', 'incomplete'] as const) {
        const setup = setUp();
        const { session, runtime } = await running(setup);
        setup.catalog.saveError = trouble === 'unsaved' ? new Error('full') : undefined;
        setup.catalog.isComplete = trouble !== 'incomplete';
        speak(runtime, 1_500);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepEqual([session.model.view.from, session.model.view.messages.length], [0, 1_501], trouble);
        if (trouble === 'unsaved') {
          setup.catalog.saveError = undefined;
          speak(runtime, 1);
          await eventually(() => session.model.view.from > 0, 'the oldest leave the memory');
        }
      }
    });

    it('tells the log where it can be opened, never while a message may still change', async () => {
      const setup = setUp();
      const { session, runtime } = await running(setup);
      const states = setup.catalog.states;
      runtime.emit({ type: 'stepStarted' }, { type: 'textDelta', partId: 'p', text: 'x' });
      const before = states.length;
      runtime.emit({ type: 'textDelta', partId: 'p', text: 'y' });
      runtime.emit({ type: 'toolCallStarted', id: 't', name: 'Read', title: 'a', inputText: '{}' });
      assert.equal(states.length, before);
      runtime.endTurn();
      await session.whenSettled();
      assert.deepEqual(states.at(-1), JSON.parse(JSON.stringify(stateOf(session.model))));
    });
  });

  it('queues what comes while a turn runs, and sends it after a natural end, one turn each', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup, 'one');
    await session.send('two');
    await session.send('three');
    assert.deepEqual(setup.manager.info(session.id)?.queued, ['two', 'three']);
    runtime.endTurn();
    await eventually(() => runtime.prompts.length === 2, 'the first queued message');
    runtime.endTurn();
    await eventually(() => runtime.prompts.length === 3, 'the second queued message');
    runtime.endTurn();
    await session.whenSettled();
    assert.deepEqual(runtime.prompts, ['one', 'two', 'three']);
    assert.deepEqual(setup.manager.info(session.id)?.queued, []);
  });

  it('gives queued messages back to the composer when the turn is cancelled', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup, 'one');
    await session.send('two');
    const returned: string[] = [];
    session.onDidReturnText((text) => returned.push(text));
    await session.cancel();
    assert.deepEqual(runtime.calls, ['interrupt']);
    runtime.emit({ type: 'turnCancelled', durationMs: 1 });
    await session.whenSettled();
    assert.deepEqual([state(session), returned, setup.catalog.readDraft(session.id)], ['cancelled', ['two'], 'two']);
    assert.equal(setup.kind.runs.length, 1);
  });

  it('stops the run when a cancelled turn does not end', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    await session.cancel();
    setup.clock.advance(10_000);
    await session.whenSettled();
    assert.deepEqual(runtime.calls, ['interrupt', 'stop']);
    assert.equal(session.model.turn, undefined);
  });

  it('ends a turn exactly once when its run ends without ending it', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'half' });
    runtime.end();
    await session.whenSettled();
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'late' }, { type: 'turnCancelled', durationMs: 1 });
    runtime.endTurn();
    assert.deepEqual([state(session), session.model.reasonCode], ['error', 'crashed']);
    assert.equal(
      events(setup.catalog, session.id).filter((type) => type === 'turnComplete' || type === 'turnCancelled').length,
      1,
    );
    assert.equal(session.lateEvents, 3);
  });

  it('says why a turn could not start, keeps the message, and can try again', async () => {
    const setup = setUp();
    setup.refuse(new GreenroomError({ code: 'badSetting', message: 'The setting is wrong.', actions: [] }));
    await setup.manager.restore();
    const session = setup.manager.foreground;
    assert.ok(session);
    const started = session.whenStarted();
    await session.send('hello');
    await assert.rejects(started, { code: 'badSetting' });
    assert.deepEqual([state(session), texts(session)], ['error', ['user: hello', 'notice: The setting is wrong.']]);
    setup.refuse(undefined);
    await session.send('again');
    const runtime = await eventually(() => setup.kind.runs[0]?.context && setup.kind.runs[0], 'the run started');
    runtime.endTurn();
    await session.whenSettled();
    assert.equal(state(session), 'done');
  });

  it('turns an exception inside a runtime into an error of the turn', async () => {
    const setup = setUp();
    setup.kind.create = () => Promise.reject(new Error('boom'));
    await setup.manager.restore();
    const session = setup.manager.foreground;
    assert.ok(session);
    await session.send('hello');
    await session.whenSettled();
    assert.deepEqual([state(session), session.model.reasonCode], ['error', 'unexpected']);
  });

  it('keeps an approval open until it is decided, and asks no second time for what was allowed for the session', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    const gate = runtime.context?.approvals;
    assert.ok(gate);
    const edit = (toolCallId: string) => ({
      toolCallId,
      toolName: 'Edit',
      access: 'edit' as const,
      paths: ['a.ts'],
      input: {},
    });
    runtime.emit(
      { type: 'toolCallStarted', id: 't1', name: 'Edit', title: 'a.ts', inputText: '{}' },
      { type: 'toolCallStarted', id: 't2', name: 'Edit', title: 'a.ts', inputText: '{}' },
    );
    assert.equal((await gate.judge(edit('t1'))).kind, 'ask');
    const signal = new AbortController().signal;
    const [first, second] = [gate.ask(edit('t1'), '', signal), gate.ask(edit('t2'), '', signal)];
    await eventually(() => session.model.view.header.pending.length === 2, 'both requests');
    setup.clock.advance(3_600_000);
    assert.equal(session.model.view.header.pending.length, 2);
    await setup.manager.decide(session.model.view.header.pending[0]?.id ?? '', 'allowForSession');
    assert.deepEqual([await first, await second], [{ kind: 'allow' }, { kind: 'allow' }]);
    assert.equal((await gate.judge(edit('t3'))).kind, 'allow');
    assert.deepEqual(session.model.view.header.pending, []);
  });

  it('withdraws open requests when their turn ends, and says so to whoever answers too late', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    const gate = runtime.context?.approvals;
    assert.ok(gate);
    const answer = gate.ask(
      { toolName: 'Bash', access: 'execute', paths: [], command: 'ls', input: {} },
      '',
      new AbortController().signal,
    );
    const question = gate.askQuestions(
      undefined,
      [{ question: 'Which?', multiSelect: false, options: [] }],
      new AbortController().signal,
    );
    const pending = await eventually(
      () => session.model.view.header.pending.length === 2 && session.model.view.header.pending,
      'both requests',
    );
    runtime.endTurn();
    assert.deepEqual([await answer, await question], [{ kind: 'withdrawn' }, undefined]);
    await assert.rejects(setup.manager.decide(pending[0]?.id ?? '', 'allowOnce'), { code: 'unknownApproval' });
  });

  it('is not settled while it waits for the person', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    let settled = false;
    const waiting = session.whenSettled().then(() => {
      settled = true;
    });
    const answer = runtime.context?.approvals.ask(
      { toolName: 'Bash', access: 'execute', paths: [], command: 'ls', input: {} },
      '',
      new AbortController().signal,
    );
    const pending = await eventually(() => session.model.view.header.pending[0], 'the request');
    assert.equal(settled, false);
    await setup.manager.decide(pending.id, 'reject', 'not now');
    assert.deepEqual(await answer, { kind: 'deny', message: 'The user rejected this call: not now' });
    runtime.endTurn();
    await waiting;
  });

  it('sends and gives back long messages whole, although the log keeps their head and tail', async () => {
    const setup = setUp();
    const long = (name: string): string => `${name} ${'x'.repeat(200_000)} ${name}`;
    const { session, runtime } = await running(setup, long('one'));
    await session.send(long('two'));
    await session.send(long('three'));
    runtime.endTurn();
    await eventually(() => runtime.prompts.length === 2, 'the queued message');
    assert.deepEqual(runtime.prompts, [long('one'), long('two')]);
    const returned: string[] = [];
    session.onDidReturnText((text) => returned.push(text));
    runtime.emit({ type: 'turnCancelled', durationMs: 1 });
    await eventually(() => returned.length > 0, 'the text in the composer');
    assert.deepEqual(returned, [long('three')]);
    await session.retry();
    await eventually(() => runtime.prompts.length === 3, 'the second try');
    assert.equal(runtime.prompts[2], long('two'));
  });

  it('tells every listener in the same order, also of what a listener adds', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    const heard: number[] = [];
    session.onDidAppend(({ events }) => {
      if (events.some(({ event }) => event.type === 'textDelta' && event.text === 'first')) {
        runtime.emit({ type: 'textDelta', partId: 'p', text: 'second' });
      }
    });
    session.onDidAppend(({ events }) => heard.push(...events.map(({ seq }) => seq)));
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'first' });
    assert.deepEqual(heard, [heard[0], (heard[0] ?? 0) + 1]);
  });

  it('refuses an empty message and a queue that is full', async () => {
    const setup = setUp();
    const { session } = await running(setup);
    await assert.rejects(session.send(' \n'), { code: 'emptyMessage' });
    for (let index = 0; index < 50; index++) {
      await session.send(`${index}`);
    }
    await assert.rejects(session.send('one too many'), { code: 'queueFull' });
  });

  it('resolves a message only when it is written', async () => {
    const setup = setUp();
    await setup.manager.restore();
    const session = setup.manager.foreground;
    assert.ok(session);
    setup.catalog.saveError = new GreenroomError({ code: 'saveFailed', message: 'The disk is full.', actions: [] });
    await assert.rejects(session.send('hello'), { code: 'saveFailed' });
    assert.deepEqual(texts(session)[0], 'user: hello');
  });

  it('keeps its run when the run has changed the model', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    runtime.endTurn();
    await session.setModel('other');
    await session.send('second');
    await eventually(() => runtime.prompts.length === 2, 'the second prompt');
    assert.deepEqual([runtime.calls, setup.kind.runs.length], [['setModel other'], 1]);
  });

  it('starts another run when the model changed and the run cannot change it', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    runtime.endTurn();
    runtime.acceptsModel = false;
    await session.setModel('other');
    await session.send('second');
    const next = await eventually(() => setup.kind.runs[1]?.context && setup.kind.runs[1], 'a second run');
    assert.deepEqual([runtime.calls, next.context?.model], [['setModel other', 'stop'], 'other']);
  });
});

describe('the sessions of a window', () => {
  it('come back after a reload: places, transcript and a cut turn that says so', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup, 'first');
    runtime.emit(
      { type: 'sessionStarted', nativeSessionId: 'n1' },
      { type: 'textDelta', partId: 'p', text: 'half an ans' },
    );
    const second = await setup.manager.create({});
    await second.send('second');
    await setup.manager.close();
    assert.ok(runtime.calls.includes('stop'));

    const again = setUp(setup.catalog);
    await again.manager.restore();
    assert.deepEqual(
      again.manager.list().map((info) => [info.id, info.place, info.name, info.attention]),
      [
        [second.id, 'foreground', 'second', ['interrupted']],
        [session.id, 'background', 'first', ['interrupted']],
      ],
    );
    const reopened = await again.manager.open(session.id);
    assert.deepEqual(texts(reopened).slice(0, 2), ['user: first', 'assistant: half an ans']);
    assert.deepEqual([state(reopened), reopened.model.reasonCode], ['error', 'interrupted']);
    await reopened.send('go on');
    const run = await eventually(() => again.kind.runs[0]?.context && again.kind.runs[0], 'the run started');
    assert.deepEqual([run.context?.nativeSessionId, run.context?.run], ['n1', 2]);
  });

  it('show nothing as running in the background that ended with its run, its session or its host', async () => {
    const ends = [
      (setup: ReturnType<typeof setUp>, _session: Session, runtime: FakeRuntime) => {
        runtime.emit({ type: 'turnCancelled', durationMs: 1 });
        runtime.end();
        return setup;
      },
      async (setup: ReturnType<typeof setUp>) => {
        await setup.manager.close();
        return setUp(setup.catalog);
      },
      // A host that is killed: nothing is closed.
      (setup: ReturnType<typeof setUp>) => setUp(setup.catalog),
    ];
    for (const end of ends) {
      const setup = setUp();
      const { session, runtime } = await running(setup);
      runtime.emit({ type: 'backgroundTask', status: 'running', taskId: 'b', kind: 'shell', title: 'npm run dev' });
      assert.equal(session.model.view.header.backgroundTasks?.length, 1);
      const after = await end(setup, session, runtime);
      if (after !== setup) {
        await after.manager.restore();
      }
      const seen = after === setup ? session : await after.manager.open(session.id);
      await eventually(() => seen.model.view.header.backgroundTasks === undefined, 'nothing runs any more');
      assert.equal(texts(seen).filter((text) => text.includes('Stopped in the background: npm run dev')).length, 1);
    }
  });

  it('end what their agent runs in the background, and nothing that it does not run', async () => {
    const { session, runtime } = await running(setUp());
    const task = { type: 'backgroundTask', taskId: 'b', kind: 'shell', title: 'npm run dev' } as const;
    runtime.emit({ ...task, status: 'running' });
    assert.deepEqual([await session.stopTask('b'), await session.stopTask('c')], [true, false]);
    runtime.emit({ ...task, status: 'stopped' });
    assert.equal(await session.stopTask('b'), false);
    assert.deepEqual(
      runtime.calls.filter((call) => call.startsWith('stopTask')),
      ['stopTask b'],
    );
  });

  it('bring back a draft in a session that was never used', async () => {
    const setup = setUp();
    await setup.manager.restore();
    const id = setup.manager.foregroundId ?? '';
    setup.catalog.saveDraft(id, 'half a thought');
    await setup.manager.close();
    const again = setUp(setup.catalog);
    await again.manager.restore();
    const session = await again.manager.ensureForeground(assert.fail);
    assert.deepEqual([session?.id, session?.isEmpty, again.catalog.readDraft(id)], [id, true, 'half a thought']);
    await again.manager.create({});
    assert.deepEqual(
      again.manager.list().map((info) => [info.id === id, info.place]),
      [
        [false, 'foreground'],
        [true, 'background'],
      ],
    );
  });

  it('cancel a turn that is still being prepared', async () => {
    const setup = setUp();
    await setup.manager.restore();
    const session = setup.manager.foreground;
    assert.ok(session);
    const sent = session.send('hello');
    await session.cancel();
    await sent;
    await session.whenSettled();
    assert.deepEqual([state(session), setup.kind.runs.length], ['cancelled', 0]);
  });

  it('leave nothing behind of a session that was never used', async () => {
    const setup = setUp();
    await setup.manager.restore();
    const first = setup.manager.foregroundId;
    await setup.manager.create({});
    await setup.manager.create({});
    assert.notEqual(setup.manager.foregroundId, first);
    assert.deepEqual([setup.manager.list().length, setup.catalog.sessions.size], [1, 0]);
  });

  it('keep everything as it was when all slots are full', async () => {
    const setup = setUp();
    setup.setMaxSlots(1);
    const { session } = await running(setup);
    const second = await setup.manager.create({});
    await second.send('x');
    const before = setup.manager.list().map((info) => [info.id, info.place]);
    await assert.rejects(setup.manager.create({}), { code: 'slotLimit', message: 'background slot limit reached (1)' });
    assert.deepEqual(
      setup.manager.list().map((info) => [info.id, info.place]),
      before,
    );
    await setup.manager.open(session.id);
    assert.deepEqual(
      setup.manager.list().map((info) => [info.id, info.place]),
      [
        [session.id, 'foreground'],
        [second.id, 'background'],
      ],
    );
  });

  it('go on in the background, and are unread until they are looked at', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    const second = await setup.manager.create({});
    setup.manager.setOnScreen(second.id);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'unseen' });
    runtime.endTurn();
    await session.whenSettled();
    assert.deepEqual(setup.manager.info(session.id)?.attention, ['unread']);
    await setup.manager.open(session.id);
    setup.manager.setOnScreen(session.id);
    assert.deepEqual(setup.manager.info(session.id)?.attention, []);
    assert.deepEqual(texts(session), ['user: go', 'assistant: unseen']);
  });

  it('move to the background and back, and drop out of the slots', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup, 'first');
    const moved = await setup.manager.moveToBackground();
    assert.deepEqual([moved.id, moved.slot, moved.state], [session.id, 1, 'running']);
    const second = setup.manager.foreground;
    assert.ok(second?.isEmpty);
    await assert.rejects(setup.manager.resume(0), {
      code: 'invalidSlot',
      message: 'invalid background slot 0 (available: 1)',
    });
    await assert.rejects(setup.manager.resume(2), { code: 'invalidSlot', data: { slot: 2, available: 1 } });
    const resumed = await setup.manager.resume(1);
    assert.deepEqual([resumed.session.id, resumed.previous], [session.id, undefined]);
    assert.equal(setup.manager.info(second.id), undefined);
    runtime.emit({ type: 'textDelta', partId: 'p', text: 'still here' });
    await setup.manager.moveToBackground();
    await setup.manager.foreground?.send('second');
    const swapped = await setup.manager.resume(session.id);
    assert.equal(swapped.previous?.slot, 1);
    await setup.manager.moveToBackground();
    const third = setup.manager.foregroundId;
    assert.deepEqual(
      setup.manager.placed().map(({ slot }) => slot),
      [undefined, 1, 2],
    );
    const dropped = await setup.manager.drop(2);
    assert.deepEqual([dropped.id, dropped.state], [session.id, 'running']);
    assert.ok(runtime.calls.includes('stop'));
    assert.deepEqual(
      setup.manager.placed().map(({ id }) => id === third),
      [true, false],
    );
    assert.equal(setup.manager.info(session.id)?.place, 'stored');
    const stored = setup.catalog.sessions.get(session.id)?.events ?? [];
    assert.deepEqual(stored.at(-1)?.event.type, 'turnCancelled');
  });

  it('are refused the seventeenth slot, and nothing changes', async () => {
    const setup = setUp();
    await setup.manager.restore();
    for (let slot = 1; slot <= 16; slot++) {
      await setup.manager.createInBackground({});
    }
    const before = setup.manager.placed();
    await assert.rejects(setup.manager.moveToBackground(), {
      code: 'slotLimit',
      message: 'background slot limit reached (16)',
    });
    await assert.rejects(setup.manager.createInBackground({}), { code: 'slotLimit' });
    assert.deepEqual(setup.manager.placed(), before);
  });

  it('are deleted with their process, and a new empty one takes the stage', async () => {
    const setup = setUp();
    const { session, runtime } = await running(setup);
    await setup.manager.delete(session.id);
    assert.ok(runtime.calls.includes('stop'));
    assert.equal(setup.catalog.sessions.has(session.id), false);
    assert.deepEqual(
      setup.manager.list().map((info) => [info.place, info.state]),
      [['foreground', 'idle']],
    );
    await assert.rejects(setup.manager.delete(session.id), { code: 'unknownSession' });
  });
});
