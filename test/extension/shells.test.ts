import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { call, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentStage } from './agentStage.ts';

describe('Background shells', () => {
  let stage: AgentStage;
  before(async () => {
    stage = await AgentStage.create();
  });
  afterEach(() => vscode.commands.executeCommand('greenroom.killAllShells'));
  after(() => stage.close());

  const isAlive = (pid: number | undefined): boolean => {
    assert.ok(pid !== undefined && pid > 1);
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const foreground = (): string => {
    const found = stage.api.sessions().find(({ place }) => place === 'foreground');
    assert.ok(found);
    return found.id;
  };
  const statusOf = (id: string) => stage.api.shells().find((shell) => shell.id === id)?.status;
  /** Everything that is stored of a shell's output. */
  const outputOf = async (id: string): Promise<string> => {
    let text = '';
    for (let offset = 0; ;) {
      const read = await stage.api.readShell(id, offset);
      if (read.nextOffset === offset) {
        return text;
      }
      text += read.text;
      offset = read.nextOffset;
    }
  };

  it('are started, read at an offset and killed by other extensions', async () => {
    const changes: string[] = [];
    const listening = stage.api.onDidChange(({ shellId }) => changes.push(shellId ?? ''));
    const shell = await stage.api.startShell(foreground(), 'echo one; echo two >&2; exec sleep 600');
    assert.match(shell.id, /^[0-9a-f]{32}$/);
    assert.deepEqual([shell.status, shell.tty, shell.sessionId], ['running', false, foreground()]);
    await eventually(async () => (await outputOf(shell.id)).includes('two'), 'both lines');
    assert.deepEqual(await stage.api.readShell(shell.id, 4), { text: 'two\n', nextOffset: 8, dropped: 0 });
    assert.equal(isAlive(shell.pid), true);
    assert.equal(await stage.api.killShell(shell.id), true);
    assert.equal(isAlive(shell.pid), false);
    const ended = stage.api.shells().find(({ id }) => id === shell.id);
    assert.deepEqual([ended?.status, ended?.exitCode, ended?.lastLine], ['killed', 143, 'two']);
    assert.equal(await stage.api.killShell(shell.id), false);
    assert.ok(changes.includes(shell.id));
    listening.dispose();
  });

  it('are refused past the cap, for an unknown session and with an unknown id', async () => {
    await stage.set('shells.maxRunning', 1);
    const { id } = await stage.api.startShell(foreground(), 'exec sleep 600');
    await assert.rejects(stage.api.startShell(foreground(), 'true'), { code: 'shellCapReached', data: { max: 1 } });
    await stage.set('shells.maxRunning', undefined);
    await assert.rejects(stage.api.startShell('nobody', 'true'), { code: 'unknownSession' });
    await assert.rejects(stage.api.killShell('0'.repeat(32)), { code: 'unknownShell' });
    await assert.rejects(stage.api.readShell('0'.repeat(32)), { code: 'unknownShell' });
    assert.equal(await stage.api.killShell(id), true);
  });

  it('stay with an otherwise empty session, and end when it is dropped', async () => {
    const shell = await stage.api.startShell(foreground(), 'exec sleep 600');
    const slot = await stage.api.moveToBackground();
    assert.equal(stage.api.session(shell.sessionId)?.slot, slot);
    await stage.api.drop(shell.sessionId);
    assert.equal(isAlive(shell.pid), false);
    await eventually(() => statusOf(shell.id) !== 'running', 'the shell is told as ended');
  });

  it('are the agent’s: started, read in two steps and killed by a model, each after an approval', async () => {
    let id = '';
    const shellIdIn = (body: unknown): string => /id: ([0-9a-f]{32})/.exec(JSON.stringify(body))?.[1] ?? id;
    stage.model.play([
      {
        reply: [
          call('mcp__greenroom__bash', {
            command: 'echo ready; sleep 1; echo more; exec sleep 600',
            background: true,
          }),
        ],
      },
      ({ body }) => {
        id = shellIdIn(body.messages);
        return { reply: [call('mcp__greenroom__bash_output', { id, wait_ms: 5_000 })] };
      },
      () => ({ reply: [call('mcp__greenroom__bash_output', { id, wait_ms: 10_000 })] }),
      () => ({ reply: [call('mcp__greenroom__kill_shell', { id })] }),
      { reply: [say('The server is down again.')] },
    ]);
    const session = await stage.api.start({ prompt: 'Start the server', background: true });
    const approving = stage.api.onDidChange(() => {
      for (const { id: approval, sessionId } of stage.api.approvals()) {
        if (sessionId === session.id) {
          void stage.api.decide(approval, 'allowOnce').catch(() => undefined);
        }
      }
    });
    const ended = await stage.api.whenSettled(session.id);
    approving.dispose();
    assert.equal(ended.state, 'done', ended.reason);
    const results = stage.model.main.map(({ body }) => JSON.stringify(body.messages));
    assert.match(results.at(-3) ?? '', /ready/);
    assert.match(results.at(-2) ?? '', /more/);
    assert.match(results.at(-1) ?? '', new RegExp(`killed background shell ${id}`));
    const shell = stage.api.shells().find((candidate) => candidate.id === id);
    assert.deepEqual([shell?.status, shell?.sessionId], ['killed', session.id]);
    assert.equal(isAlive(shell?.pid), false);
    await stage.api.drop(session.id);
  });

  it('tell the agent once how they ended, with the next message', async () => {
    stage.model.play([{ reply: [say('First.')] }, { reply: [say('Second.')] }, { reply: [say('Third.')] }]);
    const { id } = await stage.api.start({ prompt: 'one', background: true });
    await stage.api.whenSettled(id);
    const shell = await stage.api.startShell(id, 'echo built; exit 3');
    await eventually(() => statusOf(shell.id) === 'exited', 'the shell ended');
    await stage.api.send(id, 'two');
    await stage.api.whenSettled(id);
    await stage.api.send(id, 'three');
    await stage.api.whenSettled(id);
    const lastPrompt = (index: number) => JSON.stringify(stage.model.main.at(index)?.body.messages);
    assert.match(lastPrompt(-2), new RegExp(`${shell.id}[^]*exit code: 3[^]*built[^]*two`));
    assert.equal(lastPrompt(-1).split('exit code: 3').length, 2);
    const notices = (await stage.api.transcript(id)).filter(({ role }) => role === 'notice');
    assert.deepEqual(
      notices.map(({ parts }) => parts),
      [[{ type: 'notice', text: 'The agent was told how background shells ended.' }]],
    );
    await stage.api.drop(id);
  });

  it('wake an idle session where that is wanted', async () => {
    await stage.set('shells.onExit', 'wake');
    stage.model.play([{ reply: [say('First.')] }, { reply: [say('I saw that it ended.')] }]);
    const { id } = await stage.api.start({ prompt: 'one', background: true });
    await stage.api.whenSettled(id);
    await stage.api.startShell(id, 'echo over');
    await eventually(
      async () => JSON.stringify(await stage.api.transcript(id)).includes('I saw that it ended.'),
      'the turn that the end began',
    );
    await stage.set('shells.onExit', undefined);
    await stage.api.whenSettled(id);
    await stage.api.drop(id);
  });

  it('are shown in a terminal that follows, is opened late and twice, and takes input', async () => {
    const id = (await vscode.commands.executeCommand('greenroom.startShell', {
      command: 'printf "name? "; read name; echo "hello $name"; exec sleep 600',
    })) as string;
    const terminal = await eventually(
      () => vscode.window.terminals.find(({ name }) => name.startsWith('printf')),
      'the terminal',
    );
    await eventually(async () => (await outputOf(id)).includes('name?'), 'the question');
    terminal.sendText('Ada');
    await eventually(async () => (await outputOf(id)).includes('hello Ada'), 'the answer');
    await vscode.commands.executeCommand('greenroom.showShell', id);
    assert.equal(vscode.window.terminals.filter(({ name }) => name.startsWith('printf')).length, 1);
    terminal.dispose();
    await eventually(() => !vscode.window.terminals.includes(terminal), 'the terminal to close');
    assert.equal(statusOf(id), 'running');
    await vscode.commands.executeCommand('greenroom.showShell', id);
    await eventually(() => vscode.window.terminals.find(({ name }) => name.startsWith('printf')), 'it comes back');
    assert.equal(await vscode.commands.executeCommand('greenroom.killShell', id), true);
    vscode.window.terminals.find(({ name }) => name.startsWith('printf'))?.dispose();
  });
});
