import assert from 'node:assert/strict';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { call, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

describe('The first minutes with Greenroom', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    const settings = { 'greenroom.runtimes.claudeCode.command': '/nowhere/claude' };
    agent = await AgentWorkbench.start({ 'notes.md': '# Notes\n' }, { theme: 'light', settings });
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  const sideBar = () => agent.workbench.page.locator('.part.sidebar');

  it('show the chat unasked, once', async () => {
    chat = agent.workbench.chat();
    await chat.getByRole('textbox', { name: 'Message' }).waitFor();
    await agent.workbench.openContainer('Greenroom');
    const { page } = agent.workbench;
    const bar = page.locator('.part.auxiliarybar');
    // The workbench writes down that its bar was closed when it loses the focus, or after some seconds: a reload that comes
    // before shows it again.
    let patienceMs = 250;
    await eventually(
      async () => {
        await agent.workbench.runCommand('View: Toggle Secondary Side Bar Visibility');
        await bar.waitFor({ state: 'hidden' });
        await page.evaluate(() => {
          document.hasFocus = () => false;
          window.dispatchEvent(new Event('blur'));
        });
        await page.waitForTimeout((patienceMs *= 2));
        await agent.workbench.reload();
        await sideBar().getByText('Claude Code was not found on this machine.').waitFor();
        return !(await bar.isVisible());
      },
      'the chat to stay closed',
      60_000,
    );
  });

  it('say that no agent was found, where, and what to do', async () => {
    await agent.openChat();
    await chat.getByText('Claude Code was not found').waitFor();
    for (const name of ['How to Install', 'Open Settings', 'Check Again', 'Try the Demo']) {
      await chat.getByRole('button', { name }).waitFor();
    }
    await agent.workbench.openContainer('Greenroom');
    await sideBar().getByText('Claude Code was not found on this machine.').waitFor();
    await agent.workbench.screenshot('first-notFound-light');
  });

  it('say which agent was found once there is one, in every theme', async () => {
    agent.workbench.changeSettings({ 'greenroom.runtimes.claudeCode.command': claudeCli() });
    await chat.getByText(/^Claude Code \d+\.\d+\.\d+$/).waitFor();
    await chat.getByText('Key from the environment: ANTHROPIC_API_KEY').waitFor();
    await sideBar().getByText('Your agent is ready.').waitFor();
    for (const theme of ['dark', 'highContrast', 'light'] as const) {
      await agent.workbench.setTheme(theme);
      await agent.workbench.screenshot(`first-ready-${theme}`);
    }
  });

  it('have a list of checks that shows no key', async () => {
    await agent.workbench.runCommand('Greenroom: Doctor');
    const editor = agent.workbench.page.locator('.monaco-editor .view-lines').first();
    await editor.getByText('Greenroom: state of health').waitFor();
    await agent.workbench.screenshot('doctor-light');
    const text = await editor.innerText();
    assert.doesNotMatch(text.replaceAll('\u00a0', ' '), /not-a-key-but-a-dummy/);
    await agent.workbench.runCommand('View: Close All Editors');
  });

  it('approve by keys while the chat has the focus, and rename in the tree by F2', async () => {
    const { page } = agent.workbench;
    agent.model.play([
      { reply: [call('Write', { file_path: path.join(agent.folder, 'a.txt'), content: 'a\n' })] },
      { reply: [say('Written.')] },
    ]);
    await agent.send(chat, 'Write a file');
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
    await agent.workbench.statusItem('1').waitFor();
    await agent.workbench.screenshot('first-asks-light');
    await page.keyboard.press('Control+Alt+Enter');
    await chat.getByText('Written.').waitFor();
    await agent.workbench.runCommand('Greenroom: Focus on Sessions View');
    await eventually(async () => {
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('F2');
      return (await agent.workbench.quickInput().inputValue({ timeout: 3_000 })) === 'Write a file';
    }, 'the name to change');
    await agent.workbench.quickInput().fill('A file');
    await page.keyboard.press('Enter');
    await agent.workbench.treeRows('A file').first().waitFor();
  });

  it('lead through a walkthrough, which has checked off by itself what was done', async () => {
    await agent.workbench.runCommand('Greenroom: Open Walkthrough');
    await agent.workbench.page.getByText('Get Started with Greenroom').first().waitFor();
    await agent.workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await agent.workbench.runCommand('View: Toggle Secondary Side Bar Visibility');
    await agent.workbench.page.locator('.getting-started-media svg, .getting-started-media iframe').first().waitFor();
    const isDone = (step: string) =>
      agent.workbench.page
        .locator(`.getting-started-step[data-step-id$="#${step}"]`)
        .evaluate((row) => row.getAttribute('aria-checked') === 'true');
    // Found, told something, and approved, before the walkthrough was looked at.
    await eventually(
      async () => (await Promise.all(['agent', 'chat', 'decide'].map(isDone))).every(Boolean),
      'the checks of three steps',
      30_000,
    );
    assert.equal(await isDone('background'), false);
    await agent.workbench.screenshot('walkthrough-light');
    await agent.workbench.runCommand('Greenroom: Move to Background');
    await eventually(() => isDone('background'), 'the check of the fourth step');
  });
});
