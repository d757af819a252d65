import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { call, say, think } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentStage } from './agentStage.ts';

const dummyKey = 'not-a-key-but-a-dummy';

describe('Claude by API key in VS Code', () => {
  let stage: AgentStage;

  before(async () => {
    stage = await AgentStage.create();
    await stage.set('runtimes.anthropic.baseUrl', stage.model.url);
  });

  after(async () => {
    delete process.env['ANTHROPIC_API_KEY'];
    await stage.set('runtimes.anthropic.baseUrl', undefined);
    await stage.close();
  });

  it('says that there is no key yet, and what to do', async () => {
    delete process.env['ANTHROPIC_API_KEY'];
    await assert.rejects(stage.api.start({ runtime: 'anthropic', prompt: 'hello' }), { code: 'notLoggedIn' });
    assert.equal(stage.model.requests.length, 0);
  });

  it('answers with a key from the environment, and goes on', async () => {
    process.env['ANTHROPIC_API_KEY'] = dummyKey;
    stage.model.play([{ reply: [think('Hm.'), say('Hello from the model.')] }, { reply: [say('Still here.')] }]);
    const { id, model } = await stage.api.start({ runtime: 'anthropic', prompt: 'Say hello' });
    assert.equal(model, 'claude-sonnet-5-5');
    const ended = await stage.api.whenSettled(id);
    assert.deepEqual([ended.state, ended.name, ended.usage?.costIsEstimate], ['done', 'Say hello', true]);
    await stage.api.send(id, 'And now?');
    await stage.api.whenSettled(id);
    assert.deepEqual(
      (await stage.api.transcript(id)).map(({ role, parts }) => [role, parts.map((part) => part.type).join(' ')]),
      [
        ['user', 'text'],
        ['assistant', 'reasoning text'],
        ['user', 'text'],
        ['assistant', 'text'],
      ],
    );
    assert.equal(stage.model.main.at(-1)?.headers['authorization'], `Bearer ${dummyKey}`);
    assert.equal(stage.model.main.at(-1)?.body.messages.length, 3);
  });

  it('reads and edits what is open in an editor, so that it can be undone there', async () => {
    const file = vscode.Uri.file(path.join(stage.folder, 'opened.txt'));
    await vscode.workspace.fs.writeFile(file, Buffer.from('one\r\ntwo\r\n'));
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'zero\r\n'));
    await stage.set('saveBeforeTurn', 'never');
    stage.model.play([
      { reply: [call('read_file', { path: 'opened.txt' }, 'toolu_read')] },
      { reply: [call('edit_file', { path: 'opened.txt', old_text: 'zero\none', new_text: 'none' }, 'toolu_edit')] },
      { reply: [say('Edited.')] },
    ]);
    try {
      const { id } = await stage.api.start({ runtime: 'anthropic', prompt: 'Edit it' });
      const asked = await eventually(
        () => stage.api.approvals().find((approval) => approval.sessionId === id),
        'the request',
        30_000,
      );
      assert.equal(asked.toolName, 'edit_file');
      await stage.api.decide(asked.id, 'allowOnce');
      assert.equal((await stage.api.whenSettled(id)).state, 'done');
      assert.match(JSON.stringify(stage.model.main.at(-1)?.body.messages), /1\\tzero/);
      assert.equal(document.getText(), 'none\r\ntwo\r\n');
      await eventually(() => !document.isDirty, 'VS Code knows that it is saved');
      assert.equal(Buffer.from(await vscode.workspace.fs.readFile(file)).toString(), 'none\r\ntwo\r\n');
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), 'zero\r\none\r\ntwo\r\n');
    } finally {
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
      await stage.set('saveBeforeTurn', undefined);
      await vscode.workspace.fs.delete(file);
    }
  });

  it('searches with VS Code\u2019s own ripgrep, and is told what the folder wants of an agent', async () => {
    const file = vscode.Uri.file(path.join(stage.folder, 'AGENTS.md'));
    await vscode.workspace.fs.writeFile(file, Buffer.from('Always speak of needles.'));
    stage.model.play([
      { reply: [call('grep', { pattern: 'speak of n.edles' }, 'toolu_grep')] },
      { reply: [say('Found.')] },
    ]);
    try {
      const { id } = await stage.api.start({ runtime: 'anthropic', prompt: 'Search' });
      assert.equal((await stage.api.whenSettled(id)).state, 'done');
      const { system, messages } = stage.model.main.at(-1)?.body ?? {};
      assert.match(system[0].text, /# Instructions from .*AGENTS\.md\n\nAlways speak of needles\./);
      assert.equal(messages.at(-1).content[0].content[0].text, 'AGENTS.md:1: Always speak of needles.');
    } finally {
      await vscode.workspace.fs.delete(file);
    }
  });

  it('uses the model of the settings, and takes its address from no workspace', async () => {
    await stage.set('runtimes.anthropic.model', 'claude-opus-5-5');
    const workspace = vscode.workspace.getConfiguration('greenroom');
    await assert.rejects(
      Promise.resolve(
        workspace.update('runtimes.anthropic.baseUrl', 'http://127.0.0.1:9', vscode.ConfigurationTarget.Workspace),
      ),
    );
    try {
      stage.model.play([{ reply: [say('Opus here.')] }]);
      const { id } = await stage.api.start({ runtime: 'anthropic', prompt: 'Who are you?' });
      assert.equal((await stage.api.whenSettled(id)).state, 'done');
      assert.equal(stage.model.main.at(-1)?.body.model, 'claude-opus-5-5');
    } finally {
      await stage.set('runtimes.anthropic.model', undefined);
    }
  });

  it('ends a turn at the limits of the settings, and says which', async () => {
    stage.model.play([() => ({ reply: [call('list_files', {})] })]);
    await stage.set('maxSteps', 2);
    try {
      const { id } = await stage.api.start({ runtime: 'anthropic', prompt: 'Look for ever' });
      const ended = await stage.api.whenSettled(id);
      assert.deepEqual(
        [ended.state, ended.reasonCode, ended.reason],
        ['error', 'maxSteps', 'The turn reached its limit of 2 steps.'],
      );
      await stage.set('maxSteps', undefined);
      await stage.set('budgetUsd', 0.002);
      await stage.api.send(id, 'Go on');
      const spent = await stage.api.whenSettled(id);
      assert.deepEqual(
        [spent.state, spent.reasonCode, spent.reason],
        ['error', 'budget', 'The session has cost $0.00; its budget is $0.00.'],
      );
    } finally {
      await stage.set('maxSteps', undefined);
      await stage.set('budgetUsd', undefined);
    }
  });

  it('names the setting where the address is not the service', async () => {
    stage.model.play([{ raw: '<!doctype html><html>Sign in</html>', contentType: 'text/html' }]);
    const { id } = await stage.api.start({ runtime: 'anthropic', prompt: 'Who is there?' });
    const ended = await stage.api.whenSettled(id);
    assert.deepEqual([ended.state, ended.reasonCode], ['error', 'badSetting']);
    assert.match(ended.reason ?? '', /greenroom\.runtimes\.anthropic\.baseUrl/);
  });
});
