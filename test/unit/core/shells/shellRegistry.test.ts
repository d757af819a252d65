import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Shell } from '../../../../src/core/shells/shell.ts';
import type { ShellChange } from '../../../../src/core/shells/shellRegistry.ts';
import { statusLabel } from '../../../../src/core/shells/shellStatus.ts';
import { gate, settle, ShellStage } from '../../../support/fakeShells.ts';

const commandsOf = (stage: ShellStage): readonly string[] => stage.registry.list().map(({ command }) => command);
const labelsOf = (stage: ShellStage): readonly string[] =>
  stage.registry.list().map(({ id }) => statusLabel(stage.registry.get(id)?.status ?? { kind: 'running' }));

describe('the registry of shells', () => {
  it('lets no two starts at once pass the cap, and registers nothing for the one that is refused', () => {
    const stage = new ShellStage();
    const started = Array.from({ length: 12 }, () => stage.tryStart());
    assert.deepEqual(
      started.slice(8),
      Array.from({ length: 4 }, () => ({ refused: 'capReached', running: 8 })),
    );
    assert.deepEqual([stage.registry.list().length, stage.registry.runningCount], [8, 8]);
  });

  it('gives a place back when a shell has finished, not while it has left something running', async () => {
    const stage = new ShellStage();
    stage.limits.maxRunning = 1;
    const { process } = await stage.start();
    process.exit(0, [77]);
    assert.deepEqual(stage.tryStart(), { refused: 'capReached', running: 1 });
    process.end();
    assert.ok('id' in stage.tryStart());
  });

  it('removes nothing when a cap is lowered', async () => {
    const stage = new ShellStage();
    for (const command of ['a', 'b', 'c']) {
      await stage.start({ command });
    }
    stage.limits.maxRunning = 1;
    stage.limits.maxRetained = 1;
    assert.deepEqual(commandsOf(stage), ['a', 'b', 'c']);
    assert.deepEqual(stage.tryStart(), { refused: 'capReached', running: 3 });
  });

  it('lists by start, the newest last', async () => {
    const stage = new ShellStage();
    for (const command of ['one', 'two', 'three']) {
      await stage.start({ command });
      stage.clock.advance(1);
    }
    assert.deepEqual(commandsOf(stage), ['one', 'two', 'three']);
    assert.deepEqual(stage.registry.list('other'), []);
  });

  it('evicts the oldest that has finished, and its stored log with it', async () => {
    const stage = new ShellStage();
    stage.limits.maxRetained = 3;
    await stage.start({ command: 'runs' });
    const { shell: oldest, process } = await stage.start({ command: 'old' });
    process.exit(0);
    (await stage.start({ command: 'newer' })).process.exit(0);
    await stage.start({ command: 'fourth' });
    await settle();
    assert.deepEqual(commandsOf(stage), ['runs', 'newer', 'fourth']);
    assert.equal(stage.registry.get(oldest.id), undefined);
    assert.ok(stage.logs.of(oldest).isRemoved);
  });

  it('kills the oldest running one where none has finished, before it forgets it and before the new one starts', async () => {
    const stage = new ShellStage();
    stage.limits = { ...stage.limits, maxRunning: 9, maxRetained: 2 };
    const { process: first } = await stage.start({ command: 'first' });
    await stage.start({ command: 'second' });
    const killing = gate();
    first.holdKill = killing.opened;
    stage.tryStart({ command: 'third' });
    await settle();
    assert.deepEqual([first.kills, first.isGone, stage.runner.processes.length], [1, false, 2]);
    assert.deepEqual(commandsOf(stage), ['first', 'second', 'third']);
    killing.open();
    await settle();
    assert.deepEqual([first.isGone, stage.runner.processes.length], [true, 3]);
    assert.deepEqual(commandsOf(stage), ['second', 'third']);
  });

  it('keeps one that it must evict and cannot end', async () => {
    const stage = new ShellStage();
    stage.limits = { ...stage.limits, maxRetained: 1 };
    const { process } = await stage.start({ command: 'undying' });
    process.survivors = [42];
    stage.tryStart({ command: 'next' });
    await settle();
    assert.deepEqual(commandsOf(stage), ['undying', 'next']);
    assert.deepEqual(labelsOf(stage), ['left running', 'running']);
  });

  it('refuses a duplicate id', async () => {
    const stage = new ShellStage({ newId: () => 'f'.repeat(32) });
    await stage.start();
    assert.deepEqual(stage.tryStart(), { refused: 'duplicate', id: 'f'.repeat(32) });
    assert.equal(stage.registry.list().length, 1);
  });

  it('shows ids of 32 lower-case hex digits, and 100 are distinct', () => {
    const stage = new ShellStage({ newId: () => randomBytes(16).toString('hex') });
    stage.limits.maxRunning = 100;
    stage.limits.maxRetained = 100;
    const ids = Array.from({ length: 100 }, () => (stage.tryStart() as Shell).id);
    assert.equal(new Set(ids).size, 100);
    assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  });

  it('lets a session see its own shells only', async () => {
    const stage = new ShellStage();
    const { shell } = await stage.start({ sessionId: 'mine' });
    assert.equal(stage.registry.get(shell.id, 'mine'), shell);
    assert.equal(stage.registry.get(shell.id, 'other'), undefined);
  });

  it('kills all, or all of one session', async () => {
    const stage = new ShellStage();
    await stage.start({ sessionId: 'a' });
    await stage.start({ sessionId: 'b' });
    (await stage.start({ sessionId: 'a' })).process.exit(3);
    assert.equal(await stage.registry.killAll('a'), 1);
    assert.deepEqual(labelsOf(stage), ['killed', 'running', 'exited(3)']);
    assert.equal(await stage.registry.killAll(), 1);
    assert.deepEqual(labelsOf(stage), ['killed', 'killed', 'exited(3)']);
    assert.equal(await stage.registry.killAll(), 0);
  });

  it('ends the shells of a session that closes, refuses it others meanwhile, and tells it nothing of them', async () => {
    const stage = new ShellStage();
    const { process } = await stage.start({ sessionId: 'a' });
    await stage.start({ sessionId: 'b' });
    const killing = gate();
    process.holdKill = killing.opened;
    const closing = stage.registry.closeSession('a');
    assert.deepEqual(stage.tryStart({ sessionId: 'a' }), { refused: 'closing' });
    assert.ok('id' in stage.tryStart({ sessionId: 'b' }));
    killing.open();
    await closing;
    assert.deepEqual(labelsOf(stage), ['killed', 'running', 'running']);
    assert.equal(stage.registry.completions.take('a'), undefined);
    assert.ok('id' in stage.tryStart({ sessionId: 'a' }));
  });

  it('forgets the shells of a session that is deleted', async () => {
    const stage = new ShellStage();
    const { shell } = await stage.start({ sessionId: 'a' });
    await stage.start({ sessionId: 'b', command: 'stays' });
    await stage.registry.forgetSession('a');
    assert.deepEqual(commandsOf(stage), ['stays']);
    assert.ok(stage.logs.of(shell).isRemoved);
  });

  it('refuses starts once closing has begun', async () => {
    const stage = new ShellStage();
    await stage.start();
    stage.registry.closeNow(100);
    assert.deepEqual([stage.tryStart(), stage.runner.killedNow], [{ refused: 'closing' }, 1]);
    await stage.registry.close();
    assert.deepEqual(labelsOf(stage), ['killed']);
  });

  it('tells of output at most four times a second, and of a change of status at once', async () => {
    const stage = new ShellStage();
    const { shell, process } = await stage.start();
    const changes: ShellChange[] = [];
    stage.registry.onDidChange((change) => changes.push(change));
    for (let at = 0; at < 1000; at++) {
      process.say('x');
      stage.clock.advance(1);
    }
    assert.equal(changes.length, 4);
    process.exit(0);
    assert.equal(changes.length, 5);
    assert.deepEqual(changes[0], { shellId: shell.id, sessionId: 's' });
  });

  it('keeps a command that somebody waits for out of the list until it is moved there', async () => {
    const stage = new ShellStage();
    stage.limits.maxRunning = 1;
    await stage.start();
    const started = stage.registry.startForeground({ sessionId: 's', command: 'make', cwd: '/w', tty: false });
    assert.ok('shell' in started);
    await started.launched;
    assert.deepEqual([stage.registry.list().length, stage.registry.runningCount], [1, 1]);
    assert.equal(stage.registry.get(started.shell.id), undefined);
    assert.deepEqual(stage.registry.moveToBackground(started.shell), { refused: 'capReached', running: 1 });
    await stage.registry.killAll();
    assert.equal(stage.runner.last.kills, 1, 'ended with the others all the same');
  });
});
