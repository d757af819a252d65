import assert from 'node:assert/strict';
import type { Answer } from '../../../../src/core/runtime.ts';
import { createBench, init, settle, success } from './fakes.ts';

const hourMs = 3_600_000;
const ask = (id: string): object => ({
  type: 'control_request',
  request_id: id,
  request: { subtype: 'can_use_tool', tool_name: 'Bash', tool_use_id: 't', input: { command: 'x' } },
});
const toolUse = {
  type: 'assistant',
  parent_tool_use_id: null,
  message: { id: 'a', content: [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }] },
};
const toolResult = { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] } };

describe('A run of Claude Code', () => {
  it('greets with the callback that sees every call, before the first prompt', async () => {
    const bench = await createBench({ polite: false });
    await bench.start();
    const cli = bench.cli();
    assert.deepEqual(cli.prompts(), []);
    const [greeting] = cli.requests('initialize');
    assert.deepEqual(greeting?.['request'], {
      subtype: 'initialize',
      hooks: { PreToolUse: [{ hookCallbackIds: ['preToolUse'], timeout: 86_400 }] },
    });
    cli.answer(String(greeting['request_id']));
    await settle();
    assert.deepEqual(cli.prompts(), ['go']);
  });

  it('does not begin with a CLI that does not answer', async () => {
    const bench = await createBench({ polite: false });
    await bench.start();
    await bench.clock.advance(60_000);
    const [end] = bench.ends();
    assert.deepEqual(
      [end?.type === 'turnComplete' && end.error?.code, bench.cli().calls, bench.cli().prompts()],
      ['crashed', ['stop'], []],
    );
    assert.equal(bench.runtime.status, 'failed');
  });

  it('waits for an approval for hours', async () => {
    let answer: (answer: Answer) => void = () => undefined;
    const bench = await createBench({
      gate: {
        judge: () => Promise.resolve({ kind: 'ask', reason: 'x' }),
        ask: () => new Promise((resolve) => (answer = resolve)),
      },
    });
    await bench.start();
    bench.cli().say(init, toolUse, ask('r1'));
    await bench.clock.advance(5 * hourMs);
    assert.deepEqual(bench.ends(), []);
    answer({ kind: 'allow' });
    await settle();
    assert.deepEqual(bench.cli().reply('r1'), { behavior: 'allow', updatedInput: { command: 'x' } });
    bench.cli().say(toolResult, success);
    await settle();
    assert.deepEqual(
      bench.ends().map(({ type }) => type),
      ['turnComplete'],
    );
  });

  it('does not take a running tool for silence, but what follows it', async () => {
    const bench = await createBench();
    await bench.start();
    bench.cli().say(init, toolUse);
    await bench.clock.advance(hourMs);
    assert.deepEqual(bench.ends(), []);
    bench.cli().say(toolResult);
    await bench.clock.advance(299_000);
    assert.deepEqual(bench.ends(), []);
    await bench.clock.advance(2000);
    const [end] = bench.ends();
    assert.equal(end?.type === 'turnComplete' && end.error?.code, 'inactive');
    assert.deepEqual(bench.cli().calls, ['stop']);
  });

  it('does not take the wait before another try for silence', async () => {
    const bench = await createBench({ context: { inactivityTimeoutSeconds: 10 } });
    await bench.start();
    bench.cli().say(init, { type: 'system', subtype: 'api_retry', attempt: 1, max_retries: 2, retry_delay_ms: 60_000 });
    await bench.clock.advance(69_000);
    assert.deepEqual(bench.ends(), []);
    await bench.clock.advance(2000);
    assert.equal(bench.ends().length, 1);
  });

  it('withdraws a request that the CLI takes back, and one that is open when the process dies', async () => {
    const withdrawn: string[] = [];
    const bench = await createBench({
      gate: {
        judge: () => Promise.resolve({ kind: 'ask', reason: 'x' }),
        ask: (_request, _reason, signal) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              withdrawn.push('withdrawn');
              resolve({ kind: 'withdrawn' });
            }),
          ),
      },
    });
    await bench.start();
    bench.cli().say(init, ask('r1'), ask('r2'));
    await settle();
    bench.cli().say({ type: 'control_cancel_request', request_id: 'r1' });
    await settle();
    assert.deepEqual([withdrawn.length, bench.cli().reply('r1')], [1, undefined]);
    bench.cli().exit(137);
    await settle();
    assert.deepEqual([withdrawn.length, bench.cli().reply('r2')], [2, undefined]);
    const [end] = bench.ends();
    assert.match(end?.type === 'turnComplete' ? (end.error?.message ?? '') : '', /signal 9/);
  });

  it('interrupts by asking, then by a signal, then by ending the process', async () => {
    const bench = await createBench();
    await bench.start();
    bench.cli().say(init);
    const done = bench.runtime.interrupt();
    await settle();
    assert.equal(bench.cli().requests('interrupt').length, 1);
    await bench.clock.advance(5000);
    assert.deepEqual(bench.cli().calls, ['interrupt']);
    await bench.clock.advance(3000);
    await done;
    assert.deepEqual(bench.cli().calls, ['interrupt', 'stop']);
    assert.deepEqual(
      bench.ends().map(({ type }) => type),
      ['turnCancelled'],
    );
  });

  it('never sends the permission rules that the CLI suggests', async () => {
    const bench = await createBench({ gate: { judge: () => Promise.resolve({ kind: 'ask', reason: 'x' }) } });
    await bench.start();
    const suggestions = [{ type: 'addRules', destination: 'localSettings', behavior: 'allow', rules: [] }];
    bench.cli().say(init, {
      type: 'control_request',
      request_id: 'r',
      request: { subtype: 'can_use_tool', tool_name: 'Bash', input: {}, permission_suggestions: suggestions },
    });
    await settle();
    assert.deepEqual(bench.cli().reply('r'), { behavior: 'allow', updatedInput: {} });
  });

  it('lets an old version wait inside its callback, since it would not ask', async () => {
    let answer: (answer: Answer) => void = () => undefined;
    const bench = await createBench({
      gate: {
        judge: () => Promise.resolve({ kind: 'ask', reason: 'x' }),
        ask: () => new Promise((resolve) => (answer = resolve)),
      },
    });
    await bench.start();
    const hook = {
      type: 'control_request',
      request_id: 'h',
      request: {
        subtype: 'hook_callback',
        callback_id: 'preToolUse',
        input: { tool_name: 'Bash', tool_use_id: 't', tool_input: {} },
      },
    };
    bench.cli().say({ ...init, claude_code_version: '2.0.77' }, hook);
    await settle();
    assert.equal(bench.cli().reply('h'), undefined);
    answer({ kind: 'deny', message: 'no' });
    await settle();
    assert.deepEqual(bench.cli().reply('h'), {
      hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: 'no' },
    });
  });

  it('answers what it does not know with an error', async () => {
    const bench = await createBench();
    await bench.start();
    bench.cli().say({ type: 'control_request', request_id: 'r', request: { subtype: 'unheard_of' } });
    await settle();
    assert.ok(
      bench
        .cli()
        .frames.some((frame) => JSON.stringify(frame).includes('Unsupported control request subtype: unheard_of')),
    );
  });

  it('says that the model was not taken over when an old version does not answer', async () => {
    const bench = await createBench();
    await bench.start();
    const taken = bench.runtime.setModel('other');
    await bench.clock.advance(5000);
    assert.equal(await taken, false);
  });

  it('ends after the idle time, unless something runs beside the turns', async () => {
    const bench = await createBench({ context: { idleSeconds: 10 } });
    await bench.start();
    const tasks = (count: number): object => ({
      type: 'system',
      subtype: 'background_tasks_changed',
      tasks: Array(count).fill({}),
    });
    bench.cli().say(init, tasks(1), success);
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.cli().calls, []);
    bench.cli().say(tasks(0));
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.cli().calls, ['endInput']);
    assert.equal(bench.runtime.send('more'), false);
    await bench.clock.advance(5000);
    assert.deepEqual(bench.cli().calls, ['endInput', 'stop']);
    assert.equal(bench.runtime.status, 'completed');
  });

  it('ends each turn once, wherever the process dies', async () => {
    const lines: readonly object[] = [init, toolUse, ask('r'), toolResult, success];
    for (let at = 0; at <= lines.length; at++) {
      const bench = await createBench();
      await bench.start();
      assert.equal(bench.runtime.send('second'), true);
      bench.cli().say(...lines.slice(0, at));
      await settle();
      bench.cli().exit(0);
      await settle();
      assert.equal(bench.ends().length, 2, `after ${at} lines`);
      assert.equal(bench.events.at(-1)?.type, 'done');
    }
  });

  it('starts afresh when the conversation to resume fails without beginning', async () => {
    let asked = 0;
    const freshPrompt = () => {
      asked += 1;
      return Promise.resolve('everything');
    };
    const bench = await createBench({ polite: false, context: { nativeSessionId: 'old', freshPrompt } });
    await bench.start();
    assert.equal(asked, 0);
    bench.cli().print('Something went wrong\n');
    bench.cli().exit(1);
    await settle();
    assert.deepEqual([bench.clis.length, asked], [2, 1]);
    assert.ok(bench.clis[0]?.spec.args.includes('--resume'));
    assert.ok(!bench.cli().spec.args.includes('--resume'));
    assert.deepEqual(bench.ends(), []);
    bench.cli().answer(String(bench.cli().requests('initialize')[0]?.['request_id']));
    await settle();
    assert.deepEqual(bench.cli().prompts(), ['everything']);
    bench.cli().say(init, success);
    await settle();
    assert.equal(bench.ends().length, 1);
    await bench.runtime.stop();
    assert.equal(bench.runtime.status, 'completed');
  });

  it('judges a call again when what would run is no longer what was judged', async () => {
    const judged: unknown[] = [];
    const bench = await createBench({
      gate: {
        judge(request) {
          judged.push(request.input);
          return Promise.resolve(
            judged.length === 1 ? { kind: 'allow', reason: 'fine' } : { kind: 'deny', reason: 'changed' },
          );
        },
      },
    });
    await bench.start();
    bench.cli().say(init, {
      type: 'control_request',
      request_id: 'h',
      request: {
        subtype: 'hook_callback',
        input: { tool_name: 'Bash', tool_use_id: 't', tool_input: { command: 'ls' } },
      },
    });
    await settle();
    bench.cli().say(ask('r'));
    await settle();
    assert.deepEqual(judged, [{ command: 'ls' }, { command: 'x' }]);
    assert.deepEqual(bench.cli().reply('r'), { behavior: 'deny', message: 'changed' });
  });

  it('tells of its last output without secrets, also of one that goes over several lines', async () => {
    const bench = await createBench();
    await bench.start();
    const key = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkqhkiG', 'abc=', '-----END PRIVATE KEY-----'];
    bench.cli().print(`the token is a-secret-token\n${key.join('\n')}\nno more\n`);
    bench.cli().exit(3);
    await settle();
    const [end] = bench.ends();
    const error = end?.type === 'turnComplete' ? end.error : undefined;
    assert.deepEqual(error?.details?.split('\n').slice(-3), ['the token is [redacted]', '[redacted]', 'no more']);
  });

  it('drives one run only, and can be stopped twice', async () => {
    const bench = await createBench();
    await bench.start();
    bench.cli().say(init);
    await settle();
    const { done } = (await bench.start()) as { done: Promise<{ error?: { code: string } }> };
    assert.equal((await done).error?.code, 'crashed');
    await bench.runtime.stop();
    await bench.runtime.stop();
    assert.equal(bench.runtime.status, 'completed');
  });
});
