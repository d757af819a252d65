import assert from 'node:assert/strict';
import { call, say } from '../../modelServer/steps.ts';
import { processesWith, TestRun } from './harness.ts';

describe('Claude Code: interrupting', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  /** The turn was cancelled, and the next one works, in the same process. */
  async function goesOn(): Promise<void> {
    assert.ok(run);
    assert.deepEqual(
      run.turnEnds().map(({ type }) => type),
      ['turnCancelled'],
    );
    const starts = run.events.filter((event) => event.type === 'sessionStarted').length;
    assert.equal(run.runtime.send('next'), true);
    const end = await run.untilTurns(2);
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.ok(run.text().endsWith('After it.'));
    assert.equal(run.events.filter((event) => event.type === 'sessionStarted').length, starts);
  }

  it('ends a turn in the middle of its text, and goes on in the same process', async () => {
    const never = Promise.withResolvers<void>();
    run = await TestRun.create({
      steps: [
        { reply: [say('A long text that will not be finished.')], pause: { atChunk: 2, until: never.promise } },
        { reply: [say('After it.')] },
      ],
    });
    void run.start();
    await run.untilType('textDelta');
    await run.runtime.interrupt();
    await run.server.main[0]?.aborted;
    await goesOn();
  });

  it('ends a turn while a tool runs, and the tool with it', async () => {
    run = await TestRun.create({
      steps: [
        {
          reply: [
            call('Bash', { command: 'while :; do read -t 0.1 x < /dev/null; done', description: 'd' }, 'toolu_b'),
          ],
        },
        { reply: [say('After it.')] },
      ],
    });
    void run.start();
    await run.untilType('toolCallStarted');
    await run.runtime.interrupt();
    assert.deepEqual(
      run.events.flatMap((event) => (event.type === 'toolResult' ? [[event.id, event.outcome]] : [])),
      [['toolu_b', 'cancelled']],
    );
    await goesOn();
  });

  it('withdraws an open approval', async () => {
    const asked = Promise.withResolvers<void>();
    let withdrawn = false;
    run = await TestRun.create({
      steps: [
        { reply: [call('Bash', { command: 'touch never', description: 'd' }, 'toolu_b')] },
        { reply: [say('After it.')] },
      ],
      gate: {
        judge: () => ({ kind: 'ask', reason: 'it runs a command' }),
        ask: (_request, _reason, signal) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              withdrawn = true;
              resolve({ kind: 'withdrawn' });
            });
            asked.resolve();
          }),
      },
    });
    void run.start();
    await asked.promise;
    await run.runtime.interrupt();
    assert.equal(withdrawn, true);
    assert.deepEqual(
      run.events.flatMap((event) => (event.type === 'toolResult' ? [[event.id, event.outcome]] : [])),
      [['toolu_b', 'cancelled']],
    );
    await goesOn();
    assert.equal(run.server.main.length, 2, 'the refused call was not answered by the model');
  });

  it('cancels a turn whose prompt was not sent yet', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('After it.')] }] });
    void run.start();
    await run.runtime.interrupt();
    assert.deepEqual(
      run.turnEnds().map(({ type }) => type),
      ['turnCancelled'],
    );
  });

  it('does nothing between turns', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('One.')] }, { reply: [say('Two.')] }] });
    void run.start();
    await run.untilTurns(1);
    await run.runtime.interrupt();
    run.runtime.send('next');
    await run.untilTurns(2);
    assert.deepEqual(
      run.turnEnds().map(({ type }) => type),
      ['turnComplete', 'turnComplete'],
    );
  });

  it('ends everything when it is stopped while a tool runs', async () => {
    run = await TestRun.create({
      steps: [{ reply: [call('Bash', { command: 'while :; do read -t 0.1 x < /dev/null; done', description: 'd' })] }],
    });
    void run.start();
    await run.untilType('toolCallStarted');
    await run.runtime.stop();
    assert.deepEqual(processesWith(run.stage.home), []);
    assert.deepEqual(
      run.turnEnds().map(({ type }) => type),
      ['turnCancelled'],
    );
    assert.equal(run.runtime.status, 'completed');
  });
});
