import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asRecord } from '../../../../src/base/json.ts';
import type { Tool } from '../../../../src/core/tools/tool.ts';
import { McpTunnel } from '../../../../src/runtimes/claudeCode/mcpTunnel.ts';
import { ToolCalls } from '../../../../src/runtimes/claudeCode/toolCalls.ts';
import { ToolPermits } from '../../../../src/runtimes/claudeCode/toolPermits.ts';
import { failingTool, fakeBash, SlowTool } from '../../../support/fakeTools.ts';
import { FakeClock, settle } from './fakes.ts';

const runs = process.env['GREENROOM_LONG'] === '1' ? 3000 : 150;

async function openTunnel(...tools: readonly Tool[]) {
  const clock = new FakeClock();
  const permits = new ToolPermits();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const replies: [frame: string, answer: unknown][] = [];
  const sent: unknown[] = [];
  const output: [id: string, text: string][] = [];
  const tunnel = await McpTunnel.open({
    tools,
    calls: new ToolCalls({ tools, permits, sessionId: 's', cwd: '/', log }),
    clock,
    log,
    ports: {
      reply: (frame, message) => replies.push([frame, message]),
      refuse: (frame, reason) => replies.push([frame, reason]),
      send: (message) => sent.push(message),
    },
    onOutput: (id, text) => output.push([id, text]),
  });
  let frames = 0;
  return {
    tunnel,
    clock,
    permits,
    replies,
    sent,
    output,
    /** Gives a message, and its answer once everything that waits for nothing has run. */
    say: async (message: unknown): Promise<unknown> => {
      frames += 1;
      const frame = `frame${frames}`;
      tunnel.receive(frame, message);
      await settle();
      return replies.find(([answered]) => answered === frame)?.[1];
    },
  };
}

const ask = (id: number | string, method: string, params?: unknown) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params === undefined ? {} : { params }),
});
const callOf = (id: number, name: string, input: unknown, meta: object = { 'claudecode/toolUseId': `toolu_${id}` }) =>
  ask(id, 'tools/call', { name, arguments: input, _meta: meta });
const errorCode = (answer: unknown): unknown => asRecord(asRecord(answer)['error'])['code'];
const notified = { jsonrpc: '2.0', id: 0, result: {} };

