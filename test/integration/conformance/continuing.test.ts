import assert from 'node:assert/strict';
import { say, type Step, think } from '../../modelServer/steps.ts';
import { cliPid, processesWith } from '../claudeCode/harness.ts';
import { subjects } from './subjects.ts';
import { type Trial, World } from './trial.ts';

for (const subject of subjects) {
  describe(`The runtime ${subject.id} goes on`, function () {
    this.timeout(240_000);
    let world: World;
    afterEach(() => world?.close());

    /** Another run of the same session, as after a restart. */
    async function resumed(first: Trial): Promise<Trial> {
      const { nativeSessionId } = await first.done.promise;
      assert.ok(nativeSessionId !== undefined);
      const past = first.past();
      const trial = await world.trial(
        'answer',
        {},
        {
          run: 2,
          nativeSessionId,
          past: () => Promise.resolve(past),
          // What a process that was killed has not kept yet is told again.
          freshPrompt: () =>
            Promise.resolve(`This was said: ${first.context.prompt}. Now: ${world.promptFor('answer')}`),
        },
      );
      return trial.start();
    }

    async function assertGoesOn(first: Trial): Promise<void> {
      const second = await resumed(first);
      await second.turns(1);
      const id = (trial: Trial) => trial.of('sessionStarted').at(-1)?.nativeSessionId;
      assert.deepEqual([second.endTypes, id(second)], [['endTurn'], id(first)]);
      second.assertWellFormed();
      if (subject.model !== undefined) {
        const sent = JSON.stringify(world.server.main.at(-1)?.body.messages);
        assert.ok(sent.includes(first.context.prompt) && sent.includes(second.context.prompt), sent);
      }
    }

    it('with its conversation in another run', async () => {
      world = await World.create(subject);
      const first = (await world.trial('think')).start();
      await first.turns(1);
      await first.runtime.stop();
      await assertGoesOn(first);
    });

    it('with its conversation in another run, although the last one was stopped while it worked', async () => {
      world = await World.create(subject);
      const first = (await world.trial('work')).start();
      await first.until(() => first.events.some(subject.isWorking));
      await first.runtime.stop();
      await assertGoesOn(first);
    });

    it('in two sessions at once, each by itself', async () => {
      world = await World.create(subject);
      const [one, two] = await Promise.all([
        world.trial('talk', {}, { sessionId: 'one' }),
        world.trial('think', {}, { sessionId: 'two' }),
      ]);
      one.start();
      two.start();
      const interrupted = one.until(() => one.text !== '').then(() => one.runtime.interrupt());
      await Promise.all([interrupted, two.turns(1)]);
      assert.equal(two.send('answer'), true);
      await Promise.all([one.turns(1), two.turns(2)]);
      assert.deepEqual([one.endTypes, two.endTypes], [['turnCancelled'], ['endTurn', 'endTurn']]);
      const native = [one, two].map((trial) => trial.of('sessionStarted')[0]?.nativeSessionId);
      assert.equal(new Set(native).size, 2);
      if (subject.model !== undefined) {
        assert.ok(!two.text.includes('word word') && !one.text.includes('thought'));
      }
      one.assertWellFormed();
      two.assertWellFormed();
    });

    if (subject.without.connection === undefined) {
      it('wherever its connection breaks', async () => {
        /** The connection breaks once: before an answer, or before one of its pieces. */
        const steps = (inAnswer: 1 | 2, piece: number | 'start'): readonly Step[] => {
          const { model } = subject;
          assert.ok(model !== undefined);
          let broken = false;
          return [
            ({ body }) => {
              const isSecond = JSON.stringify(body.messages?.at(-1) ?? '').includes('"tool_result"');
              const breaks = !broken && isSecond === (inAnswer === 2);
              broken ||= breaks;
              if (breaks && piece === 'start') {
                return { hangUp: true };
              }
              const reply = isSecond
                ? [say('Now it is done.')]
                : [think('I think about it.'), say('I look at it.'), model.read(world.work, 'a.txt')];
              return { reply, chunkChars: 8, ...(breaks && piece !== 'start' ? { cutAtChunk: piece } : {}) };
            },
          ];
        };
        const places = [
          [1, 'start'],
          [1, 0],
          [1, 1],
          [1, 3],
          [1, 5],
          [2, 'start'],
          [2, 0],
          [2, 1],
        ] as const;
        for (const [inAnswer, piece] of places) {
          world = await World.create(subject, { steps: steps(inAnswer, piece) });
          const trial = (await world.trial('answer')).start();
          await trial.turns(1);
          trial.assertWellFormed();
          assert.deepEqual(
            [trial.endTypes, trial.text.endsWith('Now it is done.')],
            [['endTurn'], true],
            `broken in answer ${inAnswer} at ${piece}`,
          );
          assert.ok(trial.of('toolResult').some(({ outcome }) => outcome === 'completed'));
          await world.close();
        }
      });
    }

    if (subject.without.process === undefined) {
      it('wherever its process dies', async () => {
        for (const events of [0, 3, 8, 14, 20]) {
          world = await World.create(subject);
          const first = await world.trial('change');
          const killed = kill(first, events);
          first.start();
          await killed;
          const result = await first.done.promise;
          assert.equal(first.ends.length, 1, `killed after ${events} events`);
          first.assertWellFormed();
          assert.deepEqual(processesWith(world.home), []);
          const [end] = first.ends;
          if (end?.type === 'turnComplete' && end.stopReason === 'error') {
            assert.deepEqual([end.error?.code, result.error?.code], ['crashed', 'crashed']);
          }
          const second =
            result.nativeSessionId === undefined ? (await world.trial('answer')).start() : await resumed(first);
          await second.turns(1);
          assert.deepEqual(second.endTypes, ['endTurn'], `killed after ${events} events`);
          await world.close();
        }
      });
    }

    /** Kills the process of a run once it has said so much. */
    async function kill(trial: Trial, events: number): Promise<void> {
      await trial.until(() => trial.events.length >= events || trial.ends.length > 0);
      let pid = cliPid(world.home);
      while (pid === undefined && trial.runtime.status !== 'completed' && trial.runtime.status !== 'failed') {
        await new Promise((resolve) => setImmediate(resolve));
        pid = cliPid(world.home);
      }
      if (pid !== undefined && pid > 1) {
        process.kill(pid, 'SIGKILL');
      }
    }
  });
}
