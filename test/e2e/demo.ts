import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** In a folder that nobody has trusted, without any key. */
export function describeDemo(place: () => Workbench): void {
  let workbench: Workbench;
  let chat: FrameLocator;

  before(() => {
    workbench = place();
    chat = workbench.chat();
  });

  const scratch = (name: string): string =>
    path.join(workbench.server.userDataDir, 'User', 'globalStorage', 'greenroom.greenroom', 'demo', name);
  const approve = () => chat.getByRole('button', { name: 'Approve', exact: true, disabled: false });
  const status = (text: string) => chat.getByRole('status').filter({ hasText: text });
  const send = async (text: string): Promise<void> => {
    const box = chat.getByRole('textbox', { name: 'Message' });
    await box.fill(text);
    await box.press('Enter');
  };

  it('shows a question, an edit and a command that are real, decided by keyboard, within a minute', async () => {
    const startedAt = performance.now();
    await workbench.runCommand('Greenroom: Start the Demo');
    await chat.getByText('Welcome! This is a demo without a model.').waitFor();
    await chat.getByText('This is a demo: no model is at work').first().waitFor();
    await chat.getByRole('radio', { name: /Ada Lovelace/ }).waitFor();
    await workbench.screenshot('demo-question-light');
    await chat.getByRole('radio', { name: /Ada Lovelace/ }).check();
    await chat.getByRole('button', { name: 'Answer' }).click();

    const box = chat.getByRole('textbox', { name: 'Message' });
    await status('Waiting for your approval: Edit').waitFor();
    await approve().waitFor();
    await workbench.screenshot('demo-edit-light');
    assert.doesNotMatch(readFileSync(scratch('guests.txt'), 'utf8'), /Ada/);
    await box.press('Control+Enter');

    await status('Waiting for your approval: Bash').waitFor();
    await approve().waitFor();
    await workbench.screenshot('demo-command-light');
    assert.equal(existsSync(scratch('sorted.txt')), false);
    await box.press('Control+Enter');

    await chat.getByText('What has happened').waitFor();
    await status('Done').waitFor();
    assert.ok(performance.now() - startedAt < 60_000);
    await workbench.screenshot('demo-done-light');
    assert.match(readFileSync(scratch('guests.txt'), 'utf8'), /Alan Turing\nAda Lovelace\n$/);
    assert.match(readFileSync(scratch('sorted.txt'), 'utf8'), /^Ada Lovelace\nAlan Turing\n/);
    await chat.getByRole('group', { name: 'Bash, completed' }).getByRole('button').first().click();
    await chat.getByText('Grace Hopper').last().waitFor();
  });

  it('says so when it is not understood, and lists what it can show', async () => {
    await send('Please build me a rocket');
    await chat.getByText('I only know a few words').waitFor();
    await status('Done').waitFor();
  });

  it('goes on differently when an edit is rejected, in the dark too', async () => {
    await workbench.setTheme('dark');
    await send('edit');
    await approve().waitFor();
    await workbench.screenshot('demo-edit-dark');
    await chat.getByRole('textbox', { name: 'Message' }).press('Control+Backspace');
    await chat.getByText('That was not approved, so the file stays as it is.').waitFor();
    await status('Done').waitFor();
    assert.equal(readFileSync(scratch('guests.txt'), 'utf8').trim().split('\n').length, 4);
  });

  it('draws code, a table and a list', async () => {
    await send('markdown');
    await chat.getByText('A quotation, for good measure.').waitFor();
    await status('Done').waitFor();
    await chat.getByRole('table').last().waitFor();
    await workbench.screenshot('demo-markdown-dark');
  });

  it('makes a plan that waits for approval', async () => {
    await send('plan');
    await chat.getByText('Plan for the evening').first().waitFor();
    await approve().waitFor();
    await workbench.screenshot('demo-plan-dark');
    await chat.getByRole('textbox', { name: 'Message' }).press('Control+Enter');
    await status('Waiting for your approval: Edit').waitFor();
    await approve().waitFor();
    await chat.getByRole('textbox', { name: 'Message' }).press('Control+Enter');
    await chat.getByText('Done as planned').waitFor();
  });

  it('is stopped at once', async () => {
    await send('long output');
    await approve().waitFor();
    await chat.getByRole('textbox', { name: 'Message' }).press('Control+Enter');
    await chat.getByText('item 5 of a long answer', { exact: true }).waitFor();
    await chat.getByRole('button', { name: 'Stop' }).click();
    await status('Stopped').waitFor();
    await chat.getByText('You stopped this turn.').first().waitFor();
  });

  it('is offered where no agent may run', async () => {
    await workbench.runCommand('Greenroom: New Session');
    await chat.getByText('What shall we work on?').waitFor();
    await send('Run something');
    await chat.getByRole('button', { name: 'Try the Demo' }).waitFor();
    await workbench.screenshot('demo-offered-dark');
    await chat.getByRole('button', { name: 'Try the Demo' }).press('Enter');
    await chat.getByText('Welcome! This is a demo without a model.').waitFor();
    await workbench.screenshot('demo-welcome-dark');
    await chat.getByText('no model', { exact: true }).waitFor();
  });
}
