import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.ts';
import { Workbench } from './workbench.ts';

/** A folder that nobody has trusted: what is there may be read, nothing may run. */
describe('An untrusted workspace', () => {
  let home: string;
  let ran: string;
  let workbench: Workbench;

  before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'wt-'));
    ran = path.join(home, 'ran');
    const fake = path.join(home, 'claude');
    writeFileSync(fake, `#!/bin/sh\ntouch ${ran}\n`);
    chmodSync(fake, 0o755);
    workbench = await Workbench.start({ trust: true, settings: { 'greenroom.runtimes.claudeCode.command': fake } });
  });

  after(async () => {
    await workbench?.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  it('starts no agent, says why, keeps the message, and offers the way out', async () => {
    await workbench.runCommand('Greenroom: Open Chat');
    const chat = workbench.chat();
    const box = chat.getByRole('textbox', { name: 'Message' });
    await box.fill('Run something');
    await box.press('Enter');
    await chat.getByText('No agent runs in a workspace that you do not trust').first().waitFor();
    await workbench.screenshot('untrusted');
    assert.equal(existsSync(ran), false);
    await chat.getByRole('article').filter({ hasText: 'Run something' }).waitFor();
    await chat.getByRole('button', { name: 'Manage Workspace Trust' }).click();
    await workbench.page.getByText('You are in Restricted Mode').waitFor();
    assert.equal(existsSync(ran), false);
    await workbench.page.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.page.keyboard.press('Escape');
    await box.fill('Now run it');
    await box.press('Enter');
    await eventually(() => existsSync(ran), 'the agent, now that the folder is trusted', 20_000);
  });
});
