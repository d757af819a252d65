import assert from 'node:assert/strict';
import type { ToolRequest } from '../../../src/core/runtime.ts';
import type { Session } from '../../../src/core/session.ts';
import { eventually } from '../../support/eventually.ts';
import type { FakeRuntime } from '../../support/fakeRuntime.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { openWindow, textsOf } from '../../support/storeWindow.ts';

const call = (toolCallId: string, command = 'make'): ToolRequest => ({
  toolCallId,
  toolName: 'Bash',
  access: 'execute',
  paths: [],
  command,
  input: { command },
});

describe('what waited when a window closed', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let window: ReturnType<typeof openWindow>;

  beforeEach(() => {
    folder = makeStoreFolder();
    window = openWindow(folder.root);
  });
  afterEach(async () => {
    await window.manager.close();
    folder.dispose();
  });

  /** A session whose turn was cut off while `ask` waited, opened by the next window. */
  async function cutOff(ask: (run: FakeRuntime) => Promise<unknown>): Promise<Session> {
    await window.manager.restore();
    const session = await window.stage();
    const run = await window.begin(session, 'build it');
    run.emit({ type: 'sessionStarted', nativeSessionId: 'native' });
    run.emit({ type: 'toolCallStarted', id: 'c1', name: 'Bash', title: 'make', inputText: '{"command":"make"}' });
    const answer = ask(run);
    await eventually(() => session.model.view.header.pending.length === 1, 'it is asked');
    await window.manager.close();
    await answer;
    window = openWindow(folder.root);
    await window.manager.restore();
    return window.stage();
  }

  const approval = (run: FakeRuntime) =>
    run.context?.approvals.ask(call('c1'), 'it runs a command', new AbortController().signal) ?? Promise.reject();
  const pending = (session: Session) => session.model.view.header.pending;

  it('is still shown, as interrupted, and nothing runs', async () => {
    const session = await cutOff(approval);
    assert.deepEqual(
      pending(session).map((item) => [item.kind, item.interrupted]),
      [['approval', true]],
    );
    assert.equal(session.model.view.header.state, 'error');
    assert.deepEqual(window.manager.info(session.id)?.attention, ['needsApproval', 'interrupted']);
    assert.equal(window.kind.runs.length, 0);
  });

  it('continues with the approval, which holds for that call once', async () => {
    const session = await cutOff(approval);
    const [item] = pending(session);
    assert.ok(item);
    await window.manager.decide(item.id, 'allowOnce');
    const run = await eventually(() => window.kind.runs[0]?.context && window.kind.runs[0], 'it goes on');
    const { context } = run;
    assert.ok(context);
    assert.match(context.prompt, /I approve it, continue with it: Bash: .*make/s);
    assert.equal(context.nativeSessionId, 'native');
    assert.deepEqual(pending(session), []);
    const { approvals } = context;
    assert.equal((await approvals.judge(call('other', 'make all'))).kind, 'ask');
    assert.equal((await approvals.judge(call('c2'))).kind, 'allow');
    assert.deepEqual(await approvals.ask(call('c2'), '', new AbortController().signal), { kind: 'allow' });
    assert.equal((await approvals.judge(call('c3'))).kind, 'ask');
  });

  it('continues with the refusal and its reason', async () => {
    const session = await cutOff(approval);
    const [item] = pending(session);
    assert.ok(item);
    await window.manager.decide(item.id, 'reject', 'use ninja');
    const run = await eventually(() => window.kind.runs[0]?.context && window.kind.runs[0], 'it goes on');
    assert.match(run.context?.prompt ?? '', /I reject this call.*use ninja/s);
    assert.equal((await run.context?.approvals.judge(call('c2')))?.kind, 'ask');
  });

  it('continues with the answer to a question', async () => {
    const questions = [{ question: 'Which database?', multiSelect: false, options: [{ label: 'SQLite' }] }];
    const session = await cutOff(
      (run) => run.context?.approvals.askQuestions('c1', questions, new AbortController().signal) ?? Promise.reject(),
    );
    const [item] = pending(session);
    assert.ok(item);
    await window.manager.answer(item.id, { 'Which database?': 'SQLite' });
    const run = await eventually(() => window.kind.runs[0]?.context && window.kind.runs[0], 'it goes on');
    assert.match(run.context?.prompt ?? '', /Which database\? SQLite/);
  });

  it('continues with the approved plan, out of plan mode', async () => {
    const session = await cutOff(
      (run) => run.context?.approvals.approvePlan('c1', '1. build', new AbortController().signal) ?? Promise.reject(),
    );
    await session.setMode('plan');
    const [item] = pending(session);
    assert.ok(item);
    await window.manager.decide(item.id, 'allowOnce');
    const run = await eventually(() => window.kind.runs[0]?.context && window.kind.runs[0], 'it goes on');
    assert.deepEqual([run.context?.mode, /I approve the plan/.test(run.context?.prompt ?? '')], ['ask', true]);
  });

  it('is void once the person has gone on otherwise', async () => {
    const session = await cutOff(approval);
    const [item] = pending(session);
    assert.ok(item);
    const run = await window.begin(session, 'never mind');
    assert.deepEqual(pending(session), []);
    await assert.rejects(window.manager.decide(item.id, 'allowOnce'), { code: 'unknownApproval' });
    run.endTurn();
    assert.deepEqual(textsOf(session).at(-1), 'user: never mind');
  });
});
