import assert from 'node:assert/strict';
import type { SessionDeps } from '../../../src/core/session.ts';
import { eventually } from '../../support/eventually.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { MemoryCatalog } from '../../support/memoryCatalog.ts';
import { running, setUp } from '../../support/sessionSetUp.ts';

/** What waits to be told, as a test puts it there. */
function notesWith(...waiting: string[]) {
  let taken: string[] = [];
  let wakes = false;
  const notes: NonNullable<SessionDeps['notes']> = {
    wakes: () => wakes,
    has: () => waiting.length > 0,
    take: () => {
      taken = waiting.splice(0);
      return taken.length === 0 ? undefined : taken.join('; ');
    },
    giveBack: () => {
      waiting.unshift(...taken.splice(0));
    },
  };
  return {
    notes,
    waiting,
    wake: () => {
      wakes = true;
    },
  };
}

const established = { type: 'sessionStarted', nativeSessionId: 'n1' } as const;

describe('what the model is to be told beside the words of the person', () => {
  const begin = (notes: SessionDeps['notes'], text?: string) => {
    const setup = setUp(new MemoryCatalog(), new ManualClock(), notes);
    return running(setup, text).then((started) => ({ ...started, setup }));
  };

  it('comes before them, once', async () => {
    const { notes, waiting } = notesWith('a shell ended');
    const { session, runtime } = await begin(notes);
    runtime.emit(established);
    runtime.endTurn();
    await session.send('more');
    await eventually(() => runtime.prompts.length === 2, 'the second turn');
    waiting.push('another one');
    runtime.endTurn();
    await session.send('even more');
    await eventually(() => runtime.prompts.length === 3, 'the third turn');
    runtime.endTurn();
    assert.deepEqual(runtime.prompts, ['a shell ended\n\ngo', 'more', 'another one\n\neven more']);
  });

  it('waits where the turn is a command of the agent, which it would not be any more', async () => {
    const { notes } = notesWith('a shell ended');
    const { session, runtime } = await begin(notes, '/compact keep the names');
    runtime.emit(established);
    runtime.endTurn();
    await session.send('/etc/hosts is wrong');
    await eventually(() => runtime.prompts.length === 2, 'the second turn');
    runtime.endTurn();
    assert.deepEqual(runtime.prompts, ['/compact keep the names', 'a shell ended\n\n/etc/hosts is wrong']);
  });

  it('waits for the next turn where the agent could not be started, or was stopped before it had begun', async () => {
    for (const end of ['fail', 'cancel'] as const) {
      const { notes, waiting } = notesWith('a shell ended');
      const { session, runtime, setup } = await begin(notes);
      if (end === 'cancel') {
        runtime.emit({ type: 'turnCancelled', durationMs: 0 });
      }
      runtime.end({ aborted: true });
      await session.whenSettled();
      assert.deepEqual(waiting, ['a shell ended'], end);
      await session.send('again');
      const next = await eventually(() => setup.kind.runs[1]?.prompts[0], 'the next run');
      assert.equal(next, 'a shell ended\n\nagain');
    }
  });

  it('is not told again when a turn fails of which the agent knows', async () => {
    const { notes, waiting } = notesWith('a shell ended');
    const { session, runtime } = await begin(notes);
    runtime.emit(established);
    runtime.end();
    await session.whenSettled();
    assert.deepEqual(waiting, []);
  });

  it('waits where a run takes no more and the next one is not started', async () => {
    const { notes, waiting } = notesWith();
    const { session, runtime, setup } = await begin(notes);
    runtime.emit(established);
    runtime.endTurn();
    waiting.push('a shell ended');
    runtime.takesMore = false;
    setup.kind.create = () => Promise.reject(new Error('no'));
    await session.send('more');
    await session.whenSettled();
    assert.deepEqual(waiting, ['a shell ended']);
  });

  it('begins a turn by itself where that is wanted and nothing else goes on', async () => {
    const { notes, waiting, wake } = notesWith();
    const { session, runtime } = await begin(notes);
    runtime.emit(established);
    runtime.endTurn();
    waiting.push('a shell ended');
    session.wake();
    await session.whenSettled();
    assert.equal(runtime.prompts.length, 1, 'it is not wanted');
    wake();
    session.wake();
    await eventually(() => runtime.prompts.length === 2, 'the turn that it begins');
    runtime.endTurn();
    session.wake();
    await session.whenSettled();
    assert.deepEqual(runtime.prompts, ['go', 'a shell ended']);
  });

  it('begins one after the turn in which it came, unless that failed or was cancelled', async () => {
    const { notes, waiting, wake } = notesWith();
    wake();
    const { session, runtime } = await begin(notes);
    runtime.emit(established);
    waiting.push('a shell ended');
    session.wake();
    assert.equal(runtime.prompts.length, 1, 'a turn runs');
    runtime.endTurn();
    await eventually(() => runtime.prompts.length === 2, 'the turn that it begins');
    waiting.push('another one');
    runtime.emit({ type: 'turnCancelled', durationMs: 1 });
    await session.whenSettled();
    assert.deepEqual([runtime.prompts, waiting], [['go', 'a shell ended'], ['another one']]);
  });
});
