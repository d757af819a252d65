import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { call, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';
import { describeApprovals } from './approvals.ts';

describe('The chat in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'notes.md': '# Notes\n\n- first\n' },
      { theme: 'light', settings: { 'greenroom.approvals.allow': ['run(ls)'] } },
    );
    chat = await agent.openChat();
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  const file = (name: string): string => path.join(agent.folder, name);
  /** Usable only a moment after the card has appeared, so that nobody approves by accident. */
  const approve = () => chat.getByRole('button', { name: 'Approve', exact: true, disabled: false });
  const status = (text: string) => chat.getByRole('status').filter({ hasText: text });

  it('asks the agent’s question with its choices, and gives the answer back', async () => {
    const question = {
      question: 'Which database should it use?',
      header: 'Database',
      multiSelect: false,
      options: [
        { label: 'SQLite', description: 'A file, nothing to run' },
        { label: 'PostgreSQL', description: 'A server, for many writers' },
      ],
    };
    agent.model.play([
      { reply: [say('One question first.'), call('AskUserQuestion', { questions: [question] })] },
      { reply: [say('PostgreSQL it is.')] },
    ]);
    await agent.send(chat, 'Add a database');
    await chat.getByText('Which database should it use?').first().waitFor();
    await status('Waiting for your answer').waitFor();
    await agent.workbench.screenshot('question-light');
    await chat.getByRole('radio', { name: /PostgreSQL/ }).check();
    await chat.getByRole('button', { name: 'Answer' }).click();
    await chat.getByText('PostgreSQL it is.').waitFor();
    assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /PostgreSQL/);
  });

  it('lets an approval be given and refused by keyboard alone', async () => {
    const write = (name: string) => call('Write', { file_path: file(name), content: `${name}\n` });
    agent.model.play([{ reply: [write('one.txt')] }, { reply: [write('two.txt')] }, { reply: [say('One of two.')] }]);
    await agent.send(chat, 'Write two files');
    const box = chat.getByRole('textbox', { name: 'Message' });
    await chat.getByText(file('one.txt')).first().waitFor();
    await approve().waitFor();
    await box.press('Control+Enter');
    await chat.getByText(file('two.txt')).first().waitFor();
    await approve().waitFor();
    await box.press('Control+Backspace');
    await chat.getByText('One of two.').waitFor();
    assert.deepEqual([existsSync(file('one.txt')), existsSync(file('two.txt'))], [true, false]);
  });

  it('runs a command after asking, with the whole command on the card', async () => {
    agent.model.play([
      {
        reply: [call('Bash', { command: 'echo made by bash > bash.txt && cat bash.txt', description: 'Write a file' })],
      },
      { reply: [say('It ran.')] },
    ]);
    await agent.send(chat, 'Run a command');
    await chat.getByText('echo made by bash > bash.txt && cat bash.txt').first().waitFor();
    await agent.workbench.screenshot('command-approval-light');
    assert.equal(existsSync(file('bash.txt')), false);
    await approve().click();
    await chat.getByText('It ran.').waitFor();
    assert.equal(readFileSync(file('bash.txt'), 'utf8'), 'made by bash\n');
    const call_ = chat.getByRole('group', { name: /^Bash, completed/ }).last();
    await call_.getByRole('button').first().click();
    await call_.getByText('made by bash').last().waitFor();
  });

  it('reads only in plan mode, and leaves it when the plan is approved', async () => {
    agent.model.play([
      { reply: [call('Write', { file_path: file('planned.txt'), content: 'too early' })] },
      { reply: [call('ExitPlanMode', { plan: '## Plan\n\n1. Write `planned.txt`\n2. Read it back' })] },
      { reply: [call('Write', { file_path: file('planned.txt'), content: 'now\n' })] },
      { reply: [say('Carried out.')] },
    ]);
    await agent.workbench.runCommand('Greenroom: Select Mode');
    await agent.workbench.quickPickRows('Plan').first().click();
    await agent.send(chat, 'Plan it');
    await chat.getByText('Read it back').first().waitFor();
    await agent.workbench.screenshot('plan-light');
    assert.equal(existsSync(file('planned.txt')), false);
    await approve().click();
    await chat.getByText(file('planned.txt')).first().waitFor();
    await approve().click();
    await chat.getByText('Carried out.').waitFor();
    assert.equal(readFileSync(file('planned.txt'), 'utf8'), 'now\n');
  });

  it('opens an edit in the diff editor', async () => {
    agent.model.play([
      { reply: [call('Read', { file_path: file('notes.md') })] },
      {
        reply: [call('Edit', { file_path: file('notes.md'), old_string: '- first', new_string: '- first\n- second' })],
      },
      { reply: [say('Edited.')] },
    ]);
    await agent.send(chat, 'Add a note');
    await chat.getByRole('button', { name: 'Open diff' }).first().waitFor();
    await approve().click();
    await chat.getByText('Edited.', { exact: true }).waitFor();
    await chat.getByRole('button', { name: 'Open diff' }).last().click();
    await agent.workbench.page.locator('.monaco-diff-editor').first().waitFor();
    await agent.workbench.screenshot('diff-light');
  });

  it('shows the same session in an editor tab', async () => {
    await agent.workbench.runCommand('Greenroom: Open Chat in Editor');
    const inEditor = agent.workbench.chat('editor');
    await inEditor.getByText('Edited.', { exact: true }).waitFor();
    agent.model.play([{ reply: [say('Seen in both.')] }]);
    await agent.send(inEditor, 'And now?');
    await inEditor.getByText('Seen in both.').waitFor();
    await chat.getByText('Seen in both.').waitFor();
    await agent.workbench.screenshot('editor-light');
  });

  it('lists the sessions, the one on stage first, and brings one back by a click', async () => {
    await agent.newSession(chat);
    agent.model.play([{ reply: [say('A second conversation.')] }]);
    await agent.send(chat, 'Something else');
    await chat.getByText('A second conversation.').waitFor();
    await agent.workbench.openContainer('Greenroom');
    await agent.workbench.treeRows('Something else').first().waitFor();
    await agent.workbench.screenshot('tree-light');
    const names = await agent.workbench.treeRows().allInnerTexts();
    assert.match(names[0] ?? '', /Something else/);
    assert.match(names[1] ?? '', /Add a database/);
    await agent.workbench.treeRows('Add a database').first().click();
    await chat.getByText('Seen in both.').waitFor();
  });

  it('sends a session to the background while it works, and takes it back with all that it said', async () => {
    await agent.newSession(chat);
    const go = Promise.withResolvers<void>();
    agent.model.play([{ reply: [say('Said on stage. Said behind it.')], pause: { atChunk: 2, until: go.promise } }]);
    await agent.send(chat, 'Work on');
    await chat.getByText('Said on stage').waitFor();
    await agent.send(chat, '/bg');
    await chat.getByText('New foreground session').waitFor();
    await chat.getByText('Said on stage').waitFor({ state: 'detached' });
    go.resolve();
    await agent.workbench.notification(/'Work on' is done/).waitFor();
    await agent.send(chat, '/bg list');
    await chat.getByText(/done.*Work on/).waitFor();
    await agent.workbench.screenshot('slots-light');
    await agent.workbench.runCommand('Greenroom: List Background Sessions');
    await agent.workbench.quickPickRows('Work on').first().click();
    await chat.getByText('Said on stage. Said behind it.').waitFor();
    await agent.send(chat, '/bg 99');
    await chat.getByText(/invalid background slot 99/).waitFor();
    await chat.getByRole('textbox', { name: 'Message' }).fill('');
  });

  it('loses nothing when its view is moved', async () => {
    const box = chat.getByRole('textbox', { name: 'Message' });
    await box.fill('a draft that must survive');
    await agent.workbench.runCommand('View: Move View');
    await agent.workbench.quickPickRows('Chat').first().click();
    await agent.workbench.quickPickRows('New Panel Entry').first().click();
    chat = agent.workbench.chat();
    await chat.getByText('Said on stage. Said behind it.').waitFor();
    let found = '';
    await eventually(
      async () => {
        found = await chat.getByRole('textbox', { name: 'Message' }).inputValue();
        return found === 'a draft that must survive';
      },
      () => `the draft; there is ${JSON.stringify(found)}`,
    );
    await agent.workbench.screenshot('moved-light');
    chat = await agent.openChat();
    assert.equal(await chat.getByRole('textbox', { name: 'Message' }).inputValue(), 'a draft that must survive');
  });

  it('is shown where it belongs when the places are reset, although it is open in an editor too', async () => {
    const { workbench } = agent;
    await workbench.runCommand('Greenroom: Open Chat in Editor');
    await workbench.chat('editor').getByRole('textbox', { name: 'Message' }).waitFor();
    await workbench.runCommand('View: Reset View Locations');
    await workbench.page.locator('iframe.webview[src*="purpose=webviewView"]').waitFor({ state: 'detached' });
    await workbench.runCommand('Greenroom: Open Chat');
    const box = workbench.chat().getByRole('textbox', { name: 'Message' });
    await box.waitFor();
    await eventually(() => box.evaluate((field) => field.ownerDocument.activeElement === field), 'the keyboard');
  });

  describe('with approvals that', () => describeApprovals(() => agent));
});
