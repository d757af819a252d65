import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { cleanClaudeEnv } from '../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../modelServer/modelServer.ts';
import { call, say, think } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { Workbench } from './workbench.ts';

/** The whole way, as a person goes it: a real workbench, the real CLI, a scripted model. */
describe('An agent in the workbench', () => {
  let home: string;
  let folder: string;
  let model: ModelServer;
  let workbench: Workbench;
  let chat: FrameLocator;

  before(async () => {
    home = mkdtempSync(path.join(os.tmpdir(), 'wh-'));
    folder = path.join(home, 'project');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'greeting.ts'), 'export function greet(name: string) {\n  return "Hello " + name;\n}\n');
    const tmp = path.join(home, 't');
    mkdirSync(tmp);
    model = await startModelServer({ steps: [{ reply: [say('nothing was scripted')] }] });
    workbench = await Workbench.start({
      folder,
      settings: { 'greenroom.runtimes.claudeCode.command': claudeCli() },
      env: cleanClaudeEnv({ home, tmp, url: model.url }),
    });
    await workbench.runCommand('Greenroom: Open Chat');
    chat = workbench.chat();
    await chat.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  after(async () => {
    await workbench?.stop();
    await model?.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  async function send(text: string): Promise<void> {
    const box = chat.getByRole('textbox', { name: 'Message' });
    await box.click();
    await box.fill(text);
    await box.press('Enter');
  }

  it('answers a prompt, asks before it edits, edits, and says so', async () => {
    model.play([
      {
        reply: [
          think('The greeting should use a template literal.'),
          say('I will look at `greeting.ts` first.'),
          call('Read', { file_path: path.join(folder, 'greeting.ts') }),
        ],
      },
      {
        reply: [
          call('Edit', {
            file_path: path.join(folder, 'greeting.ts'),
            old_string: 'return "Hello " + name;',
            new_string: 'return `Hello, ${name}!`;',
          }),
        ],
      },
      {
        reply: [
          say('Done. It now uses a **template literal**:\n\n```ts\nreturn `Hello, ${name}!`;\n```\n\n- one file changed\n- no tests yet'),
        ],
      },
    ]);
    await send('Make the greeting nicer');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true });
    await approve.waitFor();
    await workbench.screenshot('agent-approval');
    assert.match(readFileSync(path.join(folder, 'greeting.ts'), 'utf8'), /"Hello " \+ name/);
    await approve.click();
    await chat.getByText('no tests yet').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.match(readFileSync(path.join(folder, 'greeting.ts'), 'utf8'), /Hello, \$\{name\}!/);
    await workbench.screenshot('agent-done');
  });

  it('brings the transcript back after a reload, and goes on', async () => {
    model.play([{ reply: [say('Still here.')] }]);
    await workbench.reload();
    await workbench.runCommand('Greenroom: Open Chat');
    chat = workbench.chat();
    await chat.getByText('no tests yet').waitFor();
    await send('Are you there?');
    await chat.getByText('Still here.').waitFor();
    await workbench.screenshot('agent-reloaded');
    // The same conversation: the model is told what was said before.
    assert.match(JSON.stringify(model.main.at(-1)?.body.messages), /Make the greeting nicer/);
  });

  it('stops a turn and goes on in the same conversation', async () => {
    model.play([{ reply: [say('word '.repeat(2_000))], chunkChars: 5, delayMs: 20 }, { reply: [say('Going on.')] }]);
    await send('Talk a lot');
    await chat.getByText('word word').first().waitFor();
    await chat.getByRole('button', { name: 'Stop' }).click();
    await chat.getByRole('status').filter({ hasText: 'Stopped' }).waitFor();
    await send('Go on');
    await chat.getByText('Going on.').waitFor();
    await eventually(() => existsSync(folder), 'the folder');
  });
});
