import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { call, say } from '../modelServer/steps.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

describe('An approval that a reload cut off', () => {
  let agent: AgentWorkbench;

  before(async () => {
    agent = await AgentWorkbench.start({ 'notes.md': '# Notes\n' });
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot('failed-interrupted-approval');
    }
  });

  it('is shown again, and approving it continues the turn with that call', async () => {
    const file = path.join(agent.folder, 'made.txt');
    const write = call('Write', { file_path: file, content: 'made\n' });
    agent.model.play([{ reply: [say('I will write.'), write] }]);
    let chat = await agent.openChat();
    await agent.send(chat, 'Write a file');
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
    await agent.workbench.reload();
    chat = await agent.openChat();
    await chat.getByText('The turn was cut off while this waited').waitFor();
    await agent.workbench.screenshot('interrupted-approval');
    assert.equal(existsSync(file), false);
    agent.model.play([
      { reply: [call('Write', { file_path: file, content: 'made\n' })] },
      { reply: [say('Written.')] },
    ]);
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
    await chat.getByText('Written.', { exact: true }).waitFor();
    assert.equal(readFileSync(file, 'utf8'), 'made\n');
    await agent.workbench.screenshot('interrupted-approval-done');
  });
});
