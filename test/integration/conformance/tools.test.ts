import assert from 'node:assert/strict';
import type { ApprovalGate, ToolRequest } from '../../../src/core/runtime.ts';
import { subjects, type Wish } from './subjects.ts';
import { type Trial, World } from './trial.ts';

for (const subject of subjects) {
  describe(`The runtime ${subject.id} shows what it does`, function () {
    this.timeout(120_000);
    let world: World;
    let trial: Trial;
    afterEach(() => world.close());

    const begin = async (wish: Wish, gate: Partial<ApprovalGate> = {}): Promise<void> => {
      world = await World.create(subject);
      trial = (await world.trial(wish, gate)).start();
    };

    it('streams its answer as it comes, in one part', async () => {
      await begin('talk');
      await trial.until(() => trial.of('textDelta').length >= 5);
      assert.deepEqual(trial.ends, [], 'the turn goes on');
      assert.equal(new Set(trial.of('textDelta').map(({ partId }) => partId)).size, 1);
      await trial.turns(1);
      assert.deepEqual(trial.endTypes, ['endTurn']);
    });

    it('streams its reasoning before the answer, as a part of its own', async () => {
      await begin('think');
      await trial.turns(1);
      const types = trial.events.map(({ type }) => type);
      assert.ok(types.indexOf('reasoningDelta') >= 0 && types.indexOf('reasoningDelta') < types.indexOf('textDelta'));
      const parts = (type: 'reasoningDelta' | 'textDelta') => new Set(trial.of(type).map(({ partId }) => partId));
      const shared = [...parts('reasoningDelta')].filter((id) => parts('textDelta').has(id));
      assert.deepEqual(shared, []);
      assert.deepEqual(trial.endTypes, ['endTurn']);
    });

    it('streams the arguments of a call, says when it starts, and gives its result', async () => {
      await begin('change');
      await trial.turns(1);
      const [started] = trial.of('toolCallStarted').filter(({ name }) => !/^(?:Read|look)$/.test(name));
      assert.ok(started !== undefined);
      const streamed = trial.of('toolCallStreaming').filter(({ id }) => id === started.id);
      const text = streamed.map((event) => event.text).join('');
      assert.deepEqual(JSON.parse(text), JSON.parse(started.inputText));
      assert.ok(streamed.length > 1, 'in more than one piece');
      const index = (type: string) =>
        trial.events.findIndex((event) => event.type === type && 'id' in event && event.id === started.id);
      assert.ok(index('toolCallStreaming') < index('toolCallStarted'));
      assert.ok(index('toolCallStarted') < index('toolResult'));
      assert.deepEqual(
        trial
          .of('toolResult')
          .map(({ outcome }) => outcome)
          .filter((outcome) => outcome !== 'completed'),
        [],
      );
      trial.assertWellFormed();
    });

    it('makes calls that only read side by side', async () => {
      const judged: ToolRequest[] = [];
      const both = Promise.withResolvers<void>();
      await begin('read', {
        async judge(request) {
          judged.push(request);
          if (judged.length >= 2) {
            both.resolve();
          }
          // The first is not let through before the second has come.
          await both.promise;
          return { kind: 'allow', reason: '' };
        },
      });
      await trial.turns(1);
      const ids = new Set(trial.of('toolCallStarted').map(({ id }) => id));
      assert.deepEqual(
        [ids.size >= 2, judged.every(({ access }) => access === 'read'), trial.endTypes],
        [true, true, ['endTurn']],
      );
      assert.deepEqual(
        new Set(trial.of('toolResult').map(({ id, outcome }) => `${id} ${outcome}`)),
        new Set([...ids].map((id) => `${id} completed`)),
      );
      trial.assertWellFormed();
    });

    it('tells the model what the person says who refuses a call, and goes on', async () => {
      await begin('change', {
        judge: (request) =>
          Promise.resolve(
            request.access === 'read' ? { kind: 'allow', reason: '' } : { kind: 'ask', reason: 'it changes something' },
          ),
        ask: () => Promise.resolve({ kind: 'deny', message: 'rather not this one' }),
      });
      await trial.turns(1);
      const refused = trial.of('toolResult').filter(({ outcome }) => outcome === 'failed');
      assert.equal(refused.length, 1);
      assert.match(refused[0]?.output ?? '', /rather not this one/);
      assert.deepEqual(trial.endTypes, ['endTurn']);
    });

    it('asks the person, and goes on with the answer', async () => {
      const asked: string[] = [];
      await begin('ask', {
        askQuestions(_id, questions) {
          asked.push(...questions.map(({ question }) => question));
          return Promise.resolve(
            Object.fromEntries(questions.map(({ question, options }) => [question, options[1]?.label ?? ''])),
          );
        },
      });
      await trial.turns(1);
      const [result] = trial.of('toolResult');
      assert.ok(asked.length > 0);
      assert.deepEqual([result?.outcome, trial.endTypes], ['completed', ['endTurn']]);
      assert.match(result?.output ?? '', subject.model === undefined ? /19:00/ : /B/);
      trial.assertWellFormed();
    });

    it('goes on when the person does not answer', async () => {
      await begin('ask');
      await trial.turns(1);
      assert.deepEqual(trial.endTypes, ['endTurn']);
      trial.assertWellFormed();
    });

    it('takes a question back when it is interrupted, and the conversation goes on', async () => {
      const asking = Promise.withResolvers<AbortSignal>();
      await begin('ask', {
        askQuestions: (_id, _questions, signal) => {
          asking.resolve(signal);
          return new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(undefined), { once: true });
          });
        },
      });
      const signal = await asking.promise;
      await trial.runtime.interrupt();
      assert.deepEqual([signal.aborted, trial.endTypes], [true, ['turnCancelled']]);
      assert.equal(trial.send('answer'), true);
      await trial.turns(2);
      assert.deepEqual(trial.endTypes, ['turnCancelled', 'endTurn']);
      trial.assertWellFormed();
    });

    it('ends a call that is under way when it is interrupted, and the conversation goes on', async () => {
      await begin('work');
      await trial.until(() => trial.events.some(subject.isWorking));
      await trial.runtime.interrupt();
      assert.deepEqual(trial.endTypes, ['turnCancelled']);
      assert.equal(trial.of('toolResult').length, 1);
      assert.equal(trial.send('answer'), true);
      await trial.turns(2);
      assert.deepEqual(trial.endTypes, ['turnCancelled', 'endTurn']);
      trial.assertWellFormed();
    });
  });
}
