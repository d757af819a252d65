import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { call, planLimit, say, type Step } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

/** A busy machine needs half a minute until an extension is active again. */
const patienceMs = 60_000;

/** Answers each conversation by a word in it, however many go on at once. */
function byWord(scripts: Readonly<Record<string, readonly Step[]>>): Step {
  const played = new Map<string, number>();
  return ({ body }) => {
    const said = JSON.stringify(body.messages);
    const word = Object.keys(scripts).find((key) => said.includes(key)) ?? '';
    const steps = scripts[word] ?? [];
    const index = played.get(word) ?? 0;
    played.set(word, index + 1);
    return steps[Math.min(index, steps.length - 1)] ?? { reply: [say('nothing was scripted')] };
  };
}

describe('Sessions that nobody looks at', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;
  const goOn = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'notes.md': '# Notes\n' },
      {
        settings: {
          'greenroom.runtimes.claudeCode.env': {
            CLAUDE_CODE_OAUTH_TOKEN: 'not-a-token-but-a-dummy',
            ANTHROPIC_API_KEY: '',
          },
        },
      },
    );
    agent.model.play([
      byWord({
        'Keep silent': [{ reply: [say('One moment please, I think.')], pause: { atChunk: 1, until: goOn.promise } }],
        'Make a file': [{ reply: [call('Bash', { command: 'echo made > made.txt' })] }, { reply: [say('Made.')] }],
        'Ask in vain': [{ reply: [call('Bash', { command: 'echo late > late.txt' })] }, { reply: [say('Too late.')] }],
        'Wait for me': [{ reply: [call('Bash', { command: 'echo waits' })] }],
        'Two lines': [{ reply: [call('Bash', { command: 'echo one\necho two' })] }, { reply: [say('Both.')] }],
        'Use it up': [planLimit(Math.ceil(Date.now() / 1_000) + 3 * 3_600)],
        'Just talk': [{ reply: [say('Said behind your back.')] }],
        'On stage': [
          { reply: [say('Said on stage.')] },
          { reply: [say('Said when you had left.')], pause: { atChunk: 0, until: left.promise } },
        ],
      }),
    ]);
    chat = await agent.openChat();
    await agent.workbench.openContainer('Greenroom');
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-attention-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  const start = async (prompt: string): Promise<void> => {
    await agent.workbench.runCommand('Greenroom: Start Session in Background');
    await agent.workbench.quickInput().fill(prompt);
    await agent.workbench.page.keyboard.press('Enter');
  };
  const row = (name: string): Locator => agent.workbench.treeRows(name).first();
  /** Resolves when the row says all of this. */
  const rowSays = (name: string, ...texts: readonly string[]): Promise<unknown> =>
    eventually(
      async () => {
        const text = (await row(name).getAttribute('aria-label')) ?? '';
        return texts.every((part) => text.includes(part));
      },
      `'${name}' to be ${texts.join(', ')}`,
      patienceMs,
    );
  const badge = (count: string): Promise<unknown> =>
    eventually(
      async () => (await agent.workbench.badge('Greenroom').allInnerTexts()).join() === count,
      `the badge to be '${count}'`,
      patienceMs,
    );
  /** A notification in the list that keeps it: a toast goes by itself, on a busy machine before it is read. */
  const notice = async (text: RegExp): Promise<Locator> => {
    await agent.workbench.runCommand('Notifications: Show Notifications');
    const list = agent.workbench.page.locator('.notifications-center.visible .notification-list-item');
    const found = list.filter({ hasText: text }).first();
    await found.waitFor({ timeout: patienceMs });
    return found;
  };
  const send = (text: string): Promise<void> => agent.send(chat, text);
  const clearAll = () => agent.workbench.runCommand('Notifications: Clear All Notifications');

  it('can be approved from the notification, which shows the whole request, and go on', async () => {
    const made = path.join(agent.folder, 'made.txt');
    await agent.workbench.runCommand('Greenroom: Go to Next Session That Needs You');
    await agent.workbench.statusItem('No session needs you.').waitFor();
    await start('Make a file');
    const asks = await notice(/'Make a file' asks for your approval\. Bash: echo made > made\.txt/);
    await asks.getByRole('button', { name: 'Approve' }).waitFor();
    await asks.getByRole('button', { name: 'Reject' }).waitFor();
    await rowSays('Make a file', 'background slot 1', 'needs you');
    await badge('1');
    await agent.workbench.screenshot('attention-asks-dark');
    assert.equal(existsSync(made), false);
    await asks.getByRole('button', { name: 'Approve' }).click();
    await notice(/'Make a file' is done/);
    assert.equal(readFileSync(made, 'utf8'), 'made\n');
    await rowSays('Make a file', 'done, unread');
    await badge('1');
  });

  it('are only shown, where the request does not fit on one line', async () => {
    // From here on time passes for it; what is tried meanwhile takes about as long.
    await start('Keep silent');
    await start('Two lines');
    const asks = await notice(/'Two lines' waits for your approval: Bash/);
    await asks.getByRole('button', { name: 'Show' }).waitFor();
    assert.equal(await asks.getByRole('button', { name: 'Approve' }).count(), 0);
    await badge('2');
    await asks.getByRole('button', { name: 'Show' }).click();
    await chat.getByText('echo two').first().waitFor();
    // It is on screen: what it asks is seen there.
    await badge('1');
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
    await chat.getByText('Both.').waitFor();
  });

  it('say so when the notification is out of date', async () => {
    await start('Ask in vain');
    const asks = await notice(/'Ask in vain' asks for your approval/);
    await asks.getByRole('button', { name: 'Approve' }).waitFor();
    await agent.workbench.runCommand('Greenroom: Go to Next Session That Needs You');
    await chat.getByText('echo late > late.txt').first().waitFor();
    await chat.getByRole('button', { name: 'Reject', exact: true, disabled: false }).click();
    await chat.getByText('Too late.').waitFor();
    await asks.getByRole('button', { name: 'Approve' }).click();
    await notice(/This request is no longer open/);
    assert.equal(existsSync(path.join(agent.folder, 'late.txt')), false);
  });

  it('say so when the session is gone', async () => {
    await start('Just talk');
    const done = await notice(/'Just talk' is done/);
    await done.getByRole('button', { name: 'Show' }).waitFor();
    await agent.workbench.runCommand('Greenroom: Delete Session');
    await agent.workbench.quickPickRows('Just talk').first().click();
    await notice(/'Just talk' was deleted/);
    await done.getByRole('button', { name: 'Show' }).click();
    await notice(/The session 'Just talk' is gone/);
    await clearAll();
  });

  it('are shown with what happened meanwhile, and where that begins', async () => {
    await agent.newSession(chat);
    await send('On stage');
    await chat.getByText('Said on stage.').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await send('And again');
    await chat.getByRole('status').filter({ hasNotText: 'Done' }).waitFor();
    await send('/bg');
    await chat.getByText('New foreground session').waitFor();
    left.resolve();
    await notice(/'On stage' is done/);
    await clearAll();
    await row('On stage').click();
    await chat.getByText('Said when you had left.').waitFor();
    await chat
      .getByRole('note')
      .filter({ hasText: /While you were away: 1 turn, .*\d s\./ })
      .waitFor();
    await chat.getByText('New since you left').waitFor();
    await agent.workbench.screenshot('attention-away-dark');
    await send('Thanks');
    await chat.getByRole('note').filter({ hasText: 'While you were away' }).waitFor({ state: 'hidden' });
  });

  it('wait for their limit, and say until when', async () => {
    await start('Use it up');
    await notice(/rate limited/);
    await rowSays('Use it up', 'limited until', 'unread');
    await clearAll();
  });

  it('are stalled after a minute without a word, and then say so', async function () {
    this.timeout(3 * patienceMs);
    await eventually(
      async () => ((await row('Keep silent').getAttribute('aria-label')) ?? '').includes('stalled'),
      'a minute',
      2 * patienceMs,
    );
    await notice(/'Keep silent' has said nothing for a minute|1 is stalled/);
    await agent.workbench.screenshot('attention-stalled-dark');
    await clearAll();
  });

  it('are listed in a table, and in a list to choose from with the same columns', async () => {
    await send('/bg list');
    const table = chat.getByRole('table');
    await table.waitFor();
    const columns = await table.getByRole('columnheader').allInnerTexts();
    assert.deepEqual(columns, ['#', 'ID', 'State', 'Created', 'Summary']);
    const silent = table.getByRole('row').filter({ hasText: 'Keep silent' });
    const cells = await silent.getByRole('cell').allInnerTexts();
    assert.deepEqual([cells[2], cells[4]], ['stalled', 'Keep silent']);
    await agent.workbench.screenshot('attention-list-dark');
    await agent.workbench.setTheme('light');
    await agent.workbench.screenshot('attention-list-light');
    await agent.workbench.runCommand('Greenroom: List Background Sessions');
    const choice = agent.workbench.quickPickRows('Keep silent').first();
    assert.match(await choice.innerText(), new RegExp(`#${cells[0]} Keep silent\\s*${cells[1]} · stalled · `));
    await agent.workbench.screenshot('attention-pick-light');
    await agent.workbench.page.keyboard.press('Escape');
  });

  it('are all there after a reload: places, states, times, marks and the badge', async function () {
    this.timeout(3 * patienceMs);
    const labels = async (): Promise<string[]> => {
      const rows = await agent.workbench.treeRows().all();
      const all = await Promise.all(rows.map((item) => item.getAttribute('aria-label')));
      return all.map((label) => (label ?? '').replace(/, (now|\d+[mhd])\b.*$/, ''));
    };
    // What waits for an answer is in a slot when the window goes.
    await start('Wait for me');
    await rowSays('Wait for me', 'needs you');
    const before = await labels();
    await badge('4');
    await agent.workbench.runCommand('View: Show Explorer');
    await agent.workbench.reload();
    // Before the tree is shown.
    await badge('4');
    await agent.workbench.openContainer('Greenroom');
    const expected = before.map((label) => label.replace('stalled', 'interrupted, unread'));
    await eventually(
      async () => JSON.stringify(await labels()) === JSON.stringify(expected),
      'the same rows',
      patienceMs,
    ).catch(async () => assert.deepEqual(await labels(), expected));
    await agent.workbench.screenshot('attention-reloaded-light');
    await notice(/was cut off|were cut off/);
    goOn.resolve();
  });
});
