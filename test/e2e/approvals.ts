import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { call, say } from '../modelServer/steps.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';

/** Modes, rules and answers that stay, as a person meets them. `run(ls)` is allowed by the settings. */
export function describeApprovals(place: () => AgentWorkbench): void {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = place();
    chat = await agent.openChat();
  });

  const bash = (command: string) => call('Bash', { command, description: 'd' });
  const file = (name: string): string => path.join(agent.folder, name);
  const button = (name: string): Locator => chat.getByRole('button', { name, exact: true, disabled: false });
  const done = (): Promise<void> => chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
  const hasText = (text: string): Promise<void> => chat.getByText(text, { exact: true }).last().waitFor();

  const newSession = (): Promise<void> => agent.newSession(chat);

  it('say what an answer would allow, keep "always" for the next session, and show why nothing was asked', async () => {
    agent.model.play([{ reply: [bash('touch one')] }, { reply: [say('First.')] }]);
    await agent.send(chat, 'Make one');
    await button('Always approve').waitFor();
    await chat
      .getByText('For this session, or always in this workspace, you would allow: this exact command.')
      .waitFor();
    await agent.workbench.screenshot('approvals-card');
    await button('Always approve').click();
    await hasText('First.');
    assert.ok(existsSync(file('one')));

    await newSession();
    agent.model.play([{ reply: [bash('touch one')] }, { reply: [bash('ls; touch two')] }, { reply: [say('Second.')] }]);
    await agent.send(chat, 'Make it again');
    await button('Reject').waitFor();
    await chat.getByText('It runs a command that no rule allows: touch two').waitFor();
    await button('Reject').click();
    await hasText('Second.');
    assert.equal(existsSync(file('two')), false);
    await chat.getByRole('group', { name: 'Bash, completed' }).getByRole('button').first().click();
    await chat.getByText('allowed without asking: you always allow it in this workspace').last().waitFor();
    await agent.workbench.screenshot('approvals-reason');
  });

  it('list what is always approved, and take it back', async () => {
    await agent.workbench.runCommand('Greenroom: Manage Approvals');
    const row = agent.workbench.quickPickRows('touch one');
    await row.waitFor();
    await agent.workbench.screenshot('approvals-manage');
    await row.click();
    await agent.workbench.page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    await newSession();
    agent.model.play([{ reply: [bash('touch one')] }, { reply: [say('Third.')] }]);
    await agent.send(chat, 'Once more');
    await button('Reject').click();
    await hasText('Third.');
    await agent.workbench.runCommand('Greenroom: Manage Approvals');
    await agent.workbench.notification('Nothing is always approved in this workspace.').waitFor();
    await agent.workbench.runCommand('Notifications: Clear All Notifications');
  });

  it('switch by Shift+Tab to accepting edits, and protect what is protected all the same', async () => {
    await newSession();
    const box = chat.getByRole('textbox', { name: 'Message' });
    await box.press('Shift+Tab');
    await button('Mode: Accept edits').waitFor();
    agent.model.play([
      { reply: [call('Write', { file_path: file('edited.md'), content: 'x\n' })] },
      { reply: [call('Write', { file_path: file('.vscode/settings.json'), content: '{}\n' })] },
      { reply: [say('Fourth.')] },
    ]);
    await agent.send(chat, 'Edit');
    await button('Reject').waitFor();
    assert.ok(existsSync(file('edited.md')));
    assert.equal(await button('Always approve').count(), 0);
    assert.equal(await button('Approve for this session').count(), 0);
    await agent.workbench.screenshot('approvals-protected');
    await button('Reject').click();
    await hasText('Fourth.');
    assert.equal(existsSync(file('.vscode/settings.json')), false);
  });

  it('enter Auto only after the risk was named and confirmed', async () => {
    const dialog = agent.workbench.dialog();
    const chooseAuto = async (): Promise<void> => {
      await chat.getByRole('button', { name: /^Mode: / }).click();
      await agent.workbench.quickPickRows('Auto: does everything').click();
      await dialog.getByText('talk it into deleting your work').waitFor();
    };
    await chooseAuto();
    await agent.workbench.screenshot('approvals-auto-dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await button('Mode: Accept edits').waitFor();
    await chooseAuto();
    await dialog.getByRole('button', { name: 'Use Auto in This Session' }).click();
    await button('Mode: Auto').waitFor();
    agent.model.play([{ reply: [bash('touch auto')] }, { reply: [say('Fifth.')] }]);
    await agent.send(chat, 'Do it all');
    await hasText('Fifth.');
    assert.ok(existsSync(file('auto')));
    await agent.workbench.screenshot('approvals-auto');
    await chat.getByRole('textbox', { name: 'Message' }).press('Shift+Tab');
    await button('Mode: Plan').waitFor();
  });

  it('ask once in a workspace whether the settings mean it that ask for Auto', async () => {
    agent.workbench.changeSettings({ 'greenroom.approvals.mode': 'auto' });
    const dialog = agent.workbench.dialog();
    agent.model.play([
      { reply: [bash('touch by-settings')] },
      { reply: [say('Sixth.')] },
      { reply: [bash('touch by-settings-2')] },
      { reply: [say('Seventh.')] },
    ]);
    await newSession();
    await button('Mode: Ask').waitFor();
    await agent.send(chat, 'Go');
    await dialog.getByRole('button', { name: 'Use Auto in This Workspace' }).click();
    await hasText('Sixth.');
    await button('Mode: Auto').waitFor();
    await newSession();
    await button('Mode: Auto').waitFor();
    await agent.send(chat, 'Go on');
    await hasText('Seventh.');
    assert.deepEqual([existsSync(file('by-settings')), existsSync(file('by-settings-2'))], [true, true]);
    await done();
  });
}
