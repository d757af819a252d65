import type { FrameLocator } from 'playwright-core';
import { say } from '../modelServer/steps.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

describe('Stored sessions in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start({ 'notes.md': '# Notes\n' });
    chat = await agent.openChat();
    for (const [question, answer] of [
      ['Tell of fruit', 'Apples grow on trees.\nThe quick brown fox eats none.'],
      ['Tell of roots', 'Carrots grow below.'],
    ] as const) {
      await agent.workbench.runCommand('Greenroom: New Session');
      agent.model.play([{ reply: [say(answer)] }]);
      await agent.send(chat, question);
      await chat.getByText(answer.split('\n')[0] ?? '').waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    }
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  it('are found by what was said in them', async () => {
    await agent.workbench.runCommand('Greenroom: Open Stored Session');
    await agent.workbench.quickInput().fill('brown FOX');
    const row = agent.workbench.quickPickRows('The quick brown fox eats none.').first();
    await row.waitFor();
    await agent.workbench.screenshot('stored-search');
    await row.click();
    await chat.getByText('Apples grow on trees.').waitFor();
  });

  it('are deleted, and come back by Undo', async () => {
    await agent.workbench.runCommand('Greenroom: Delete Session');
    await agent.workbench.quickPickRows('Tell of roots').first().click();
    const said = agent.workbench.notification(/'Tell of roots' was deleted/);
    await said.waitFor();
    await agent.workbench.openContainer('Greenroom');
    await agent.workbench.treeRows('Tell of roots').waitFor({ state: 'detached' });
    await agent.workbench.screenshot('stored-deleted');
    await said.getByRole('button', { name: 'Undo' }).click();
    await agent.workbench.treeRows('Tell of roots').first().waitFor();
  });

  it('are exported to a file that is opened', async () => {
    await agent.workbench.runCommand('Greenroom: Export Session');
    await agent.workbench.quickPickRows('Tell of fruit').first().click();
    await agent.workbench.quickPickRows('Markdown').first().click();
    const input = agent.workbench.quickInput();
    await input.waitFor();
    await agent.workbench.screenshot('stored-export');
    await agent.workbench.page.keyboard.press('Enter');
    await agent.workbench.page.locator('.tab').filter({ hasText: 'Tell-of-fruit.md' }).first().waitFor();
    await agent.workbench.screenshot('stored-exported');
  });
});
