import assert from 'node:assert/strict';
import os from 'node:os';
import { judge } from '../../../src/core/approvals/judge.ts';
import { shellTools } from '../../../src/core/tools/shellTools.ts';
import { matchLines } from '../../../src/platform/matchLines.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { call, say, type Step } from '../../modelServer/steps.ts';
import { approvalState } from '../../support/approvals.ts';
import { RealShells } from '../shells/harness.ts';
import { ApiRun } from './harness.ts';

/** Runs until it is ended, and says when it has begun. */
const server = `trap 'exit 0' TERM; echo ready; while :; do read -t 0.05 x < /dev/zero; done`;

describe('Claude by API key: shells', () => {
  let shells: RealShells;
  let run: ApiRun | undefined;
  let asked: string[];

  beforeEach(() => {
    shells = new RealShells();
    asked = [];
  });
  afterEach(async () => {
    await run?.close();
    assert.deepEqual([run?.complaints ?? [], shells.log.lines], [[], []]);
    run = undefined;
    const left = shells.processes();
    await shells.dispose();
    assert.deepEqual(left, [], 'the test has ended what it started');
  });

  const cwd = os.tmpdir();
  const tools = () =>
    shellTools({ registry: shells.registry, clock: systemClock, defaultTimeoutSeconds: () => 120, matchLines });

  /** Runs one turn of this script, in the mode that asks. */
  async function turn(steps: readonly Step[]): Promise<ApiRun> {
    run = await ApiRun.create({
      steps,
      tools: tools(),
      context: { cwd, projectRoot: cwd, sessionId: 's' },
      gate: {
        judge: async (request) =>
          (
            await judge(request, approvalState({ cwd }), {
              realPath: (file) => Promise.resolve(file),
              entries: () => Promise.resolve([]),
            })
          ).verdict,
        ask: ({ toolName }) => {
          asked.push(toolName);
          return Promise.resolve({ kind: 'allow' });
        },
      },
    });
    run.start();
    const end = await run.turnEnd();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    return run;
  }

  /** What the model was told last of a call. */
  function told(id: string): string {
    const result = run?.events.find((event) => event.type === 'toolResult' && event.id === id);
    return result?.type === 'toolResult' ? result.output : '';
  }

  const shellId = (): string => shells.registry.list().at(-1)?.id ?? '';

  it('are started after an approval, read in two steps and killed without another', async () => {
    const { server: model } = await turn([
      { reply: [call('bash', { command: server, background: true }, 'toolu_1')] },
      () => ({ reply: [call('bash_output', { id: shellId(), wait_ms: 10_000 }, 'toolu_2')] }),
      () => ({ reply: [call('bash_output', { id: shellId() }, 'toolu_3')] }),
      () => ({ reply: [call('kill_shell', { id: shellId() }, 'toolu_4')] }),
      () => ({ reply: [call('bash_output', { id: shellId() }, 'toolu_5')] }),
      { reply: [say('The server is down again.')] },
    ]);
    const id = shellId();
    assert.deepEqual(
      ['toolu_1', 'toolu_2', 'toolu_3', 'toolu_4', 'toolu_5'].map((call) => told(call).split('\n').slice(0, 2)),
      [
        [
          `background shell started — id: ${id} (runs until it exits or you kill it)`,
          `Read its output with bash_output {"id": "${id}"}; stop it with kill_shell {"id": "${id}"}.`,
        ],
        [`[shell ${id} — running]`, 'ready'],
        [`[shell ${id} — running]`, '(no new output)'],
        [`killed background shell ${id}`],
        [`[shell ${id} — killed]`, '(no new output)'],
      ],
    );
    assert.deepEqual(asked, ['bash']);
    const names: readonly string[] = model.main[0]?.body.tools.map((tool: { name: string }) => tool.name);
    assert.deepEqual(
      names.filter((name) => /bash|shell|stdin/.test(name)),
      ['bash', 'bash_output', 'kill_shell', 'write_stdin'],
    );
  });

  it('are waited for, and moved to the background when the time is up', async () => {
    await turn([
      { reply: [call('bash', { command: 'echo out; echo err >&2; exit 3' }, 'toolu_1')] },
      { reply: [call('bash', { command: server, timeout: 0.5 }, 'toolu_2')] },
      () => ({ reply: [call('bash_output', { id: shellId() }, 'toolu_3')] }),
      () => ({ reply: [call('kill_shell', { id: shellId() }, 'toolu_4')] }),
      { reply: [say('Done.')] },
    ]);
    const id = shellId();
    assert.match(told('toolu_1'), /^(?:out\nerr|err\nout)\n\[exit code: 3\]$/);
    assert.ok(
      told('toolu_2').startsWith(
        `ready\n[the command still runs after 0.5 s; it was moved to the background — id: ${id}]\n`,
      ),
      told('toolu_2'),
    );
    assert.equal(told('toolu_3'), `[shell ${id} — running]\n(no new output)`);
    assert.equal(told('toolu_4'), `killed background shell ${id}`);
    assert.deepEqual(asked, ['bash', 'bash']);
  });

  it('take what is typed into their terminal, each time after an approval', async () => {
    await turn([
      {
        reply: [
          call('bash', { command: 'printf "name? "; read name; echo "hello $name"', background: true, tty: true }),
        ],
      },
      () => ({ reply: [call('bash_output', { id: shellId(), wait_ms: 10_000 }, 'toolu_2')] }),
      () => ({ reply: [call('write_stdin', { id: shellId(), text: 'Ada\n' }, 'toolu_3')] }),
      { reply: [say('Done.')] },
    ]);
    const id = shellId();
    const shell = shells.registry.get(id);
    assert.ok(shell);
    await shells.until(shell, () => !shell.isActive, 'it ends');
    assert.equal(told('toolu_2'), `[shell ${id} — running]\nname? `);
    assert.equal(told('toolu_3'), `wrote 4 characters to background shell ${id}`);
    assert.match(shell.lastLine ?? '', /^hello Ada/);
    assert.deepEqual(asked, ['bash', 'write_stdin']);
  });

  it('are read side by side', async () => {
    const ids: string[] = [];
    await turn([
      {
        reply: ['one', 'two'].map((word) =>
          call('bash', { command: `echo ${word}; exec sleep 1000`, background: true }),
        ),
      },
      () => {
        ids.push(...shells.registry.list().map(({ id }) => id));
        return { reply: ids.map((id, at) => call('bash_output', { id, wait_ms: 1 }, `toolu_r${at}`)) };
      },
      () => ({ reply: ids.map((id, at) => call('bash_output', { id, wait_ms: 300, filter: 'x' }, `toolu_w${at}`)) }),
      () => ({ reply: ids.map((id) => call('kill_shell', { id })) }),
      { reply: [say('Done.')] },
    ]);
    const order = (run?.events ?? []).flatMap((event) =>
      (event.type === 'toolCallStarted' || event.type === 'toolResult') && event.id.startsWith('toolu_w')
        ? [`${event.type} ${event.id}`]
        : [],
    );
    assert.deepEqual(order.slice(0, 2), ['toolCallStarted toolu_w0', 'toolCallStarted toolu_w1']);
    assert.deepEqual(asked, ['bash', 'bash']);
  });

  it('end a foreground command with its turn', async () => {
    run = await ApiRun.create({
      steps: [{ reply: [call('bash', { command: 'setsid sleep 1000 & echo ready; sleep 1000' }, 'toolu_1')] }],
      tools: tools(),
      context: { cwd, sessionId: 's' },
    });
    run.start();
    await run.untilType('toolOutput');
    await run.runtime.interrupt();
    assert.equal((await run.turnEnd()).type, 'turnCancelled');
    assert.match(told('toolu_1'), /^ready\n\[killed\] the command was ended, because the turn was cancelled$/);
    assert.deepEqual([shells.registry.list(), shells.processes()], [[], []]);
  });
});
