import assert from 'node:assert/strict';
import type { Tool } from '../../../../src/core/tools/tool.ts';
import { ToolCalls } from '../../../../src/runtimes/claudeCode/toolCalls.ts';
import { ToolPermits } from '../../../../src/runtimes/claudeCode/toolPermits.ts';
import { failingTool, fakeBash, SlowTool } from '../../../support/fakeTools.ts';
import { settle } from './fakes.ts';

function calling(...tools: readonly Tool[]) {
  const permits = new ToolPermits();
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => warnings.push(text), error: () => undefined };
  const calls = new ToolCalls({ tools, permits, sessionId: 'session', cwd: '/work', log });
  return {
    calls,
    warnings,
    call: async (
      name: string,
      input: unknown,
      toolCallId: string,
      options: { allowed?: boolean; signal?: AbortSignal } = {},
    ) => {
      if (options.allowed !== false) {
        permits.allow({ name, input, toolCallId });
      }
      const signal = options.signal ?? new AbortController().signal;
      return calls.call({ name, input, toolCallId, signal, progress: () => undefined });
    },
  };
}

const cancelled = { text: 'Cancelled.', isError: true };

describe('Calls of our tools', () => {
  it('run with where they happen', async () => {
    const slow = new SlowTool();
    const { call } = calling(slow.tool);
    const outcome = call('slow', { command: 'x' }, 'toolu_1');
    const { context, answer } = await slow.begun();
    answer('done');
    assert.deepEqual(await outcome, { text: 'done', isError: false });
    assert.deepEqual(
      { sessionId: context.sessionId, toolCallId: context.toolCallId, cwd: context.cwd },
      { sessionId: 'session', toolCallId: 'toolu_1', cwd: '/work' },
    );
  });

  it('do not run when nobody has allowed them', async () => {
    const ran: string[] = [];
    const { call, warnings } = calling(fakeBash(ran));
    const { text, isError } = await call('bash', { command: 'rm -rf /' }, 'toolu_1', { allowed: false });
    assert.deepEqual([isError, ran, warnings.length], [true, [], 1]);
    assert.match(text, /^Not run/);
  });

  it('answer with what is wrong about the arguments, or with the failure', async () => {
    const { call } = calling(fakeBash(), failingTool());
    const misfit = await call('bash', { cmd: 'ls' }, 'toolu_1');
    assert.match(misfit.text, /arguments of bash do not fit.*command/s);
    assert.deepEqual(
      [misfit.isError, await call('broken', {}, 'toolu_2'), await call('missing', {}, 'toolu_3')],
      [
        true,
        { text: 'broken failed: the disk is on fire', isError: true },
        { text: 'There is no tool missing.', isError: true },
      ],
    );
  });

  it('answer even if the tool breaks its word', async () => {
    const liar = { ...fakeBash(), prepare: () => ({ run: () => undefined }) } as unknown as Tool;
    const { call, calls } = calling(liar);
    assert.equal((await call('bash', {}, 'toolu_1')).isError, true);
    await settle();
    assert.equal(calls.runningCount, 0);
  });

  it('are answered at once when they are aborted, by whoever asked, by their id, or with the process', async () => {
    const slow = new SlowTool('slow', { deaf: true });
    const { call, calls } = calling(slow.tool);
    const asker = new AbortController();
    const outcomes = Promise.all([
      call('slow', { command: 'a' }, 'toolu_a', { signal: asker.signal }),
      call('slow', { command: 'b' }, 'toolu_b'),
      call('slow', { command: 'c' }, 'toolu_c'),
    ]);
    await slow.begun(3);
    asker.abort();
    calls.abort('toolu_b');
    calls.close();
    assert.deepEqual(await outcomes, [cancelled, cancelled, cancelled]);
    assert.deepEqual(
      slow.calls.map(({ context }) => context.signal.aborted),
      [true, true, true],
    );
    assert.equal(calls.runningCount, 3, 'what does not end still counts');
    slow.calls.forEach(({ answer }) => answer('late'));
    await settle();
    assert.equal(calls.runningCount, 0);
    assert.deepEqual(await call('slow', { command: 'd' }, 'toolu_d'), cancelled);
    assert.equal(slow.calls.length, 3);
  });

  it('do not begin when they were cancelled before', async () => {
    const slow = new SlowTool();
    const { call } = calling(slow.tool);
    assert.deepEqual(await call('slow', { command: 'a' }, 'toolu_a', { signal: AbortSignal.abort() }), cancelled);
    assert.equal(slow.calls.length, 0);
  });

  it('are at most 32 at a time', async () => {
    const slow = new SlowTool();
    const { call, calls } = calling(slow.tool);
    const outcomes = Array.from({ length: 33 }, (_, at) => call('slow', { command: `${at}` }, `toolu_${at}`));
    const refused = await outcomes[32];
    assert.match(refused?.text ?? '', /32 calls are at work/);
    assert.deepEqual([refused?.isError, calls.runningCount], [true, 32]);
    slow.calls[0]?.answer('one');
    await outcomes[0];
    await settle();
    const next = call('slow', { command: 'next' }, 'toolu_next');
    assert.equal((await slow.begun(33)).command, 'next');
    calls.close();
    await Promise.all([...outcomes, next]);
  });

  it('answer with head and tail of what is too long, never with nothing, and never with half a character', async () => {
    const slow = new SlowTool();
    const { call } = calling(slow.tool);
    const texts = ['', 'a'.repeat(200_000), `${'😀'.repeat(60_000)}the end`];
    const answers: string[] = [];
    for (const [at, text] of texts.entries()) {
      const outcome = call('slow', { command: 'x' }, `toolu_${at}`);
      (await slow.begun(at + 1)).answer(text);
      answers.push((await outcome).text);
    }
    assert.deepEqual(answers.slice(0, 2), ['(no output)', texts[1]]);
    const [, , cut = ''] = answers;
    assert.match(cut, /^😀+\n\[… \d+ characters are left out here …\]\n😀+the end$/u);
    assert.ok(JSON.stringify(cut).length < 200_000 && Buffer.byteLength(cut) > 190_000, `${Buffer.byteLength(cut)}`);
  });

  it('hand on what a tool says while it works, and nothing after it was aborted', async () => {
    const slow = new SlowTool('slow', { deaf: true });
    const permits = new ToolPermits();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const calls = new ToolCalls({ tools: [slow.tool], permits, sessionId: 's', cwd: '/', log });
    const said: string[] = [];
    const wanted = { name: 'slow', input: { command: 'x' }, toolCallId: 'toolu_1' };
    permits.allow(wanted);
    const outcome = calls.call({
      ...wanted,
      signal: new AbortController().signal,
      progress: (text) => said.push(text),
    });
    const { context } = await slow.begun();
    context.progress('one');
    calls.abort('toolu_1');
    context.progress('two');
    await outcome;
    assert.deepEqual(said, ['one']);
  });
});
