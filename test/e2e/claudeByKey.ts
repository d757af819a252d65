import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { call, say, think } from '../modelServer/steps.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';

const dummyKey = `dummy${randomBytes(16).toString('hex')}`;

/** Without a key in the environment; the person has one, and no more. */
export function describeClaudeByKey(place: () => AgentWorkbench): void {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = place();
    agent.workbench.changeSettings({ 'greenroom.defaultRuntime': 'anthropic' });
    chat = await agent.openChat();
    await agent.newSession(chat);
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

  it('keeps the key out of settings, logs, stored sessions, the panel, and the arguments of processes', async () => {
    agent.model.play([{ status: 401, errorType: 'authentication_error', message: `invalid x-api-key: ${dummyKey}` }]);
    await agent.send(chat, 'And now?');
    await chat.getByText('Anthropic refused the API key').nth(2).waitFor();
    const places = [agent.workbench.server.userDataDir, agent.folder, agent.home];
    const files = places.flatMap((place) =>
      readdirSync(place, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name)),
    );
    const has = (file: string): boolean => textOf(file).includes(dummyKey);
    assert.ok(files.some((file) => file.endsWith('settings.json')) && files.some((file) => file.endsWith('.jsonl')));
    assert.ok(
      files.some((file) => textOf(file).includes('And now?')),
      'the session is stored',
    );
    assert.deepEqual(files.filter(has), []);
    assert.equal((await chat.locator('body').innerHTML()).includes(dummyKey), false);
    const commandLines = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    assert.deepEqual(
      commandLines.filter((pid) => has(`/proc/${pid}/cmdline`)),
      [],
    );
  });
}

/** Empty for what is gone by now. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