describe('The tunnel of our tools', () => {
  it('greets in whatever revision it is asked for, and answers a ping', async () => {
    const { say } = await openTunnel();
    const client = { capabilities: {}, clientInfo: { name: 'claude-code', version: '2.1.328' } };
    const greetings = [];
    for (const protocolVersion of ['2025-11-25', '2025-06-18', '2024-11-05']) {
      greetings.push(await say(ask(0, 'initialize', { protocolVersion, ...client })));
    }
    assert.deepEqual(
      greetings,
      ['2025-11-25', '2025-06-18', '2024-11-05'].map((protocolVersion) => ({
        jsonrpc: '2.0',
        id: 0,
        result: {
          protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'greenroom', title: 'Greenroom', version: '1' },
        },
      })),
    );
    assert.deepEqual(await say({ jsonrpc: '2.0', method: 'notifications/initialized' }), notified);
    assert.deepEqual(await say(ask('p', 'ping')), { jsonrpc: '2.0', id: 'p', result: {} });
  });

  it('lists the tools, for every request of the model, and says which may run side by side', async () => {
    const { say } = await openTunnel(fakeBash(), new SlowTool('look', { isReadOnly: true }).tool);
    const { tools } = asRecord(asRecord(await say(ask(1, 'tools/list')))['result']) as {
      tools: Record<string, unknown>[];
    };
    assert.deepEqual(
      tools.map(({ inputSchema, ...rest }) => ({ ...rest, required: asRecord(inputSchema)['required'] })),
      [
        ['bash', 'Runs a command.', false],
        ['look', 'Takes its time.', true],
      ].map(([name, description, readOnlyHint]) => ({
        name,
        description,
        annotations: { readOnlyHint },
        _meta: { 'anthropic/alwaysLoad': true, 'anthropic/maxResultSizeChars': 201_000 },
        required: ['command'],
      })),
    );
  });

  it('runs what was allowed, and answers with what came of it', async () => {
    const ran: string[] = [];
    const { say, permits } = await openTunnel(fakeBash(ran), failingTool());
    permits.allow({ toolCallId: 'toolu_1', name: 'bash', input: { command: 'ls' } });
    permits.allow({ toolCallId: 'toolu_2', name: 'broken', input: {} });
    assert.deepEqual(
      [await say(callOf(1, 'bash', { command: 'ls' })), await say(callOf(2, 'broken', undefined))],
      [
        { jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: 'ran ls' }] } },
        {
          jsonrpc: '2.0',
          id: 2,
          result: { content: [{ type: 'text', text: 'broken failed: the disk is on fire' }], isError: true },
        },
      ],
    );
    assert.match(JSON.stringify(await say(callOf(3, 'bash', { command: 'rm' }))), /Not run.*"isError":true/);
    assert.deepEqual(ran, ['ls']);
  });

  it('answers what it does not know, and what does not fit, with an error', async () => {
    const { say, permits } = await openTunnel(fakeBash());
    permits.allow({ toolCallId: 'toolu_1', name: 'bash', input: { command: 'ls' } });
    const answers = [
      await say(ask(1, 'resources/list')),
      await say(ask(2, 'server/discover')),
      await say(callOf(3, 'unknown', {})),
      await say(ask(4, 'tools/call', { nme: 'bash' })),
      await say(ask(5, 'tools/call', 'bash')),
      await say(ask(6, 'tools/call', { name: 'bash', arguments: 'ls' })),
    ];
    assert.deepEqual(answers.map(errorCode), [-32_601, -32_601, -32_602, -32_602, -32_602, -32_602]);
  });

  it('refuses what is no message, too long, too deep, twice, or for nobody', async () => {
    const slow = new SlowTool();
    const { say, permits, tunnel } = await openTunnel(slow.tool);
    permits.allow({ toolCallId: 'toolu_1', name: 'slow', input: { command: 'x' } });
    void say(callOf(1, 'slow', { command: 'x' }));
    await slow.begun();
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const answers = [
      await say(undefined),
      await say('tools/list'),
      await say([ask(9, 'tools/list')]),
      await say({ jsonrpc: '2.0', id: 9, result: {} }),
      await say({ jsonrpc: '2.0', id: {}, method: 'tools/list' }),
      await say(ask(9, 'tools/list', { deep })),
      await say(ask(9, 'tools/list', { long: 'x'.repeat(5_000_000) })),
      await say(callOf(1, 'slow', { command: 'x' })),
    ];
    assert.deepEqual(
      answers.map((answer) => (typeof answer === 'string' ? 'refused' : errorCode(answer))),
      [...Array<string>(7).fill('refused'), -32_600],
    );
    await tunnel.close();
    assert.equal(await say(ask(10, 'ping')), 'the server is closed');
  });

  it('aborts a call that is taken back, and answers its frame all the same', async () => {
    const slow = new SlowTool();
    const { say, permits, replies } = await openTunnel(slow.tool);
    permits.allow({ toolCallId: 'toolu_7', name: 'slow', input: { command: 'x' } });
    void say(callOf(7, 'slow', { command: 'x' }));
    const { context } = await slow.begun();
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7, reason: 'x' } };
    assert.deepEqual(await say(cancel), notified);
    assert.equal(context.signal.aborted, true);
    assert.deepEqual(
      replies.filter(([frame]) => frame === 'frame1').map(([, answer]) => errorCode(answer)),
      [-32_800],
    );
  });

  it('aborts everything when it is closed, and leaves no frame without an answer', async () => {
    const slow = new SlowTool('slow', { deaf: true });
    const { say, permits, replies, tunnel, clock, sent } = await openTunnel(slow.tool);
    for (const id of [1, 2]) {
      permits.allow({ toolCallId: `toolu_${id}`, name: 'slow', input: { command: 'x' } });
      void say(callOf(id, 'slow', { command: 'x' }, { 'claudecode/toolUseId': `toolu_${id}`, progressToken: id }));
    }
    await slow.begun(2);
    await tunnel.close();
    await clock.advance(60_000);
    assert.deepEqual(
      [slow.calls.map(({ context }) => context.signal.aborted), replies.map(([, answer]) => errorCode(answer)), sent],
      [[true, true], [-32_800, -32_800], []],
    );
  });

  it('has at most 64 requests open', async () => {
    const slow = new SlowTool();
    const { say, permits, tunnel } = await openTunnel(slow.tool);
    for (let id = 1; id <= 32; id++) {
      permits.allow({ toolCallId: `toolu_${id}`, name: 'slow', input: { command: 'x' } });
      tunnel.receive(`call${id}`, callOf(id, 'slow', { command: 'x' }));
    }
    for (let id = 33; id <= 64; id++) {
      tunnel.receive(`ping${id}`, ask(id, 'ping'));
    }
    const one = say(ask(65, 'ping'));
    assert.equal(errorCode(await one), -32_000);
    assert.deepEqual(await say(ask(66, 'ping')), { jsonrpc: '2.0', id: 66, result: {} });
    await tunnel.close();
  });

  it('says that a long call still works, where it is asked to, and shows what it says', async () => {
    const slow = new SlowTool();
    const { say, permits, clock, sent, output } = await openTunnel(slow.tool);
    permits.allow({ toolCallId: 'toolu_1', name: 'slow', input: { command: 'x' } });
    const meta = { 'claudecode/toolUseId': 'toolu_1', progressToken: 'token' };
    void say(callOf(1, 'slow', { command: 'x' }, meta));
    const { context, answer } = await slow.begun();
    await clock.advance(15_000);
    context.progress('building\nlinking');
    await clock.advance(5_000);
    answer('built');
    await settle();
    await clock.advance(60_000);
    assert.deepEqual(
      [sent, output],
      [
        [
          { progressToken: 'token', progress: 1 },
          { progressToken: 'token', progress: 2, message: 'linking' },
        ].map((params) => ({ jsonrpc: '2.0', method: 'notifications/progress', params })),
        [['toolu_1', 'building\nlinking']],
      ],
    );
  });

  it('answers each frame exactly once and runs nothing, whatever garbage comes', async () => {
    const field = (...values: readonly unknown[]) =>
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, fc.jsonValue());
    const nearMessage = fc.record(
      {
        jsonrpc: field('2.0'),
        id: field(0, 1, 2, 'a', null, 1.5),
        method: field(
          'initialize',
          'tools/list',
          'tools/call',
          'ping',
          'notifications/cancelled',
          'notifications/initialized',
          'server/discover',
          'logging/setLevel',
          'subscriptions/listen',
        ),
        params: field(
          { name: 'bash', arguments: { command: 'x' } },
          { name: 'bash', arguments: { command: 'x' }, _meta: { progressToken: {}, 'claudecode/toolUseId': 5 } },
          { name: 'bash', _meta: 5 },
          { requestId: 1 },
          { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
          { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } },
        ),
        result: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(nearMessage, fc.jsonValue()), { minLength: 1, maxLength: 12 }),
        async (messages) => {
          const ran: string[] = [];
          const { tunnel, replies } = await openTunnel(fakeBash(ran));
          messages.forEach((message, at) => tunnel.receive(`frame${at}`, message));
          await settle();
          const answered = replies.map(([frame]) => frame).sort();
          assert.deepEqual(answered, messages.map((_message, at) => `frame${at}`).sort());
          assert.deepEqual(ran, []);
          await tunnel.close();
          assert.equal(replies.length, messages.length);
        },
      ),
      { numRuns: runs },
    );
  });
});
