import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { judge } from '../../../src/core/approvals/judge.ts';
import { approvalState } from '../../support/approvals.ts';
import type { ToolRequest } from '../../../src/core/runtime.ts';
import type { Tool } from '../../../src/core/tools/tool.ts';
import type { ModelRequest, ReplyStep } from '../../modelServer/steps.ts';
import { call, say } from '../../modelServer/steps.ts';
import { eventually } from '../../support/eventually.ts';
import { failingTool, fakeBash, SlowTool } from '../../support/fakeTools.ts';
import { ManualClock } from '../../support/manualClock.ts';
import { claudeCli, processesWith, type RunOptions, TestRun } from './harness.ts';

const bash = 'mcp__greenroom__bash';
const done: ReplyStep = { reply: [say('Done.')] };

describe('Claude Code: our tools', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  async function start(tools: readonly Tool[], options: RunOptions): Promise<TestRun> {
    run = await TestRun.create({ ...options, context: { tools, ...options.context } });
    void run.start();
    return run;
  }

  /** What the model was told of a call. */
  function told(id: string): unknown {
    for (const { body } of run?.server.main ?? []) {
      for (const message of body.messages) {
        for (const block of Array.isArray(message.content) ? message.content : []) {
          if (block.type === 'tool_result' && block.tool_use_id === id) {
            const texts =
              typeof block.content === 'string'
                ? [block.content]
                : block.content.map((part: { text: string }) => part.text);
            return { text: texts.join(''), failed: block.is_error === true };
          }
        }
      }
    }
    return undefined;
  }

  const calls = (): readonly unknown[] =>
    run?.seen().filter((event) => /^tool(?:CallStarted|Output|Result)$/.test((event as { type: string }).type)) ?? [];

  it('stand in every request of the model, run here once the person allows them, and answer it', async () => {
    const ran: string[] = [];
    const asked: unknown[] = [];
    const { untilTurns, server } = await started([fakeBash(ran)], {
      steps: [{ reply: [call(bash, { command: 'npm test' }, 'toolu_1')] }, done],
      gate: {
        judge: () => ({ kind: 'ask', reason: 'it runs a command' }),
        ask(request, reason) {
          asked.push([request, reason]);
          return { kind: 'allow' };
        },
      },
    });
    await untilTurns(1);
    const names: readonly string[] = server.main[0]?.body.tools.map((tool: { name: string }) => tool.name);
    assert.ok(names.includes(bash), names.join());
    const request: ToolRequest = {
      toolCallId: 'toolu_1',
      toolName: 'bash',
      access: 'execute',
      paths: [],
      command: 'npm test',
      input: { command: 'npm test' },
    };
    assert.deepEqual(asked, [[request, 'it runs a command']]);
    assert.deepEqual([ran, told('toolu_1')], [['npm test'], { text: 'ran npm test', failed: false }]);
    assert.deepEqual(calls(), [
      { type: 'toolCallStarted', id: 'toolu_1', name: 'bash', title: 'npm test', inputText: '{"command":"npm test"}' },
      { type: 'toolResult', id: 'toolu_1', output: 'ran npm test', outcome: 'completed' },
    ]);
  });

  it('do not run when the person refuses, and the model hears why', async () => {
    const ran: string[] = [];
    const { untilTurns } = await started([fakeBash(ran)], {
      steps: [{ reply: [call(bash, { command: 'rm -rf .' }, 'toolu_1')] }, done],
      gate: {
        judge: () => ({ kind: 'ask', reason: 'it runs a command' }),
        ask: () => ({ kind: 'deny', message: 'not in this folder' }),
      },
    });
    await untilTurns(1);
    assert.deepEqual([ran, told('toolu_1')], [[], { text: 'not in this folder', failed: true }]);
  });

  it('run no command in plan mode', async () => {
    const ran: string[] = [];
    const { untilTurns } = await started([fakeBash(ran)], {
      context: { mode: 'plan' },
      steps: [{ reply: [call(bash, { command: 'touch x' }, 'toolu_1')] }, done],
      gate: {
        judge: async (request) =>
          (
            await judge(request, approvalState({ mode: 'plan', cwd: '/', grants: ['execute:touch x'] }), {
              realPath: (file) => Promise.resolve(file),
            })
          ).verdict,
      },
    });
    await untilTurns(1);
    assert.deepEqual(ran, []);
    assert.match(JSON.stringify(told('toolu_1')), /Plan mode is read-only: no command is run.*true/);
  });

  it('are decided on for sub-agents too', async () => {
    const ran: string[] = [];
    const judged: unknown[] = [];
    const step = ({ body }: ModelRequest): ReplyStep => {
      const isSub = JSON.stringify(body.messages[0]).includes('SUBPROMPT');
      const isFirst = !JSON.stringify(body.messages).includes('tool_result');
      const task = {
        description: 'Look',
        prompt: 'SUBPROMPT',
        subagent_type: 'general-purpose',
        run_in_background: false,
      };
      return isSub
        ? { reply: [isFirst ? call(bash, { command: 'ls' }, 'toolu_s') : say('Nothing there.')] }
        : isFirst
          ? { reply: [call('Agent', task, 'toolu_a')] }
          : done;
    };
    const { untilTurns } = await started([fakeBash(ran)], {
      steps: [step],
      gate: {
        judge(request) {
          judged.push([request.toolName, request.command]);
          return request.toolName === 'bash' ? { kind: 'deny', reason: 'not you' } : { kind: 'allow', reason: 'fine' };
        },
      },
    });
    await untilTurns(1);
    assert.deepEqual(
      [judged, ran],
      [
        [
          ['Agent', undefined],
          ['bash', 'ls'],
        ],
        [],
      ],
    );
    assert.match(JSON.stringify(told('toolu_s')), /not you.*true/);
  });

  it('answer with an error where one fails, or where the arguments do not fit', async () => {
    const { untilTurns } = await started([failingTool(), fakeBash()], {
      steps: [
        { reply: [call('mcp__greenroom__broken', {}, 'toolu_1')] },
        { reply: [call(bash, { comand: 'ls' }, 'toolu_2')] },
        done,
      ],
    });
    await untilTurns(1);
    assert.deepEqual(told('toolu_1'), { text: 'broken failed: the disk is on fire', failed: true });
    assert.match(JSON.stringify(told('toolu_2')), /arguments of bash do not fit.*true/);
  });

  it('run side by side where they only read', async () => {
    const look = new SlowTool('look', { isReadOnly: true });
    const reply = ['a', 'b'].map((command) => call('mcp__greenroom__look', { command }, `toolu_${command}`));
    const { untilTurns } = await started([look.tool], { steps: [{ reply }, done] });
    const second = await look.begun(2);
    second.answer('second');
    (await look.begun(1)).answer('first');
    await untilTurns(1);
    assert.deepEqual(
      look.calls.map(({ command, context }) => [context.toolCallId, command, told(context.toolCallId)]),
      [
        ['toolu_a', 'a', { text: 'first', failed: false }],
        ['toolu_b', 'b', { text: 'second', failed: false }],
      ],
    );
  });

  it('say that they still work for as long as it takes, and show what they say', async () => {
    const slow = new SlowTool('bash');
    const clock = new ManualClock();
    const { untilTurns, until, events } = await started([slow.tool], {
      clock,
      steps: [{ reply: [call(bash, { command: 'make' }, 'toolu_1')] }, done],
    });
    const { context, answer } = await slow.begun();
    for (let minute = 0; minute < 10; minute++) {
      clock.advance(60_000);
    }
    context.progress('compiling\nlinking\n');
    clock.advance(1000);
    const taken = () =>
      events.filter(
        ({ type, ...event }) => type === 'agentJson' && 'data' in event && event.data.includes('"control_response"'),
      );
    // The greeting, 40 heartbeats and a line: the CLI takes each.
    await until(() => taken().length === 42);
    answer('made');
    await untilTurns(1);
    assert.deepEqual(told('toolu_1'), { text: 'made', failed: false });
    assert.deepEqual(calls().slice(1), [
      { type: 'toolOutput', id: 'toolu_1', text: 'compiling\nlinking\n' },
      { type: 'toolResult', id: 'toolu_1', output: 'made', outcome: 'completed' },
    ]);
  });

  it('are aborted with the turn, and the conversation goes on in the same process', async () => {
    const slow = new SlowTool('bash');
    const { runtime, untilTurns, turnEnds, server, events } = await started([slow.tool], {
      steps: [{ reply: [call(bash, { command: 'make' }, 'toolu_1')] }, { reply: [say('After it.')] }],
    });
    const { context } = await slow.begun();
    await runtime.interrupt();
    assert.deepEqual([context.signal.aborted, turnEnds().map(({ type }) => type)], [true, ['turnCancelled']]);
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'toolResult' ? [[event.id, event.outcome]] : [])),
      [['toolu_1', 'cancelled']],
    );
    assert.equal(runtime.send('next'), true);
    await untilTurns(2);
    assert.equal(server.main.length, 2);
  });

  it('are aborted when the run is stopped, or when the CLI dies, and nothing hangs', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const slow = new SlowTool('bash', { deaf: true });
      const { runtime, stage, untilTurns } = await started([slow.tool], {
        steps: [{ reply: [call(bash, { command: 'make' }, 'toolu_1')] }, done],
      });
      const { context } = await slow.begun();
      if (end === 'stop') {
        await runtime.stop();
      } else {
        const pid = processesWith(stage.home).find((each) => commandOf(each).includes(claudeCli()));
        assert.ok(pid !== undefined && pid > 1);
        process.kill(pid, 'SIGKILL');
      }
      await untilTurns(1);
      assert.deepEqual([end, context.signal.aborted], [end, true]);
      await run?.close();
    }
  });

  it('are named where the CLI would start a background shell of its own', async () => {
    const ran: string[] = [];
    const own = { command: 'npm run dev', description: 'd', run_in_background: true };
    const watch = { command: 'tail -f log', description: 'd', timeout_ms: 5000 };
    const { untilTurns } = await started([fakeBash(ran)], {
      steps: [
        { reply: [call('Bash', own, 'toolu_1')] },
        { reply: [call('Monitor', watch, 'toolu_2')] },
        { reply: [call(bash, { command: 'npm run dev', background: true }, 'toolu_3')] },
        done,
      ],
    });
    await untilTurns(1);
    assert.match(JSON.stringify(told('toolu_1')), /Call mcp__greenroom__bash with .*npm run dev.*background.*true/);
    assert.match(JSON.stringify(told('toolu_2')), /Call mcp__greenroom__bash with .*tail -f log.*true/);
    assert.deepEqual([ran, told('toolu_3')], [['npm run dev'], { text: 'ran npm run dev', failed: false }]);
  });

  it('leave background shells to the CLI where the person lets it, and those are known', async () => {
    const command = 'read -t 0.3 x < /dev/zero; exit 3';
    const { untilTurns, until, events } = await started([fakeBash()], {
      context: { ownBackgroundShells: 'allow' },
      steps: [{ reply: [call('Bash', { command, description: 'Wait', run_in_background: true }, 'toolu_1')] }, done],
    });
    await untilTurns(1);
    await until((event) => event.type === 'backgroundTask' && event.status === 'failed');
    const tasks = events.flatMap((event) => (event.type === 'backgroundTask' ? [event] : []));
    assert.deepEqual(
      tasks.map(({ status, kind, title }) => [status, kind, title]),
      [
        ['running', 'shell', 'Wait'],
        ['running', 'shell', command],
        ['failed', 'shell', command],
      ],
    );
    assert.equal(new Set(tasks.map(({ taskId }) => taskId)).size, 1);
  });

  it('leave background shells to the CLI where the person lets it, and end them when the person wants it', async () => {
    const own = {
      command: 'echo watching; while :; do read -t 0.1 x < /dev/zero; done',
      description: 'Wait',
      run_in_background: true,
    };
    const { runtime, stage, untilTurns, until } = await started([fakeBash()], {
      context: { ownBackgroundShells: 'allow' },
      steps: [{ reply: [call('Bash', own, 'toolu_1')] }, done],
    });
    const isRunning = () => processesWith(stage.home).some((pid) => commandOf(pid).includes('read -t 0.1'));
    assert.equal(await runtime.stopTask?.('nobody'), false);
    await untilTurns(1);
    const begun = await until((event) => event.type === 'backgroundTask' && event.title === own.command);
    assert.ok(begun.type === 'backgroundTask');
    await eventually(isRunning, 'it runs');
    const { taskId } = begun;
    let output: string | undefined;
    while (!output?.includes('watching')) {
      output = await runtime.taskOutput?.(taskId);
    }
    assert.deepEqual([output, await runtime.taskOutput?.('nobody')], ['watching\n', undefined]);
    assert.equal(await runtime.stopTask?.(begun.taskId), true);
    await until((event) => event.type === 'backgroundTask' && event.status === 'stopped');
    await eventually(() => !isRunning(), 'its processes end');
  });

  it('are not cut a second time by the CLI', async () => {
    const slow = new SlowTool('bash');
    const { untilTurns } = await started([slow.tool], {
      steps: [{ reply: [call(bash, { command: 'cat' }, 'toolu_1')] }, done],
    });
    (await slow.begun()).answer('"one line of many"\n'.repeat(20_000));
    await untilTurns(1);
    const { text } = told('toolu_1') as { text: string };
    assert.match(
      text,
      /^("one line of many"\n)+[^\n]*\n\[… \d+ characters are left out here …\]\n[^\n]*\n("one line of many"\n)+$/,
    );
    assert.ok(text.length > 150_000, `${text.length}`);
  });

  it("are not confused with those of the person's own server of the same name", async () => {
    const other = 'mcp__greenroom__other';
    let tries = 1;
    // The CLI does not wait for the person's servers before it asks the model, and where ours of the name connects last
    // it has only ours.
    const maxTries = 20;
    const isMissing = (result: unknown): boolean => JSON.stringify(result ?? '').includes('No such tool available');
    const judged: unknown[] = [];
    const ran: string[] = [];
    run = await TestRun.create({
      context: { tools: [fakeBash(ran)], loadProjectSettings: true },
      steps: [
        () => {
          if (isMissing(told(`toolu_${tries}`)) && tries < maxTries) {
            tries += 1;
          }
          const answered = told(`toolu_${tries}`) !== undefined;
          if (told('toolu_ls') !== undefined) {
            return done;
          }
          // Asked without a pause, the CLI would hardly get to its server.
          const moment = new Promise<void>((resolve) => setTimeout(resolve, 100));
          return {
            reply: [answered ? call(bash, { command: 'ls' }, 'toolu_ls') : call(other, {}, `toolu_${tries}`)],
            pause: { atChunk: 0, until: moment },
          };
        },
      ],
      gate: {
        judge(request) {
          judged.push([request.toolName, request.access]);
          return { kind: 'allow', reason: 'fine' };
        },
      },
    });
    const server = path.join(run.stage.work, 'server.mjs');
    writeFileSync(server, otherServer);
    const greenroom = { command: process.execPath, args: [server] };
    writeFileSync(path.join(run.stage.home, '.claude.json'), JSON.stringify({ mcpServers: { greenroom } }));
    void run.start();
    await run.untilTurns(1);
    const theirs = told(`toolu_${tries}`);
    const isThere = !isMissing(theirs);
    assert.deepEqual(
      [judged, isThere ? theirs : undefined, told('toolu_ls'), ran],
      [
        [...(isThere ? [['mcp__greenroom__other', 'other']] : []), ['bash', 'execute']],
        isThere ? { text: 'other', failed: false } : undefined,
        { text: 'ran ls', failed: false },
        ['ls'],
      ],
    );
  });

  /** The run with its methods bound, so that a test can name only what it needs. */
  async function started(tools: readonly Tool[], options: RunOptions) {
    const it = await start(tools, options);
    return {
      runtime: it.runtime,
      server: it.server,
      stage: it.stage,
      events: it.events,
      until: it.until.bind(it),
      untilTurns: it.untilTurns.bind(it),
      turnEnds: it.turnEnds.bind(it),
    };
  }
});

/** Empty if the process has ended meanwhile. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** An MCP server with the tools `bash` and `other`. */
const otherServer = `
import readline from 'node:readline';
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  const result = {
    initialize: () => ({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } }),
    'tools/list': () => ({ tools: ['bash', 'other'].map((name) => ({ name, description: 'Another.', inputSchema: { type: 'object' } })) }),
    'tools/call': () => ({ content: [{ type: 'text', text: params.name }] }),
  }[method]?.() ?? {};
  if (id !== undefined) {
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
  }
});
`;
