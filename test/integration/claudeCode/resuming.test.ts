import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { say } from '../../modelServer/steps.ts';
import { Stage, TestRun } from './harness.ts';

describe('Claude Code: resuming', () => {
  const runs: TestRun[] = [];
  let stage: Stage;

  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) {
      await run.close();
    }
    stage.remove();
  });

  async function create(options: Omit<Parameters<typeof TestRun.create>[0], 'stage'>): Promise<TestRun> {
    const run = await TestRun.create({ ...options, stage, keepStage: true });
    runs.push(run);
    return run;
  }

  it('goes on with the conversation in a new process', async () => {
    const first = await create({
      steps: [{ reply: [say('I am Ada.')] }],
      context: { idleSeconds: 0, prompt: 'Who are you?' },
    });
    const { nativeSessionId } = await first.start();
    assert.ok(nativeSessionId !== undefined);
    const second = await create({
      steps: [{ reply: [say('Still Ada.')] }],
      context: { nativeSessionId, prompt: 'And now?' },
    });
    void second.start();
    await second.untilTurns(1);
    const messages = JSON.stringify(second.server.main[0]?.body.messages);
    assert.match(messages, /Who are you\?.*I am Ada\..*And now\?/);
    const started = second.events.find((event) => event.type === 'sessionStarted');
    assert.equal(started?.nativeSessionId, nativeSessionId);
    assert.deepEqual(
      second.events
        .filter((event) => event.type === 'usage')
        .map(({ outputTokens, costUsd }) => [outputTokens, costUsd]),
      [[42, 0.0014]],
      'the cost of the first run is not counted again',
    );
  });

  it('starts afresh once, with the complete prompt and a note, when the conversation is unknown', async () => {
    const run = await create({
      steps: [{ reply: [say('A new start.')] }],
      context: {
        nativeSessionId: '00000000-0000-4000-8000-000000000000',
        prompt: 'And now?',
        freshPrompt: () => Promise.resolve('All that was said, and now?'),
      },
    });
    void run.start();
    const end = await run.untilTurns(1);
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.equal(run.text(), 'A new start.');
    assert.deepEqual(
      run.events.filter((event) => event.type === 'warning').map(({ code }) => code),
      ['resumeRefused'],
    );
    assert.match(JSON.stringify(run.server.main[0]?.body.messages), /All that was said, and now\?/);
    await run.runtime.stop();
    assert.notEqual(run.result?.nativeSessionId, '00000000-0000-4000-8000-000000000000');
  });

  it('says so when the conversation is unknown and there is nothing to start afresh with', async () => {
    const run = await create({ steps: [], context: { nativeSessionId: '00000000-0000-4000-8000-000000000000' } });
    const result = await run.start();
    const [end] = run.turnEnds();
    assert.ok(end?.type === 'turnComplete');
    assert.equal(end.stopReason, 'error');
    assert.match(end.error?.details ?? '', /No conversation found/);
    assert.equal(result.aborted, true);
    assert.equal(run.turnEnds().length, 1);
  });

  it('never has two processes on one conversation: the second waits until the first has left', async () => {
    const first = await create({ steps: [{ reply: [say('One.')] }] });
    void first.start();
    await first.untilTurns(1);
    const { nativeSessionId } = await first.untilType('sessionStarted');
    const second = await first.kind.create();
    const events: RuntimeEvent['type'][] = [];
    const ended = Promise.withResolvers<void>();
    const done = second.start({ ...first.context, nativeSessionId, prompt: 'second' }, (event) => {
      events.push(event.type);
      if (event.type === 'turnComplete') {
        ended.resolve();
      }
    });
    first.server.play([{ reply: [say('Two.')] }]);
    assert.equal(first.server.main.length, 1);
    await first.runtime.stop();
    assert.deepEqual(events, []);
    await ended.promise;
    await second.stop();
    await done;
    assert.equal(first.server.main.length, 2);
  });
});
