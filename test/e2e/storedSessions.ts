import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { SessionStore } from '../../src/platform/sessionStore.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { writeLargeLog } from '../support/largeLog.ts';
import { MemoryLog } from '../support/memoryLog.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';
import type { ConversationsPlace } from './conversationsPlace.ts';

export function describeStoredSessions(place: () => ConversationsPlace): void {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    ({ agent, chat } = place());
    for (const [question, answer] of [
      ['Tell of fruit', 'Apples grow on trees.\nThe quick brown fox eats none.'],
      ['Tell of roots', 'Carrots grow below.'],
    ] as const) {
      agent.model.play([{ reply: [say(answer)] }]);
      await agent.send(chat, question);
      await chat.getByText(answer.split('\n')[0] ?? '').waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
      await agent.newSession(chat);
    }
  });

  it('are found by what was said in them', async () => {
    await agent.workbench.runCommand('Greenroom: Open Stored Session');
    await agent.workbench.quickInput().fill('brown FOX');
    const row = agent.workbench.quickPickRows('The quick brown fox eats none.').first();
    await row.waitFor();
    await agent.workbench.screenshot('stored-search');
    await row.click();
    await chat.getByText('Apples grow on trees.').waitFor();
  });

  it('open at their end however long they are, and show all before it to who scrolls there', async function () {
    this.timeout(180_000);
    const { userDataDir } = agent.workbench.server;
    const some = readdirSync(userDataDir, { recursive: true, encoding: 'utf8' }).find((name) =>
      /sessions.[-0-9a-f]{36}\.jsonl$/.test(name),
    );
    assert.ok(some !== undefined);
    const root = path.dirname(path.dirname(path.join(userDataDir, some)));
    const log = new MemoryLog();
    const store = new SessionStore({ root, clock: systemClock, log, onSaveFailed: () => undefined });
    const identity = { id: randomUUID(), runtime: 'claude-code', cwd: agent.folder, createdAt: Date.now() };
    const { view } = await writeLargeLog(store, identity, 2 << 20);
    await store.close();
    assert.ok(view.total > 500);

    await agent.workbench.runCommand('Greenroom: Open Stored Session');
    await agent.workbench.quickInput().fill('question 1');
    await agent.workbench.quickPickRows('question 1').first().click();
    const last = Math.floor((2 << 20) / 25_000);
    await chat.getByText(`question ${last}`, { exact: true }).waitFor();
    await agent.workbench.screenshot('stored-long-end');
    const scroller = chat.getByRole('log');
    const up = () => scroller.evaluate((element) => (element.scrollTop = 0));

    const first = chat.getByText('question 1', { exact: true });
    await eventually(async () => (await up(), await first.isVisible()), 'the beginning is shown', 90_000);
    await agent.workbench.screenshot('stored-long-start');
    await chat.getByRole('button', { name: 'Jump to latest' }).click();
    await chat.getByText(`question ${last}`, { exact: true }).waitFor();
  });

  it('are deleted, and come back by Undo', async () => {
    await agent.workbench.runCommand('Greenroom: Delete Session');
    await agent.workbench.quickPickRows('Tell of roots').first().click();
    const said = agent.workbench.notification(/'Tell of roots' was deleted/);
    await said.waitFor();
    await agent.workbench.openContainer('Greenroom');
    await agent.workbench.treeRows('Tell of roots').waitFor({ state: 'detached' });
    await agent.workbench.screenshot('stored-deleted');
    await said.getByRole('button', { name: 'Undo' }).click();
    await agent.workbench.treeRows('Tell of roots').first().waitFor();
  });

  async function deleteSession(name: string): Promise<void> {
    const { workbench } = agent;
    await workbench.runCommand('Greenroom: Delete Session');
    await workbench.quickPickRows(name).first().click();
    await workbench.notification(`'${name}' was deleted`).waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
    await workbench.treeRows(name).waitFor({ state: 'detached' });
  }

  it('are restored from the list of what was deleted, and opened', async () => {
    const { workbench } = agent;
    await workbench.runCommand('Greenroom: Restore Deleted Session…');
    await workbench.notification('The trash is empty.').waitFor();
    await deleteSession('Tell of fruit');
    await deleteSession('Tell of roots');
    await workbench.runCommand('Greenroom: Restore Deleted Session…');
    const rows = workbench.quickPickRows();
    await rows.nth(1).waitFor();
    await rows.first().hover();
    await workbench.screenshot('stored-trash');
    assert.deepEqual(await rows.evaluateAll((found) => found.map((row) => row.getAttribute('aria-label'))), [
      'Tell of roots, 2 messages · deleted: now · 30 days left',
      'Tell of fruit, 2 messages · deleted: now · 30 days left',
    ]);
    await rows.nth(1).click();
    await chat.getByText('Apples grow on trees.').waitFor();
    await workbench.treeRows('Tell of fruit').first().waitFor();
  });

  it('are deleted permanently once that is confirmed', async () => {
    const { workbench } = agent;
    const remove = async (answer: string): Promise<void> => {
      await workbench.quickPickRows('Tell of roots').first().hover();
      await workbench.quickPickRows('Tell of roots').getByRole('button', { name: 'Delete Permanently' }).click();
      await workbench.dialog().getByText("Delete the session 'Tell of roots' permanently?").waitFor();
      await workbench.screenshot('stored-trash-asks');
      await workbench.dialog().getByRole('button', { name: answer }).click();
    };
    await workbench.runCommand('Greenroom: Restore Deleted Session…');
    await remove('Cancel');
    await remove('Delete Permanently');
    await workbench.notification('The trash is empty.').waitFor();
    await workbench.runCommand('Notifications: Clear All Notifications');
  });

  describe('exported through the dialog', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;

    before(async () => {
      const keys = [agent.env['ANTHROPIC_API_KEY'], 'of-the-settings'].join(' and ');
      agent.model.play([{ reply: [say(`The keys are ${keys}, the token is **${token}**.`)] }]);
      await agent.send(chat, 'Tell of secrets');
      await chat.getByText(token).waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    });

    /** Exports the session to where the dialog proposes, or to `name` beside it; answers the text of the file. */
    async function exported(format: string, extension: string, name?: string): Promise<string> {
      const { workbench } = agent;
      await workbench.runCommand('Greenroom: Export Session');
      await workbench.quickPickRows('Tell of fruit').first().click();
      await workbench.quickPickRows(format).first().click();
      const input = workbench.quickInput();
      await eventually(
        async () => (await input.inputValue()).endsWith(`-Tell-of-fruit.${extension}`),
        'a proposed name',
      );
      const proposed = await input.inputValue();
      assert.match(path.basename(proposed), /^\d{4}-\d\d-\d\d-Tell-of-fruit\.\w+$/);
      const target = name === undefined ? proposed : path.join(path.dirname(proposed), name);
      await input.fill(target);
      await workbench.screenshot(`stored-export-${extension}`);
      await workbench.page.keyboard.press('Enter');
      await workbench.page
        .locator('.tab')
        .filter({ hasText: path.basename(target) })
        .first()
        .waitFor();
      assert.equal(path.dirname(target), agent.folder);
      return readFileSync(target, 'utf8');
    }

    it('are Markdown for people, without secrets, in a file that is opened', async () => {
      const text = await exported('Markdown', 'md');
      assert.ok(text.startsWith('# Tell of fruit\n'), text);
      assert.match(text, /Apples grow on trees\.\nThe quick brown fox eats none\./);
      assert.match(text, /The keys are \[redacted\] and \[redacted\], the token is \*\*\[redacted\]\*\*\./);
      await agent.workbench.screenshot('stored-exported');
    });

    it('are JSON for programs, without secrets, where the person wants it', async () => {
      const { greenroom, session, messages } = JSON.parse(await exported('JSON', 'json', 'my fruit.json'));
      assert.deepEqual(
        [greenroom, session.name, messages.map(({ role }: { role: string }) => role)],
        ['export', 'Tell of fruit', ['user', 'assistant', 'user', 'assistant']],
      );
      assert.deepEqual(messages[3].parts, [
        { type: 'text', text: 'The keys are [redacted] and [redacted], the token is **[redacted]**.' },
      ]);
    });

    it('are nothing where the person goes away from the dialog', async () => {
      const before = readdirSync(agent.folder);
      await agent.workbench.runCommand('Greenroom: Export Session');
      await agent.workbench.quickPickRows('Tell of fruit').first().click();
      await agent.workbench.quickPickRows('JSON').first().click();
      const input = agent.workbench.quickInput();
      await eventually(async () => (await input.inputValue()).endsWith('.json'), 'the dialog');
      await agent.workbench.page.keyboard.press('Escape');
      await input.waitFor({ state: 'hidden' });
      assert.deepEqual(readdirSync(agent.folder), before);
    });
  });
}
