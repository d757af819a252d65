import assert from 'node:assert/strict';
import type { RunContext } from '../../../src/core/runtime.ts';
import { limitSeconds, subjects, type Wish } from './subjects.ts';
import { type Trial, World, type WorldOptions } from './trial.ts';

for (const subject of subjects) {
  describe(`The runtime ${subject.id} gets over what goes wrong`, function () {
    this.timeout(120_000);
    let world: World;
    let trial: Trial;
    afterEach(() => world?.close());

    /** One of the promises; what a runtime is without is said in `subjects`. */
    const promise = (wish: Wish, title: string, keep: () => Promise<void>): void => {
      if (subject.without[wish] === undefined) {
        it(title, keep);
      }
    };

    const turnOf = async (wish: Wish, options: WorldOptions = {}, context: Partial<RunContext> = {}) => {
      world = await World.create(subject, options);
      trial = (await world.trial(wish, {}, context)).start();
      await trial.turns(1);
      trial.assertWellFormed();
      const [end] = trial.ends;
      assert.ok(end?.type === 'turnComplete');
      return end;
    };

    /** The turn has failed in a way that a person can do something about, and the next one works. */
    async function failed(end: Awaited<ReturnType<typeof turnOf>>): Promise<void> {
      assert.equal(end.stopReason, 'error');
      assert.ok(end.error !== undefined && end.error.message !== '' && end.error.actions.length > 0);
      assert.equal(trial.send('answer'), true);
      await trial.turns(2);
      assert.deepEqual(trial.endTypes, ['error', 'endTurn']);
    }

    promise('fail', 'ends the turn where the service refuses it before the first word', async () => {
      const end = await turnOf('fail');
      assert.equal(end.error?.code, 'apiError');
      await failed(end);
    });

    promise('failLate', 'ends the turn where it fails after the first words, which stay', async () => {
      const end = await turnOf('failLate');
      assert.notEqual(trial.text, '');
      await failed(end);
    });

    promise('cut', 'asks again where the connection breaks in the middle of an answer', async () => {
      const end = await turnOf('cut');
      assert.equal(end.stopReason, 'endTurn');
      assert.match(trial.text, /All of it is here\.$/);
    });

    promise('stall', 'ends a turn in which nothing comes any more', async () => {
      const end = await turnOf('stall', {}, { inactivityTimeoutSeconds: 8 });
      assert.deepEqual([end.stopReason, end.error?.code, trial.text !== ''], ['error', 'inactive', true]);
    });

    promise('limit', 'says until when a limit lasts', async () => {
      const env = subject.model?.limitEnv;
      const end = await turnOf('limit', env === undefined ? {} : { env });
      assert.equal(end.error?.code, 'rateLimited');
      const [limit] = trial.of('rateLimit').filter(({ status }) => status === 'blocked');
      assert.ok(Math.abs((limit?.resetsAt ?? 0) - Date.now() - limitSeconds * 1000) < 60_000);
      await trial.runtime.stop();
      const { rateLimitExit, rateLimitResetAt } = await trial.done.promise;
      assert.deepEqual([rateLimitExit, rateLimitResetAt], [true, limit?.resetsAt]);
    });

    it('has a reason for each promise that it does not make', () => {
      const wishes = ['fail', 'failLate', 'cut', 'stall', 'limit'] as const;
      for (const wish of wishes) {
        assert.notEqual(subject.prompts[wish] === undefined, subject.without[wish] === undefined, wish);
      }
    });
  });
}
