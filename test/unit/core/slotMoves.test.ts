import assert from 'node:assert/strict';
import { GreenroomError } from '../../../src/base/errors.ts';
import type { Session } from '../../../src/core/session.ts';
import type { SessionManager } from '../../../src/core/sessionManager.ts';
import { startInBackground } from '../../../src/core/startWithPrompt.ts';
import { eventually } from '../../support/eventually.ts';
import { running, setUp } from '../../support/sessionSetUp.ts';

const signal = new AbortController().signal;

/** Names of the sessions by place: the one on stage, then the slots. */
const placed = (manager: SessionManager): string[] =>
  manager.placed().map(({ name, slot }) => `${slot ?? 'stage'}: ${name}`);

/** A window with these sessions in slots, each with a message, and an empty one on stage. */
async function withSlots(...names: string[]) {
  const setup = setUp();
  await setup.manager.restore();
  const sessions: Session[] = [];
  for (const name of names) {
    const session = await setup.manager.createInBackground({});
    await session.send(name);
    const run = await eventually(() => setup.kind.runs[sessions.length]?.context && setup.kind.runs.at(-1), 'its run');
    run.endTurn();
    sessions.push(session);
  }
  return { ...setup, sessions };
}

describe('the moves between the stage and the slots', () => {
  it('take the state, what waits and the time of creation along', async () => {
    const setup = setUp();
    const { clock, manager } = setup;
    const { session, runtime } = await running(setup, 'Fix the login');
    const { createdAt } = manager.info(session.id) ?? {};
    void runtime.context?.approvals.ask(
      { toolName: 'Bash', access: 'execute', paths: [], command: 'ls', input: {} },
      '',
      signal,
    );
    const request = await eventually(() => session.model.view.header.pending[0], 'the request');
    clock.advance(60_000);
    const moved = await manager.moveToBackground();
    assert.deepEqual(
      [moved.slot, moved.state, moved.createdAt, moved.attention.includes('needsApproval')],
      [1, 'running', createdAt, true],
    );
    clock.advance(60_000);
    const { session: resumed } = await manager.resume(1);
    assert.deepEqual(
      [resumed.model.view.header.pending, manager.info(session.id)?.createdAt, manager.info(session.id)?.place],
      [[request], createdAt, 'foreground'],
    );
    await manager.drop((await manager.moveToBackground()).slot ?? 0);
    assert.equal(manager.info(session.id)?.createdAt, createdAt);
  });

  it('start in the background without touching the stage, and take the slot away if the first turn cannot start', async () => {
    const { catalog, errors, kind, manager, refuse } = await withSlots('one');
    const stage = manager.foregroundId;
    refuse(new GreenroomError({ code: 'cliNotFound', message: 'no CLI', actions: [] }));
    const before = placed(manager);
    await assert.rejects(startInBackground(manager, {}, 'two'), { code: 'cliNotFound' });
    assert.deepEqual([placed(manager), manager.list().length, catalog.sessions.size], [before, 2, 1]);
    refuse(undefined);
    const starting = startInBackground(manager, { name: 'Two' }, 'two');
    const run = await eventually(() => kind.runs[1]?.context && kind.runs[1], 'its run');
    run.emit({ type: 'stepStarted' });
    await starting;
    assert.deepEqual(
      [placed(manager), manager.foregroundId, errors],
      [['stage: default', '1: one', '2: Two'], stage, []],
    );
  });

  it('renumber when one of three is dropped, which stays among the stored ones with its turn cancelled', async () => {
    const { catalog, kind, manager, sessions } = await withSlots('one', 'two', 'three');
    const two = sessions[1];
    await two?.send('more');
    await eventually(() => kind.runs[1]?.prompts.length === 2, 'its second turn');
    const dropped = await manager.drop(2);
    assert.deepEqual(
      [dropped.slot, dropped.state, placed(manager)],
      [2, 'running', ['stage: default', '1: one', '2: three']],
    );
    assert.deepEqual(
      [manager.info(dropped.id)?.place, manager.info(dropped.id)?.state, kind.runs[1]?.calls],
      ['stored', 'cancelled', ['stop']],
    );
    assert.equal(catalog.sessions.get(dropped.id)?.events.at(-1)?.event.type, 'turnCancelled');
    await manager.createInBackground({});
    const empty = await manager.drop(3);
    assert.equal(manager.info(empty.id), undefined);
  });

  it('swap the stage and a slot, however full the slots are', async () => {
    const { manager, setMaxSlots } = await withSlots('one', 'two');
    await manager.resume(1);
    await manager.create({}).then((session) => session.rename('Fresh'));
    assert.deepEqual(placed(manager), ['stage: Fresh', '1: two', '2: one']);
    setMaxSlots(2);
    const { previous } = await manager.resume(1);
    assert.deepEqual([previous?.name, placed(manager)], ['Fresh', ['stage: two', '1: one', '2: Fresh']]);
  });

  it('discard an empty session on stage, but none that holds a draft, a name or a message', async () => {
    const { catalog, kind, manager } = await withSlots('one');
    const empty = manager.foregroundId ?? '';
    await manager.resume(1);
    assert.deepEqual([manager.info(empty), placed(manager)], [undefined, ['stage: one']]);
    const drafted = await manager.create({});
    catalog.saveDraft(drafted.id, 'half a thought');
    const named = await manager.create({});
    await named.rename('Named');
    const said = await manager.create({});
    await said.send('said');
    await eventually(() => kind.runs[1]?.context, 'its run');
    await manager.create({});
    assert.deepEqual(placed(manager), ['stage: default', '1: one', '2: default', '3: Named', '4: said']);
  });

  it('change nothing when all slots are full', async () => {
    const { manager, sessions, setMaxSlots } = await withSlots('one', 'two');
    const { session: stage } = await manager.resume(1);
    await manager.drop(1);
    await manager.createInBackground({ name: 'other' });
    setMaxSlots(1);
    const before = placed(manager);
    assert.deepEqual(before, ['stage: one', '1: other']);
    const full = { code: 'slotLimit', message: 'background slot limit reached (1)' };
    await assert.rejects(manager.moveToBackground(), full);
    await assert.rejects(manager.create({}), full);
    await assert.rejects(manager.createInBackground({}), full);
    await assert.rejects(manager.open(sessions[1]?.id ?? ''), full);
    assert.deepEqual([placed(manager), manager.foregroundId], [before, stage.id]);
  });

  it('remove nothing when there may be fewer slots from now on', async () => {
    const { catalog, manager, setMaxSlots } = await withSlots('one', 'two', 'three');
    setMaxSlots(1);
    await assert.rejects(manager.createInBackground({}), { code: 'slotLimit' });
    assert.deepEqual(placed(manager), ['stage: default', '1: one', '2: two', '3: three']);
    await manager.resume(3);
    assert.deepEqual(placed(manager), ['stage: three', '1: one', '2: two']);
    await manager.close();
    const again = setUp(catalog);
    again.setMaxSlots(1);
    await again.manager.restore();
    assert.deepEqual(placed(again.manager), ['stage: three', '1: one', '2: two']);
  });

  it('refuse what is no slot before anything changes', async () => {
    const { manager } = await withSlots('one', 'two', 'three');
    const before = placed(manager);
    for (const slot of [0, 4, 7, -1, 1.5, Number.NaN]) {
      const refusal = { code: 'invalidSlot', message: `invalid background slot ${slot} (available: 3)` };
      await assert.rejects(manager.resume(slot), refusal);
      await assert.rejects(manager.drop(slot), refusal);
    }
    await assert.rejects(manager.resume(manager.foregroundId ?? ''), { code: 'unknownSession' });
    assert.deepEqual(placed(manager), before);
  });

  it('leave everything as it was when the session cannot be read', async () => {
    const { catalog, manager, sessions } = await withSlots('one');
    await manager.close();
    const again = setUp(catalog);
    await again.manager.restore();
    catalog.loadModel = () =>
      Promise.reject(new GreenroomError({ code: 'damagedSession', message: 'no', actions: [] }));
    const before = placed(again.manager);
    await assert.rejects(again.manager.resume(1), { code: 'damagedSession' });
    assert.deepEqual([placed(again.manager), again.manager.info(sessions[0]?.id ?? '')?.slot], [before, 1]);
  });

  it('put a new empty session on stage when the one there is deleted', async () => {
    const { manager } = await withSlots('one', 'two');
    await manager.resume(2);
    const stage = manager.foregroundId ?? '';
    await manager.delete(stage);
    assert.deepEqual([placed(manager), manager.info(stage)], [['stage: default', '1: one'], undefined]);
    assert.ok(manager.isEmpty(manager.foregroundId ?? ''));
  });

  it('never interleave: those that come at once are made one after the other', async () => {
    const { catalog, kind, manager } = await withSlots('one', 'two');
    // Every move that ends a session waits for its process here.
    const stop = Promise.withResolvers<void>();
    for (const run of kind.runs) {
      run.stop = () => stop.promise;
    }
    catalog.saveDraft(manager.foregroundId ?? '', 'not empty');
    const order: string[] = [];
    const note = (what: string) => () => void order.push(`${what} -> ${placed(manager).join(', ')}`);
    const moves = [
      manager.drop(1).then(note('drop 1')),
      manager.resume(1).then(note('resume 1')),
      manager.moveToBackground().then(note('background')),
      manager.resume(7).catch(note('resume 7')),
    ];
    stop.resolve();
    await Promise.all(moves);
    assert.deepEqual(order, [
      'drop 1 -> stage: default, 1: two',
      'resume 1 -> stage: two, 1: default',
      'background -> stage: default, 1: default, 2: two',
      'resume 7 -> stage: default, 1: default, 2: two',
    ]);
  });

  it('name a session by the first line that the person wrote, unless they named it', async () => {
    const { kind, manager } = await withSlots(`\n  ${'Fix the login and the tests of it, '.repeat(2)}\nmore`);
    assert.deepEqual(
      manager.placed().map(({ name }) => [...name].length <= 40 && name),
      ['default', 'Fix the login and the tests of it, Fix…'],
    );
    const [, info] = manager.placed();
    const session = await manager.get(info?.id ?? '');
    await session.send('Something else');
    await eventually(() => kind.runs[0]?.prompts.length === 2, 'the second prompt');
    kind.runs[0]?.endTurn();
    assert.equal(manager.info(session.id)?.name, info?.name);
    await session.rename('Mine');
    await session.send('And more');
    assert.equal(manager.info(session.id)?.name, 'Mine');
    await session.rename('  ');
    assert.equal(manager.info(session.id)?.summary, session.id.slice(0, 8));
  });
});
