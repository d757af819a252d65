import assert from 'node:assert/strict';
import { Emitter } from '../../../../src/base/event.ts';
import type { NumberedEvent, SessionEvent } from '../../../../src/core/sessionEvents.ts';
import { AgentShells } from '../../../../src/core/shells/agentShells.ts';
import { ShellList } from '../../../../src/core/shells/shellList.ts';
import { shellStatusText } from '../../../../src/core/shells/shellWords.ts';
import { ShellStage } from '../../../support/fakeShells.ts';

type TaskEvent = Extract<SessionEvent, { readonly type: 'backgroundTask' }>;

/** Sessions that say what their agents run. */
class Stage {
  readonly shells = new ShellStage();
  readonly #appended = new Emitter<{ readonly sessionId: string; readonly events: readonly NumberedEvent[] }>(
    (error) => {
      throw error;
    },
  );
  readonly changed = new Emitter<unknown>((error) => {
    throw error;
  });
  readonly deleted = new Set<string>();
  readonly agents = new AgentShells({
    clock: this.shells.clock,
    log: this.shells.log,
    sessions: {
      onDidAppend: this.#appended.event,
      onDidChange: this.changed.event,
      info: (id) => (this.deleted.has(id) ? undefined : {}),
    },
  });
  readonly list = new ShellList(this.shells.registry, this.agents);

  say(taskId: string, event: Partial<TaskEvent> = {}, sessionId = 's'): void {
    const task: TaskEvent = {
      type: 'backgroundTask',
      status: 'running',
      kind: 'shell',
      title: `command ${taskId}`,
      taskId,
      ...event,
    };
    this.#appended.fire({ sessionId, events: [{ seq: 1, at: 0, run: 1, event: task }] });
  }

  get rows(): readonly string[] {
    return this.list.list().map((info) => `${info.command}: ${shellStatusText(info)}, ${info.elapsedMs} ms`);
  }
}

describe("the agents' own shells", () => {
  it('are listed with ours by their start: command, status and time, until they are too many', async () => {
    const stage = new Stage();
    stage.say('a', { title: 'Wait' });
    stage.shells.clock.advance(1000);
    const { process } = await stage.shells.start({ command: 'ours' });
    stage.shells.clock.advance(1000);
    stage.say('b');
    stage.say('a', { title: 'sleep 5' });
    assert.deepEqual(stage.rows, ['sleep 5: running, 2000 ms', 'ours: running, 1000 ms', 'command b: running, 0 ms']);
    stage.shells.clock.advance(500);
    process.exit(0);
    stage.say('a', { title: 'sleep 5', status: 'completed' });
    stage.say('b', { status: 'failed' });
    stage.say('c');
    stage.say('c', { status: 'stopped' });
    stage.shells.clock.advance(9000);
    assert.deepEqual(stage.rows, [
      'sleep 5: exited, 2500 ms',
      'ours: exited, 1500 ms',
      'command b: failed, 500 ms',
      'command c: killed, 0 ms',
    ]);
  });

  it('are no agents, and nothing of which only the end is known', () => {
    const stage = new Stage();
    stage.say('a', { kind: 'agent' });
    stage.say('b', { kind: 'other' });
    stage.say('c', { status: 'stopped' });
    assert.deepEqual(stage.rows, []);
  });

  it('of two sessions may have the same id', () => {
    const stage = new Stage();
    stage.say('a', { title: 'one' }, 's');
    stage.say('a', { title: 'two' }, 't');
    stage.say('a', { title: 'one', status: 'completed' }, 's');
    assert.deepEqual(
      stage.agents.list().map(({ sessionId, command, status }) => [sessionId, command, status]),
      [
        ['s', 'one', 'exited'],
        ['t', 'two', 'running'],
      ],
    );
  });

  it('are kept up to a number: the oldest that have ended go first', () => {
    const stage = new Stage();
    for (let at = 0; at < 32; at++) {
      stage.say(`${at}`);
    }
    stage.say('7', { status: 'completed' });
    stage.say('32');
    stage.say('33');
    const ids = stage.agents.list().map(({ id }) => Number(id));
    assert.deepEqual(
      ids,
      Array.from({ length: 33 }, (_, at) => at + 1).filter((id) => id !== 7),
    );
  });

  it('go with their session', () => {
    const stage = new Stage();
    stage.say('a', {}, 's');
    stage.say('b', {}, 't');
    const changes: string[] = [];
    stage.list.onDidChange(({ shellId }) => changes.push(shellId));
    stage.changed.fire({});
    stage.deleted.add('s');
    stage.changed.fire({});
    assert.deepEqual([stage.agents.list().map(({ id }) => id), changes], [['b'], ['a']]);
  });

  it('are told of as soon as they change, with ours, until nobody listens', async () => {
    const stage = new Stage();
    const changes: string[] = [];
    const listening = stage.list.onDidChange(({ shellId, sessionId }) => changes.push(`${sessionId} ${shellId}`));
    stage.say('a');
    stage.say('a', { status: 'stopped' });
    const { shell } = await stage.shells.start();
    assert.deepEqual([...new Set(changes)], ['s a', `s ${shell.id}`]);
    const count = changes.length;
    listening.dispose();
    stage.say('b');
    assert.equal(changes.length, count);
  });
});
