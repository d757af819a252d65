import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { say, think } from '../modelServer/steps.ts';
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
});
