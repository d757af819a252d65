import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { call, say, think } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

/** The whole way, as a person goes it: a real workbench, the real CLI, a scripted model. */
describe('An agent in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start({
      'greeting.ts': 'export function greet(name: string) {\n  return "Hello " + name;\n}\n',
    });
    chat = await agent.openChat();
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
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

  it('brings the transcript back after a reload, and goes on', async () => {
    agent.model.play([{ reply: [say('Still here.')] }]);
    await agent.workbench.reload();
    chat = await agent.openChat();
    await chat.getByText('no tests yet').waitFor();
    await agent.send(chat, 'Are you there?');
    await chat.getByText('Still here.').waitFor();
    await agent.workbench.screenshot('agent-reloaded');
    // The same conversation: the model is told what was said before.
    assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /Make the greeting nicer/);
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

  it('marks a turn that a reload cut off, and continues it by its button', async () => {
    agent.model.play([
      { reply: [say('cut '.repeat(2_000))], chunkChars: 4, delayMs: 20 },
      { reply: [say('Where was I? Here.')] },
    ]);
    await agent.send(chat, 'A long story');
    await chat.getByText('cut cut').first().waitFor();
    await agent.workbench.reload();
    chat = await agent.openChat();
    await chat.getByText('This turn was cut off').first().waitFor();
    await chat.getByText('cut cut').first().waitFor();
    await agent.workbench.screenshot('agent-interrupted');
    await chat.getByRole('button', { name: 'Continue' }).click();
    await chat.getByText('Where was I? Here.').waitFor();
    assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /A long story/);
  });
});
