import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { SessionStore } from '../../src/platform/sessionStore.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { writeLargeLog } from '../support/largeLog.ts';
import { MemoryLog } from '../support/memoryLog.ts';
import { AgentWorkbench } from './agentWorkbench.ts';

describe('Stored sessions in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start({ 'notes.md': '# Notes\n' });
    chat = await agent.openChat();
    for (const [question, answer] of [
      ['Tell of fruit', 'Apples grow on trees.\nThe quick brown fox eats none.'],
      ['Tell of roots', 'Carrots grow below.'],
    ] as const) {
      await agent.workbench.runCommand('Greenroom: New Session');
      agent.model.play([{ reply: [say(answer)] }]);
      await agent.send(chat, question);
      await chat.getByText(answer.split('\n')[0] ?? '').waitFor();
      await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    }
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
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

  it('are exported to a file that is opened', async () => {
    await agent.workbench.runCommand('Greenroom: Export Session');
    await agent.workbench.quickPickRows('Tell of fruit').first().click();
    await agent.workbench.quickPickRows('Markdown').first().click();
    const input = agent.workbench.quickInput();
    await input.waitFor();
    await agent.workbench.screenshot('stored-export');
    await agent.workbench.page.keyboard.press('Enter');
    await agent.workbench.page.locator('.tab').filter({ hasText: 'Tell-of-fruit.md' }).first().waitFor();
    await agent.workbench.screenshot('stored-exported');
  });
});
