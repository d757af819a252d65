import assert from 'node:assert/strict';
import type { ApprovalGate, ToolRequest } from '../../../src/core/runtime.ts';
import { subjects, type Wish } from './subjects.ts';
import { type Trial, World } from './trial.ts';

for (const subject of subjects) {
  describe(`The runtime ${subject.id} keeps its promises`, function () {
    this.timeout(120_000);
    let world: World;
    let trial: Trial;
    afterEach(() => world.close());

    const begin = async (wish: Wish, gate: Partial<ApprovalGate> = {}): Promise<void> => {
      world = await World.create(subject);
      trial = await world.trial(wish, gate);
      assert.equal(trial.runtime.status, 'idle');
      trial.start();
    };
    const send = (wish: Wish) => trial.send(wish);
    const turns = (count: number) => trial.turns(count);
    const endTypes = () => trial.endTypes;
    const assertWellFormed = (): void => trial.assertWellFormed();

    it('serves turn after turn, each with one end, in one conversation', async () => {
      await begin('answer');
      assert.equal(trial.runtime.status, 'running');
      await turns(1);
      assert.equal(send('answer'), true);
      await turns(2);
      await trial.runtime.stop();
      const { nativeSessionId, aborted, error, usage } = await trial.done.promise;
      assert.deepEqual(
        [endTypes(), aborted, error, trial.runtime.status],
        [['endTurn', 'endTurn'], false, undefined, 'completed'],
      );
      const started = trial.events.find((event) => event.type === 'sessionStarted');
      assert.ok(started?.type === 'sessionStarted' && started.nativeSessionId !== '');
      assert.equal(nativeSessionId, started.nativeSessionId);
      assert.ok(trial.events.indexOf(started) < trial.events.findIndex(({ type }) => type === 'textDelta'));
      assert.equal(usage === undefined, !trial.events.some(({ type }) => type === 'usage'), 'unknown is not zero');
      assertWellFormed();
    });

    it('takes what comes while a turn runs, in its order', async () => {
      await begin('answer');
      await trial.until(() => trial.events.some(({ type }) => type === 'sessionStarted'));
      assert.equal(send('answer'), true);
      assert.equal(send('answer'), true);
      await turns(3);
      assert.deepEqual(endTypes(), ['endTurn', 'endTurn', 'endTurn']);
    });

    it('asks before it changes something, does it when it may, and goes on', async () => {
      const judged: ToolRequest[] = [];
      const asked: string[] = [];
      await begin('change', {
        judge: (request) => {
          judged.push(request);
          return Promise.resolve(
            request.access === 'read' ? { kind: 'allow', reason: '' } : { kind: 'ask', reason: 'changes' },
          );
        },
        ask: (request) => {
          asked.push(request.toolName);
          return Promise.resolve({ kind: 'allow' });
        },
      });
      await turns(1);
      const change = judged.find(({ access }) => access === 'edit');
      assert.ok(change !== undefined && change.toolCallId !== undefined && change.paths.length > 0);
      assert.ok(asked.includes(change.toolName));
      const result = trial.events.find((event) => event.type === 'toolResult' && event.id === change.toolCallId);
      assert.deepEqual([endTypes(), result?.type === 'toolResult' && result.outcome], [['endTurn'], 'completed']);
      assertWellFormed();
    });

    it('does not do what is refused, and goes on', async () => {
      await begin('change', {
        judge: (request) =>
          Promise.resolve(
            request.access === 'read' ? { kind: 'allow', reason: '' } : { kind: 'deny', reason: 'not in this test' },
          ),
      });
      await turns(1);
      const results = trial.events.flatMap((event) => (event.type === 'toolResult' ? [event] : []));
      assert.ok(results.some(({ outcome, output }) => outcome === 'failed' && output.includes('not in this test')));
      assert.deepEqual(endTypes(), ['endTurn']);
      assertWellFormed();
    });

    it('ends a turn that is interrupted, and the conversation goes on', async () => {
      await begin('talk');
      await trial.until(() => trial.events.some(({ type }) => type === 'textDelta'));
      await trial.runtime.interrupt();
      await turns(1);
      assert.equal(send('answer'), true);
      await turns(2);
      assert.deepEqual(endTypes(), ['turnCancelled', 'endTurn']);
      assertWellFormed();
    });

    it('takes back what it asks when it is interrupted', async () => {
      const asking = Promise.withResolvers<AbortSignal>();
      await begin('change', {
        judge: (request) =>
          Promise.resolve(
            request.access === 'read' ? { kind: 'allow', reason: '' } : { kind: 'ask', reason: 'changes' },
          ),
        ask: (_request, _reason, signal) => {
          asking.resolve(signal);
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve({ kind: 'withdrawn' }), { once: true });
          });
        },
      });
      const signal = await asking.promise;
      await trial.runtime.interrupt();
      await turns(1);
      assert.deepEqual([signal.aborted, endTypes()], [true, ['turnCancelled']]);
      assertWellFormed();
    });

    it('is stopped in the middle of a turn: nothing comes after, and nothing more is taken', async () => {
      await begin('talk');
      await trial.until(() => trial.events.some(({ type }) => type === 'textDelta'));
      await trial.runtime.stop();
      await trial.done.promise;
      const count = trial.told.length;
      assert.deepEqual(
        [trial.runtime.status !== 'running', send('answer'), trial.ends.length <= 1],
        [true, false, true],
      );
      await trial.runtime.interrupt();
      assert.equal(trial.told.length, count);
    });

    it('drives one run: a second start is told, not thrown', async () => {
      await begin('answer');
      await turns(1);
      const events: string[] = [];
      const result = await trial.runtime.start(trial.context, ({ type }) => events.push(type));
      assert.deepEqual([events, result.error === undefined], [['turnComplete'], false]);
      assert.equal(send('answer'), true);
      await turns(2);
    });

    it('is not disturbed by a listener that fails', async () => {
      world = await World.create(subject);
      trial = await world.trial('answer');
      trial.onEvent = ({ type }) => {
        if (type === 'textDelta') {
          throw new Error('a listener');
        }
      };
      trial.start();
      await turns(1);
      assert.deepEqual(endTypes(), ['endTurn']);
    });
  });
}
