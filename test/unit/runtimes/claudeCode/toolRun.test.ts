import assert from 'node:assert/strict';
import type { ApprovalGate, ToolRequest } from '../../../../src/core/runtime.ts';
import type { Tool } from '../../../../src/core/tools/tool.ts';
import { fakeBash, SlowTool } from '../../../support/fakeTools.ts';
import { type Bench, createBench, init, settle, success } from './fakes.ts';

const bashName = 'mcp__greenroom__bash';
const servers = { mcp_servers: [{ name: 'greenroom', status: 'connected', source: 'sdk' }] };

const used = (id: string, name: string, input: object) => ({
  type: 'assistant',
  parent_tool_use_id: null,
  message: { id: `m${id}`, content: [{ type: 'tool_use', id, name, input }] },
});
const hook = (id: string, name: string, input: object, more: object = {}) => ({
  type: 'control_request',
  request_id: `hook-${id}`,
  request: { subtype: 'hook_callback', input: { tool_name: name, tool_input: input, tool_use_id: id, ...more } },
});
const ask = (id: string, name: string, input: object) => ({
  type: 'control_request',
  request_id: `ask-${id}`,
  request: { subtype: 'can_use_tool', tool_name: name, input, tool_use_id: id },
});
const message = (frame: string, content: object) => ({
  type: 'control_request',
  request_id: frame,
  request: { subtype: 'mcp_message', server_name: 'greenroom', message: { jsonrpc: '2.0', ...content } },
});
const run = (id: string, name: string, input: object) =>
  message(`run-${id}`, {
    id,
    method: 'tools/call',
    params: { name, arguments: input, _meta: { 'claudecode/toolUseId': id } },
  });
const result = (id: string, text: string) => ({
  type: 'user',
  message: { content: [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text }] }] },
});

const said = (bench: Bench, id: string): string => JSON.stringify(bench.cli().reply(`run-${id}`) ?? null);
const decision = (bench: Bench, id: string): unknown => {
  const reply = bench.cli().reply(`hook-${id}`) as
    | { hookSpecificOutput?: { permissionDecision?: unknown } }
    | undefined;
  return reply?.hookSpecificOutput?.permissionDecision;
};

async function begin(tools: readonly Tool[], gate: Partial<ApprovalGate> = {}, context: object = {}): Promise<Bench> {
  const bench = await createBench({ context: { tools, ...context }, gate });
  await bench.start();
  await until(() => bench.cli().prompts().length > 0);
  bench.cli().say({ ...init, ...servers });
  return bench;
}

/** The chunk with the tunnel is loaded from the disk. */
async function until(done: () => boolean): Promise<void> {
  while (!done()) {
    await settle();
  }
}

