import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { call, say, think } from '../modelServer/steps.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

const dummyKey = 'not-a-key-but-a-dummy';

/** Without any program of an agent: the person has a key, and no more. */
describe('Claude by API key in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'greeting.ts': 'export function greet(name: string) {\n  return "Hello " + name;\n}\n' },
      { settings: { 'greenroom.defaultRuntime': 'anthropic' }, env: { ANTHROPIC_API_KEY: '' } },
    );
    chat = await agent.openChat();
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  it('says in the empty chat that a key is missing, takes one, and says that it is there', async () => {
    await chat.getByText('There is no API key for Anthropic yet.').waitFor();
    await agent.workbench.screenshot('key-missing');
    await chat.getByRole('button', { name: 'Set API Key' }).click();
    const { page } = agent.workbench;
    const box = page.locator('.quick-input-widget input');
    await box.waitFor();
    assert.equal(await box.getAttribute('type'), 'password');
    await agent.workbench.screenshot('key-input');
    await box.fill(dummyKey);
    await box.press('Enter');
    await chat.getByText("Its API key is in VS Code's secret storage.").waitFor();
    await agent.workbench.screenshot('key-stored');
  });

  it('works on files with approvals, and shows what is used and what it costs', async () => {
    agent.model.play([
      {
        reply: [
          think('The greeting should use a template literal.'),
          say('I will look at `greeting.ts` first.'),
          call('read_file', { path: 'greeting.ts' }),
          call('todo', {
            items: [
              { text: 'Read the greeting', status: 'in_progress' },
              { text: 'Make it nicer', status: 'pending' },
            ],
          }),
        ],
      },
      {
        reply: [
          call('edit_file', {
            path: 'greeting.ts',
            old_text: 'return "Hello " + name;',
            new_text: 'return `Hello, ${name}!`;',
          }),
        ],
      },
      { reply: [say('Done: it uses a **template literal** now.')], usage: { input_tokens: 410_000 } },
    ]);
    await agent.send(chat, 'Make the greeting nicer');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true });
    await approve.waitFor();
    await agent.workbench.screenshot('key-approval');
    await approve.click();
    await chat.getByText('it uses a template literal now').waitFor();
    assert.match(readFileSync(path.join(agent.folder, 'greeting.ts'), 'utf8'), /`Hello, \$\{name\}!`/);
    await chat.getByText('▶ Read the greeting').waitFor();
    await chat.getByText(/41 % full · .* · ≈ \$0\.8/).waitFor();
    await agent.workbench.screenshot('key-done');
    assert.equal(agent.model.main.at(-1)?.headers['authorization'], `Bearer ${dummyKey}`);
  });

  it('says what went wrong with the service, and tries again', async () => {
    agent.model.play([{ status: 401, errorType: 'authentication_error', message: 'invalid x-api-key' }]);
    await agent.send(chat, 'Once more');
    await chat.getByText('Anthropic refused the API key').first().waitFor();
    await agent.workbench.screenshot('key-refused');
    agent.model.play([{ reply: [say('There we are.')] }]);
    await chat.getByRole('button', { name: 'Try Again' }).last().click();
    await chat.getByText('There we are.').waitFor();
  });
});
