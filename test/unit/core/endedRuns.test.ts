import assert from 'node:assert/strict';
import { Deferred } from '../../../src/base/async.ts';
import type { ApprovalGate } from '../../../src/core/runtime.ts';
import type { Session } from '../../../src/core/session.ts';
import { createSlotBench } from '../../support/slotBench.ts';

const never = (): AbortSignal => new AbortController().signal;
const bash = { toolName: 'Bash', access: 'execute' as const, paths: [], command: 'ls', input: {} };

/** A session that works in a slot, and what it may ask. */
async function working(bench: Awaited<ReturnType<typeof createSlotBench>>) {
  const session = await bench.manager.createInBackground({});
  const run = await bench.talk(session, 'go');
  const gate: ApprovalGate | undefined = run.context?.approvals;
  assert.ok(gate);
  return { session, run, gate };
}

const typesOf = (bench: Awaited<ReturnType<typeof createSlotBench>>, { id }: Session): readonly string[] =>
  bench.catalog.sessions.get(id)?.events.map(({ event }) => event.type) ?? [];

describe('a run that is over', () => {
  it('can ask nothing more, although its process is still being ended', async () => {
    const bench = await createSlotBench();
    const { session, run, gate } = await working(bench);
    const gone = new Deferred<void>();
    run.stop = () => gone.promise;
    const dropped = bench.manager.drop(1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      await Promise.all([
        gate.judge(bash).then(({ kind }) => kind),
        gate.ask(bash, 'why', never()),
        gate.askQuestions(undefined, [], never()),
        gate.approvePlan(undefined, 'a plan', never()),
      ]),
      ['deny', { kind: 'withdrawn' }, undefined, { kind: 'withdrawn' }],
    );
    gone.resolve();
    await dropped;
    assert.equal(typesOf(bench, session).at(-1), 'turnCancelled');
    const again = await bench.manager.open(session.id);
    assert.deepEqual([again.model.view.header.state, again.model.view.header.pending], ['cancelled', []]);
  });

  it('takes back what it asked between its turns', async () => {
    const bench = await createSlotBench();
    const { session, run, gate } = await working(bench);
    run.endTurn();
    const answer = gate.ask(bash, 'why', never());
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(session.model.view.header.pending.length, 1);
    run.end();
    assert.deepEqual(await answer, { kind: 'withdrawn' });
    assert.deepEqual(session.model.view.header.pending, []);
  });

  it('takes what it did in the background along, whether it ends or its session is dropped', async () => {
    const bench = await createSlotBench();
    const tasksOf = ({ model }: Session) => model.view.header.backgroundTasks ?? [];
    const task = { type: 'backgroundTask', taskId: 'b1', title: 'npm test', status: 'running', kind: 'shell' } as const;
    const [ends, dropped] = [await working(bench), await working(bench)];
    for (const { run, session } of [ends, dropped]) {
      run.emit(task);
      run.endTurn();
      assert.equal(tasksOf(session).length, 1);
    }
    ends.run.end();
    await new Promise((resolve) => setImmediate(resolve));
    await bench.manager.drop(2);
    assert.deepEqual(
      [ends, dropped].map(({ session }) => tasksOf(session)),
      [[], []],
    );
    const again = await bench.manager.open(dropped.session.id);
    assert.deepEqual(
      JSON.parse(JSON.stringify(again.model.view)),
      JSON.parse(JSON.stringify(dropped.session.model.view)),
    );
  });

  it('leaves no request behind that was still being prepared when it was withdrawn', async () => {
    const text = new Deferred<string>();
    const bench = await createSlotBench(16, { readText: () => text.promise });
    const { session, gate } = await working(bench);
    const withdrawing = new AbortController();
    const edit = {
      toolName: 'Edit',
      access: 'edit' as const,
      paths: ['a.ts'],
      input: {},
      change: { path: 'a.ts', content: 'new' },
    };
    const answer = gate.ask(edit, 'why', withdrawing.signal);
    await new Promise((resolve) => setImmediate(resolve));
    withdrawing.abort();
    text.resolve('old');
    assert.deepEqual(await answer, { kind: 'withdrawn' });
    assert.deepEqual(
      [session.model.view.header.pending, typesOf(bench, session).includes('approvalNeeded')],
      [[], false],
    );
  });
});

describe('a session that is dropped', () => {
  it('is cancelled, also while its turn is still being prepared', async () => {
    const prepared = new Deferred<void>();
    const bench = await createSlotBench(16, { prepare: () => prepared.promise });
    const session = await bench.manager.createInBackground({});
    await session.send('go');
    assert.equal(session.model.view.header.state, 'pending');
    await bench.manager.drop(1);
    prepared.resolve();
    const again = await bench.manager.open(session.id);
    assert.deepEqual(
      [again.model.view.header.state, again.model.view.messages.map(({ role }) => role)],
      ['cancelled', ['user', 'notice']],
    );
  });

  it('gives back a long message that waited, although it has to be read first', async () => {
    const bench = await createSlotBench();
    const { session } = await working(bench);
    const long = `start ${'x'.repeat(200_000)} end`;
    await session.send(long);
    await bench.manager.drop(1);
    assert.equal(bench.catalog.readDraft(session.id), long);
  });

  it('holds up the closing window until its process is gone', async () => {
    const bench = await createSlotBench();
    const { run } = await working(bench);
    const gone = new Deferred<void>();
    run.stop = () => gone.promise;
    const order: string[] = [];
    const dropped = bench.manager.drop(1);
    await new Promise((resolve) => setImmediate(resolve));
    const closed = bench.manager.close().then(() => order.push('closed'));
    await new Promise((resolve) => setImmediate(resolve));
    order.push('gone');
    gone.resolve();
    await Promise.all([dropped, closed]);
    assert.deepEqual(order, ['gone', 'closed']);
  });
});
