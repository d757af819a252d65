import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { PanelPage, startBrowser, themes } from './harness.ts';
import { approval, conversation, editApproval, notices, plan, question, slotTable } from './samples.ts';

describe('the chat panel in pictures', () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  for (const theme of themes) {
    for (const width of [300, 400, 1000]) {
      it(`is drawn in ${theme}, ${String(width)} pixels wide`, async () => {
        const panel = await PanelPage.open(browser, { theme, width, height: 900 });
        const name = `${theme}-${String(width)}`;
        await panel.snapshot([]);
        await panel.screenshot(`${name}-empty`);
        const running = { state: 'running', status: 'Running Bash…' } as const;
        const usage = {
          inputTokens: 18_240,
          outputTokens: 2_113,
          cacheReadTokens: 91_000,
          cacheWriteTokens: 8_000,
          costUsd: 0.1834,
        };
        const backgroundTasks = [{ taskId: 'b1', kind: 'shell', title: 'npm run dev' }] as const;
        await panel.snapshot(conversation, { header: { ...running, usage, backgroundTasks } });
        await panel.screenshot(`${name}-end`);
        await panel.scroller.evaluate((log) => (log.scrollTop = 0));
        await panel.settle();
        await panel.screenshot(`${name}-start`);
        for (const row of await panel.page.locator('.toolRow').all()) {
          await row.evaluate((element: HTMLElement) => element.click());
        }
        await panel.settle();
        await panel.screenshot(`${name}-open`);
        await panel.snapshot([...conversation, notices], {
          header: {
            ...running,
            mode: 'acceptEdits',
            status: 'Waiting for your approval',
            pending: [approval],
            queued: [{ id: 'm1', text: 'Then update the changelog' }],
          },
          draft: 'And run the linter',
        });
        await panel.page
          .getByRole('button', { name: 'Jump to latest' })
          .or(panel.page.locator('.jump'))
          .first()
          .evaluate((element: HTMLElement) => element.click());
        await panel.settle();
        await panel.screenshot(`${name}-approval`);
        await panel.snapshot([], { header: { ...running, pending: [editApproval, question, plan] }, sessionId: 's2' });
        await panel.screenshot(`${name}-cards`);
        await panel.snapshot(conversation, {
          sessionId: 's3',
          away: {
            text: 'While you were away: 2 turns, 5 tool calls, 1 approval waits, $0.12, 3 min.',
            seen: conversation.length - 1,
          },
          header: { state: 'running', status: 'Thinking…', silentSince: Date.now() - 60_000 },
        });
        await panel.send({ type: 'hint', level: 'info', text: '2 background sessions', table: slotTable });
        await panel.settle();
        await panel.screenshot(`${name}-slots`);
        assert.deepEqual(panel.errors, []);
        assert.deepEqual(panel.foreignRequests, []);
        await panel.close();
      });
    }
  }
});
