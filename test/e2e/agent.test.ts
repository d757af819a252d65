import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { call, say, think } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';
import type { Workbench } from './workbench.ts';

/** The whole way, as a person goes it: a real workbench, the real CLI, a scripted model. */
describe('An agent in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start({
      'greeting.ts': 'export function greet(name: string) {\n  return "Hello " + name;\n}\n',
    });
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  it('is found in the container of its sessions, and in the chat that the palette opens beside', async () => {
    await agent.workbench.openContainer('Greenroom');
    await agent.workbench.page.locator('.part.sidebar').getByText('Sessions').first().waitFor();
    chat = await agent.openChat();
    const sideBar = agent.workbench.page.locator('.part.auxiliarybar');
    await sideBar.locator('[id="workbench.view.extension.greenroom-chat"]').waitFor();
    await agent.workbench.screenshot('agent-empty');
  });

  it('answers a prompt, asks before it edits, edits, and says so', async () => {
    agent.model.play([
      {
        reply: [
          think('The greeting should use a template literal.'),
          say('I will look at `greeting.ts` first.'),
          call('Read', { file_path: path.join(agent.folder, 'greeting.ts') }),
        ],
      },
      {
        reply: [
          call('Edit', {
            file_path: path.join(agent.folder, 'greeting.ts'),
            old_string: 'return "Hello " + name;',
            new_string: 'return `Hello, ${name}!`;',
          }),
        ],
      },
      {
        reply: [
          say(
            'Done. It now uses a **template literal**:\n\n```ts\nreturn `Hello, ${name}!`;\n```\n\n- one file changed\n- no tests yet',
          ),
        ],
      },
    ]);
    await agent.send(chat, 'Make the greeting nicer');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true });
    await approve.waitFor();
    await agent.workbench.screenshot('agent-approval');
    assert.match(readFileSync(path.join(agent.folder, 'greeting.ts'), 'utf8'), /"Hello " \+ name/);
    await approve.click();
    await chat.getByText('no tests yet').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.match(readFileSync(path.join(agent.folder, 'greeting.ts'), 'utf8'), /Hello, \$\{name\}!/);
    await agent.workbench.screenshot('agent-done');
    await chat.getByRole('button', { name: 'Copy' }).last().click();
    const clipboard = () => agent.workbench.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(await eventually(clipboard, 'the copied code'), 'return `Hello, ${name}!`;\n');
  });

  it('stops a turn and goes on in the same conversation', async () => {
    agent.model.play([
      { reply: [say('word '.repeat(2_000))], chunkChars: 5, delayMs: 20 },
      { reply: [say('Going on.')] },
    ]);
    await agent.send(chat, 'Talk a lot');
    await chat.getByText('word word').first().waitFor();
    await chat.getByRole('button', { name: 'Stop' }).click();
    await chat.getByRole('status').filter({ hasText: 'Stopped' }).waitFor();
    await agent.send(chat, 'Go on');
    await chat.getByText('Going on.').waitFor();
  });

  describe('after a reload', () => {
    const written = () => path.join(agent.folder, 'made.txt');
    const write = () => call('Write', { file_path: written(), content: 'made\n' });

    /** One session at its end, one in the middle of a sentence, and one, on stage, that waits for the person. */
    before(async () => {
      agent.model.play([{ reply: [say('cut '.repeat(2_000))], chunkChars: 4, delayMs: 20 }]);
      await agent.newSession(chat);
      await agent.send(chat, 'A long story');
      await chat.getByText('cut cut').first().waitFor();
      await agent.newSession(chat);
      agent.model.play([{ reply: [say('I will write.'), write()] }]);
      await agent.send(chat, 'Write a file');
      await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).waitFor();
      await agent.workbench.reload();
      await agent.workbench.openContainer('Greenroom');
      chat = await agent.openChat();
    });

    it('shows an approval that was cut off again, and approving it continues the turn with that call', async () => {
      await chat.getByText('The turn was cut off while this waited').waitFor();
      await agent.workbench.screenshot('agent-interrupted-approval');
      assert.equal(existsSync(written()), false);
      agent.model.play([{ reply: [write()] }, { reply: [say('Written.')] }]);
      await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
      await chat.getByText('Written.', { exact: true }).waitFor();
      assert.equal(readFileSync(written(), 'utf8'), 'made\n');
      await agent.workbench.screenshot('agent-interrupted-approval-done');
    });

    it('marks a turn that was cut off, and continues it by its button', async () => {
      await agent.workbench.treeRows('A long story').first().click();
      await chat.getByText('This turn was cut off').first().waitFor();
      await chat.getByText('cut cut').first().waitFor();
      await agent.workbench.screenshot('agent-interrupted');
      agent.model.play([{ reply: [say('Where was I? Here.')] }]);
      await chat.getByRole('button', { name: 'Continue' }).click();
      await chat.getByText('Where was I? Here.').waitFor();
      assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /A long story/);
    });

    it('brings the transcript back, and goes on', async () => {
      await agent.workbench.treeRows('Make the greeting nicer').first().click();
      await chat.getByText('no tests yet').waitFor();
      agent.model.play([{ reply: [say('Still here.')] }]);
      await agent.send(chat, 'Are you there?');
      await chat.getByText('Still here.').waitFor();
      await agent.workbench.screenshot('agent-reloaded');
      // The same conversation: the model is told what was said before.
      assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /Make the greeting nicer/);
    });
  });

  describe('in a second window on the same folder', () => {
    let second: Workbench;

    after(() => second?.closeWindow());

    afterEach(async function () {
      if (this.currentTest?.state === 'failed') {
        await second?.screenshot('failed-second-window');
      }
    });

    it('is only read until the window takes the session over, and the first only reads from then on', async () => {
      await agent.newSession(chat);
      agent.model.play([
        { reply: [say('Once upon a time.')] },
        { reply: [say('There was a fox.')] },
        { reply: [say('And they lived on.')] },
      ]);
      await agent.send(chat, 'Tell a story');
      await chat.getByText('Once upon a time.').waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();

      second = await agent.workbench.openSecondWindow();
      await second.openContainer('Greenroom');
      await second.treeRows('Tell a story').first().click();
      const copy = second.chat();
      await copy.getByText('Once upon a time.').waitFor();
      await copy.getByText('Another window works in this session').last().waitFor();
      await second.screenshot('two-windows-read-only');

      await agent.send(chat, 'And then?');
      await copy.getByText('There was a fox.').waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();

      await copy.getByRole('button', { name: 'Take Over' }).click();
      await copy.getByRole('textbox', { name: 'Message' }).waitFor();
      await chat.getByText('Another window has taken this session over').last().waitFor();
      await agent.workbench.screenshot('two-windows-taken');

      await agent.send(copy, 'Go on');
      await copy.getByText('And they lived on.').waitFor();
      await second.screenshot('two-windows-goes-on');

      await chat.getByRole('button', { name: 'Take Over' }).click();
      await chat.getByText('And they lived on.').waitFor();
      await copy.getByText('Another window has taken this session over').last().waitFor();
    });
  });
});
