import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import { call, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

/** Colours that the command makes itself. */
const server = `printf '\\033[32mready\\033[0m on port 1\\n'; while sleep 3; do echo tick; done`;

describe('Background shells in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'notes.md': '# Notes\n' },
      { theme: 'light', settings: { 'terminal.integrated.gpuAcceleration': 'off' } },
    );
    chat = await agent.openChat();
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-shells-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  const terminal = () => agent.workbench.page.locator('.terminal-wrapper.active .xterm');

  it('are asked for with their whole command, and shown in the tree, in the status bar and in /tasks', async () => {
    agent.model.play([
      { reply: [call('mcp__greenroom__bash', { command: server, background: true })] },
      { reply: [say('The server runs.')] },
    ]);
    await agent.send(chat, 'Start the server');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true, disabled: false });
    await approve.waitFor();
    await chat.getByText('on port 1').first().waitFor();
    await agent.workbench.screenshot('shells-approval-light');
    await approve.click();
    await chat.getByText('The server runs.').waitFor();
    await agent.workbench.openContainer('Greenroom');
    const row = agent.workbench.treeRows('ready').first();
    await row.waitFor();
    await row.filter({ hasText: 'tick' }).waitFor();
    await agent.workbench.page.locator('.part.statusbar [aria-label*="1 background shell runs"]').first().waitFor();
    await agent.send(chat, '/tasks');
    await chat.getByText('1 background shell').first().waitFor();
    await agent.workbench.screenshot('shells-tree-light');
  });

  it('open in a terminal that has what was said before, in colour, and follows', async () => {
    await agent.workbench.treeRows('ready').first().click();
    await terminal().waitFor();
    await terminal().getByText('ready').first().waitFor();
    await terminal().getByText('tick').first().waitFor();
    await agent.workbench.screenshot('shells-terminal-light');
    await agent.workbench.setTheme('dark');
    await agent.workbench.screenshot('shells-terminal-dark');
  });

  it('end by a click, and the status bar is empty again', async () => {
    const row = agent.workbench.treeRows('ready').first();
    await row.hover();
    await row.locator('.action-label[aria-label*="Kill Shell"]').first().click();
    await row.filter({ hasText: 'killed' }).waitFor();
    await agent.workbench.page
      .locator('.part.statusbar [aria-label*="background shell"]')
      .first()
      .waitFor({ state: 'hidden' });
    await terminal().getByText('killed').first().waitFor();
    await agent.workbench.screenshot('shells-killed-dark');
  });

  it('can be started by the person, take input, and give their output to the agent', async () => {
    await agent.workbench.runCommand('Greenroom: Start a Background Shell…');
    await agent.workbench.quickInput().fill('printf "name? "; read name; echo "hello $name"');
    await agent.workbench.page.keyboard.press('Enter');
    await terminal().getByText('name?').first().waitFor();
    await terminal().click();
    await agent.workbench.page.keyboard.type('Ada');
    await agent.workbench.page.keyboard.press('Enter');
    await terminal().getByText('hello Ada').first().waitFor();
    await terminal().getByText('exited').first().waitFor();
    await agent.workbench.runCommand('Greenroom: Hand Output to the Agent…');
    await agent.workbench.quickPickRows('printf').first().click();
    const box = chat.getByRole('textbox', { name: 'Message' });
    await eventually(async () => (await box.inputValue()).includes('hello Ada'), 'the output in the composer');
    assert.match(await box.inputValue(), /^Output of `printf/);
    await agent.workbench.screenshot('shells-handed-dark');
  });
});
