import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { call, say, think } from '../../modelServer/steps.ts';
import { Stage, TestRun } from './harness.ts';

/** What the CLI said of its own process; the run log has it. */
function cliPid(events: readonly RuntimeEvent[]): string | undefined {
  for (const event of events) {
    const match = event.type === 'agentJson' ? /"messaging_socket_path":"[^"]*\/(\d+)\.sock"/.exec(event.data) : null;
    if (match !== null) {
      return match[1];
    }
  }
  return undefined;
}

describe('Claude Code: turns', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  it('streams an answer with its reasoning', async () => {
    const reply = [think('Let me think about it.'), say('Hello from the model.')];
    // At a pace: what comes in one go is told as one.
    run = await TestRun.create({ steps: [{ reply, chunkChars: 4, delayMs: 20 }] });
    void run.start();
    await run.untilTurns(1);
    const [started, ...rest] = run.seen() as readonly Record<string, unknown>[];
    assert.equal(started?.['type'], 'sessionStarted');
    assert.match(String(started['nativeSessionId']), /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, [
      { type: 'stepStarted' },
      { type: 'reasoningDelta', partId: 'p1', text: 'Let me think about it.' },
      { type: 'textDelta', partId: 'p2', text: 'Hello from the model.' },
      {
        type: 'usage',
        inputTokens: 100,
        outputTokens: 42,
        cacheReadTokens: 300,
        cacheWriteTokens: 20,
        costUsd: 0.0014,
      },
      { type: 'turnComplete', stopReason: 'endTurn', totalTokens: 462, turnCount: 1, toolCallCount: 0 },
    ]);
    assert.ok(run.events.filter(({ type }) => type === 'textDelta').length > 1, 'the text came in pieces');
  });

  it('streams the arguments of a tool call, runs it and goes on with its result', async () => {
    const input = { command: 'echo one two three', description: 'Say three words' };
    run = await TestRun.create({
      steps: [{ reply: [say('Let me see.'), call('Bash', input, 'toolu_a')] }, { reply: [say('It worked.')] }],
    });
    void run.start();
    await run.untilTurns(1);
    const [, ...rest] = run.seen();
    assert.deepEqual(rest, [
      { type: 'stepStarted' },
      { type: 'textDelta', partId: 'p1', text: 'Let me see.' },
      { type: 'toolCallStreaming', id: 'toolu_a', name: 'Bash', text: JSON.stringify(input) },
      {
        type: 'toolCallStarted',
        id: 'toolu_a',
        name: 'Bash',
        title: 'echo one two three',
        inputText: JSON.stringify(input),
      },
      { type: 'toolResult', id: 'toolu_a', output: 'one two three', outcome: 'completed' },
      { type: 'stepStarted' },
      { type: 'textDelta', partId: 'p3', text: 'It worked.' },
      {
        type: 'usage',
        inputTokens: 200,
        outputTokens: 84,
        cacheReadTokens: 600,
        cacheWriteTokens: 40,
        costUsd: 0.0028,
      },
      { type: 'turnComplete', stopReason: 'endTurn', totalTokens: 924, turnCount: 2, toolCallCount: 1 },
    ]);
  });

  it('keeps parallel tool calls apart', async () => {
    run = await TestRun.create({
      steps: [
        {
          reply: [
            call('Bash', { command: 'echo slow; sleep 0.3', description: 'a' }, 'toolu_a'),
            call('Bash', { command: 'exit 3', description: 'b' }, 'toolu_b'),
            call('Glob', { pattern: '*.none' }, 'toolu_c'),
          ],
        },
        { reply: [say('All done.')] },
      ],
    });
    void run.start();
    await run.untilTurns(1);
    const results = run.events.filter((event) => event.type === 'toolResult');
    assert.deepEqual(Object.fromEntries(results.map(({ id, outcome }) => [id, outcome])), {
      toolu_a: 'completed',
      toolu_b: 'failed',
      toolu_c: 'failed',
    });
  });

  it('shows what an edit changed, with the text before', async () => {
    const stage = new Stage();
    const file = path.join(stage.work, 'a.txt');
    run = await TestRun.create({
      stage,
      steps: [
        { reply: [call('Write', { file_path: file, content: 'one\ntwo\n' }, 'toolu_w')] },
        { reply: [call('Edit', { file_path: file, old_string: 'two', new_string: 'TWO' }, 'toolu_e')] },
        { reply: [say('Edited.')] },
      ],
    });
    void run.start();
    await run.untilTurns(1);
    const edits = run.events.flatMap((event) => (event.type === 'toolResult' ? [event.edit] : []));
    assert.deepEqual(edits, [
      {
        path: file,
        hunks: [{ oldStart: 0, newStart: 1, lines: ['+one', '+two'] }],
        before: '',
      },
      {
        path: file,
        hunks: [{ oldStart: 1, newStart: 1, lines: [' one', '-two', '+TWO'] }],
        before: 'one\ntwo\n',
      },
    ]);
    assert.equal(readFileSync(file, 'utf8'), 'one\nTWO\n');
  });

  it("shows a sub-agent's work inside its call", async () => {
    run = await TestRun.create({
      steps: [
        {
          reply: [
            call(
              'Agent',
              { subagent_type: 'general-purpose', description: 'Look around', prompt: 'SUB', run_in_background: false },
              'toolu_agent',
            ),
          ],
        },
        { reply: [say('Looking.'), call('Bash', { command: 'echo inside', description: 'x' }, 'toolu_inner')] },
        { reply: [say('Found it.')] },
        { reply: [say('The agent found it.')] },
      ],
    });
    void run.start();
    await run.untilTurns(1);
    const inner = run.seen().filter((event) => (event as { parentId?: string }).parentId === 'toolu_agent');
    assert.deepEqual(inner, [
      {
        type: 'toolCallStarted',
        id: 'toolu_inner',
        name: 'Bash',
        title: 'echo inside',
        inputText: JSON.stringify({ command: 'echo inside', description: 'x' }),
        parentId: 'toolu_agent',
      },
    ]);
    assert.equal(run.text(), 'The agent found it.');
    const usage = run.events.find((event) => event.type === 'usage');
    assert.equal(usage?.outputTokens, 4 * 42);
  });

  it('serves several turns with one process, and reports the usage of each', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('First.')] }, { reply: [say('Second.')] }] });
    void run.start();
    await run.untilTurns(1);
    const pid = cliPid(run.events);
    const from = run.events.length;
    assert.equal(run.runtime.send('again'), true);
    await run.untilTurns(2);
    assert.ok(pid !== undefined);
    assert.equal(cliPid(run.events.slice(from)), pid);
    assert.deepEqual(
      run.events.filter((event) => event.type === 'usage').map((event) => [event.outputTokens, event.costUsd]),
      [
        [42, 0.0014],
        [42, 0.0014],
      ],
    );
    assert.equal(run.text(), 'First.Second.');
  });

  it('takes a message that comes while a turn runs as the next turn', async () => {
    const go = Promise.withResolvers<void>();
    run = await TestRun.create({
      steps: [
        { reply: [say('First, and slowly.')], pause: { atChunk: 1, until: go.promise } },
        { reply: [say('Second.')] },
      ],
    });
    void run.start();
    await run.untilType('textDelta');
    assert.equal(run.runtime.send('zebra'), true);
    go.resolve();
    await run.untilTurns(2);
    const last = (index: number): string => JSON.stringify(run?.server.main[index]?.body.messages.at(-1));
    assert.equal(run.server.main.length, 2);
    assert.ok(!last(0).includes('zebra') && last(1).includes('zebra'), 'each request has its own prompt');
  });

  it('carries a prompt of megabytes', async () => {
    const prompt = `start ${'ä'.repeat(600_000)} end`;
    run = await TestRun.create({ steps: [{ reply: [say('Long.')] }], context: { prompt } });
    void run.start();
    await run.untilTurns(1);
    assert.ok(JSON.stringify(run.server.main[0]?.body.messages).includes(prompt));
  });

  it('ends the process after the idle time, and takes no more turns then', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('Done.')] }], context: { idleSeconds: 0.05 } });
    const result = await run.start();
    assert.equal(run.runtime.status, 'completed');
    assert.equal(run.runtime.send('more'), false);
    assert.deepEqual(result.usage, {
      inputTokens: 100,
      outputTokens: 42,
      cacheReadTokens: 300,
      cacheWriteTokens: 20,
      costUsd: 0.0014,
    });
    assert.equal(result.aborted, false);
    assert.deepEqual(run.events.at(-1), { type: 'done', nativeSessionId: result.nativeSessionId });
  });

  it('tells of a turn that the CLI begins by itself when a background command ends', async () => {
    run = await TestRun.create({
      steps: [
        { reply: [call('Bash', { command: 'sleep 0.6; echo over', description: 'w', run_in_background: true })] },
        { reply: [say('Started.')] },
        { reply: [say('It is over.')] },
      ],
    });
    void run.start();
    await run.untilTurns(2);
    const from = run.events.findIndex((event) => event.type === 'turnStarted');
    assert.deepEqual(run.events[from], { type: 'turnStarted', origin: 'runtime' });
    assert.equal(
      run.events
        .slice(from)
        .map((event) => (event.type === 'textDelta' ? event.text : ''))
        .join(''),
      'It is over.',
    );
  });

  it('shows the answer to a command that the CLI handles itself', async () => {
    run = await TestRun.create({ steps: [{ reply: [say('unused')] }], context: { prompt: '/usage' } });
    void run.start();
    const end = await run.untilTurns(1);
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.notEqual(run.text(), '');
    assert.equal(run.server.main.length, 0);
  });
});