describe('A run of Claude Code with our tools', () => {
  it('announces them, and nothing where there are none', async () => {
    const [some, none] = [await begin([fakeBash()]), await createBench()];
    await none.start();
    assert.deepEqual(
      [some, none].map((bench) => bench.cli().requests('initialize')[0]?.['request'] as object),
      [
        {
          subtype: 'initialize',
          sdkMcpServers: ['greenroom'],
          hooks: { PreToolUse: [{ hookCallbackIds: ['preToolUse'], timeout: 86_400 }] },
        },
        { subtype: 'initialize', hooks: { PreToolUse: [{ hookCallbackIds: ['preToolUse'], timeout: 86_400 }] } },
      ],
    );
    none.cli().say(init, message('m', { id: 1, method: 'tools/list' }));
    await settle();
    assert.deepEqual(
      none.cli().frames.find(({ type }) => type === 'control_response'),
      { type: 'control_response', response: { subtype: 'error', request_id: 'm', error: 'no such server: greenroom' } },
    );
  });

  it('has a call judged by what our tool says of it, then runs it here, and shows it by its own name', async () => {
    const judged: ToolRequest[] = [];
    const ran: string[] = [];
    const bench = await begin([fakeBash(ran)], {
      judge(request) {
        judged.push(request);
        return Promise.resolve({ kind: 'allow', reason: 'fine' });
      },
    });
    const input = { command: 'npm test' };
    bench.cli().say(used('t', bashName, input), hook('t', bashName, input));
    await settle();
    bench.cli().say(run('t', 'bash', input));
    await settle();
    bench.cli().say(result('t', 'ran npm test'), success);
    assert.deepEqual(judged, [
      { toolCallId: 't', toolName: 'bash', access: 'execute', paths: [], command: 'npm test', input },
    ]);
    assert.deepEqual(bench.cli().reply('run-t'), {
      mcp_response: { jsonrpc: '2.0', id: 't', result: { content: [{ type: 'text', text: 'ran npm test' }] } },
    });
    assert.deepEqual(ran, ['npm test']);
    assert.deepEqual(
      bench.events.filter(({ type }) => type === 'toolCallStarted' || type === 'toolResult'),
      [
        { type: 'toolCallStarted', id: 't', name: 'bash', title: 'npm test', inputText: '{"command":"npm test"}' },
        { type: 'toolResult', id: 't', output: 'ran npm test', outcome: 'completed' },
      ],
    );
  });

  it('runs nothing that was not allowed, or not so, or once already', async () => {
    const ran: string[] = [];
    const bench = await begin([fakeBash(ran)], {
      judge: (request) => Promise.resolve({ kind: request.command === 'bad' ? 'deny' : 'allow', reason: 'x' }),
    });
    const [bad, good] = [{ command: 'bad' }, { command: 'good' }];
    // A version that skips the callback, one that goes on after a refusal, and a hook that changes the arguments.
    bench.cli().say(run('skipped', 'bash', good), hook('denied', bashName, bad), hook('changed', bashName, good));
    await settle();
    bench.cli().say(run('denied', 'bash', bad), run('changed', 'bash', bad));
    await settle();
    assert.deepEqual(ran, []);
    assert.deepEqual(
      ['skipped', 'denied', 'changed'].map((id) => /Not run.*"isError":true/.test(said(bench, id))),
      [true, true, true],
    );
    bench.cli().say(run('changed', 'bash', good));
    await settle();
    bench.cli().say({ ...run('changed', 'bash', good), request_id: 'again' });
    await settle();
    assert.deepEqual(ran, ['good']);
    assert.match(JSON.stringify(bench.cli().reply('again')), /Not run/);
  });

  it('runs what the person allows, and only then', async () => {
    const asked: unknown[] = [];
    const ran: string[] = [];
    const bench = await begin([fakeBash(ran)], {
      judge: () => Promise.resolve({ kind: 'ask', reason: 'it runs a command' }),
      ask(request, reason) {
        asked.push([request.toolName, request.command, reason]);
        return Promise.resolve(request.command === 'no' ? { kind: 'deny', message: 'never' } : { kind: 'allow' });
      },
    });
    for (const [id, command] of Object.entries({ a: 'yes', b: 'no' })) {
      bench.cli().say(hook(id, bashName, { command }));
      await settle();
      assert.equal(decision(bench, id), 'ask');
      bench.cli().say(ask(id, bashName, { command }));
      await settle();
      bench.cli().say(run(id, 'bash', { command }));
      await settle();
    }
    assert.deepEqual(ran, ['yes']);
    assert.deepEqual(asked, [
      ['bash', 'yes', 'it runs a command'],
      ['bash', 'no', 'it runs a command'],
    ]);
    assert.match(said(bench, 'b'), /Not run/);
  });

  it('asks inside the callback of a version that would not ask, and runs what is allowed there', async () => {
    const ran: string[] = [];
    const bench = await begin([fakeBash(ran)], {
      judge: () => Promise.resolve({ kind: 'ask', reason: 'x' }),
      ask: () => Promise.resolve({ kind: 'allow' }),
    });
    bench.cli().say({ ...init, claude_code_version: '2.0.77' }, hook('t', bashName, { command: 'x' }));
    await settle();
    assert.equal(decision(bench, 't'), 'allow');
    bench.cli().say(run('t', 'bash', { command: 'x' }));
    await settle();
    assert.deepEqual(ran, ['x']);
  });

  it('does not ask about arguments that do not fit, or that are too deep to be told', async () => {
    let judged = 0;
    const bench = await begin([fakeBash()], {
      judge() {
        judged += 1;
        return Promise.resolve({ kind: 'allow', reason: 'x' });
      },
    });
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    bench.cli().say(hook('a', bashName, { cmd: 'x' }));
    for (const line of [used('b', 'Bash', { deep: '@' }), hook('b', 'Bash', { deep: '@' })]) {
      bench.cli().print(`${JSON.stringify(line).replace('"@"', deep)}\n`);
    }
    await settle();
    assert.deepEqual([decision(bench, 'a'), decision(bench, 'b'), judged], ['deny', 'deny', 0]);
    assert.match(JSON.stringify(bench.cli().reply('hook-a')), /arguments of bash do not fit/);
  });

  it("judges a tool of the person's own server of that name like any other", async () => {
    const judged: unknown[] = [];
    const bench = await begin([new SlowTool('look', { isReadOnly: true }).tool], {
      judge(request) {
        judged.push([request.toolName, request.access]);
        return Promise.resolve({ kind: 'allow', reason: 'x' });
      },
    });
    const input = { command: 'x' };
    bench
      .cli()
      .say(
        hook('a', 'mcp__greenroom__look', input, { mcp_server: { name: 'greenroom', source: 'sdk' } }),
        hook('b', 'mcp__greenroom__look', input, { mcp_server: { name: 'greenroom', source: 'dynamic' } }),
      );
    await settle();
    bench.cli().say({ ...init, mcp_servers: [...servers.mcp_servers, { name: 'greenroom' }] });
    bench.cli().say(hook('c', 'mcp__greenroom__look', input));
    await settle();
    assert.deepEqual(judged, [
      ['look', 'internal'],
      ['mcp__greenroom__look', 'other'],
      ['mcp__greenroom__look', 'other'],
    ]);
  });

  it('shows what a call says, aborts it when its result is there, and when the run is stopped or the process dies', async () => {
    const ends: readonly ((bench: Bench) => void)[] = [
      (bench) => bench.cli().say(result('t', 'never mind')),
      (bench) => void bench.runtime.stop(),
      (bench) => bench.cli().exit(137),
    ];
    for (const end of ends) {
      const slow = new SlowTool('bash', { deaf: true });
      const bench = await begin([slow.tool]);
      const input = { command: 'x' };
      bench.cli().say(used('t', bashName, input), hook('t', bashName, input));
      await settle();
      bench.cli().say(run('t', 'bash', input));
      const { context } = await slow.begun();
      context.progress('working');
      await bench.clock.advance(1000);
      assert.deepEqual(
        bench.events.filter(({ type }) => type === 'toolOutput'),
        [{ type: 'toolOutput', id: 't', text: 'working' }],
      );
      end(bench);
      await settle();
      assert.equal(context.signal.aborted, true);
      await bench.runtime.stop();
    }
  });

  it('does not leave while a call is at work', async () => {
    const slow = new SlowTool('bash');
    const bench = await begin([slow.tool], {}, { idleSeconds: 10 });
    bench.cli().say(hook('t', bashName, { command: 'x' }));
    await settle();
    bench.cli().say(run('t', 'bash', { command: 'x' }));
    const call = await slow.begun();
    bench.cli().say(success);
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.cli().calls, []);
    call.answer('done');
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.cli().calls, ['endInput']);
    await bench.runtime.stop();
  });

  it('refuses background shells of its own, if it is to', async () => {
    const input = { command: 'npm run dev', run_in_background: true };
    const decisions: unknown[] = [];
    for (const context of [{}, { ownBackgroundShells: 'allow' }, { tools: [] }]) {
      const bench = await begin([fakeBash()], {}, context);
      bench.cli().say(hook('t', 'Bash', input));
      await settle();
      decisions.push([decision(bench, 't'), JSON.stringify(bench.cli().reply('hook-t')).includes(bashName)]);
    }
    assert.deepEqual(decisions, [
      ['deny', true],
      ['allow', false],
      ['allow', false],
    ]);
  });

  it('goes on without them, silently, in a version that does not take them', async () => {
    const bench = await createBench({ context: { tools: [fakeBash()] } });
    await bench.start();
    await until(() => bench.cli().prompts().length > 0);
    bench.cli().say({ ...init, mcp_servers: [] }, success);
    assert.deepEqual(
      bench.ends().map(({ type }) => type),
      ['turnComplete'],
    );
    assert.deepEqual(
      bench.events.filter(({ type }) => type === 'warning'),
      [],
    );
  });
});
