import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import type { Message } from '../../../src/protocol/view.ts';
import { PanelPage, startBrowser, themes } from './harness.ts';
import {
  approval,
  assistant,
  bigOutput,
  conversation,
  editApproval,
  hunks,
  notices,
  plan,
  question,
  says,
  slotTable,
  toolCall,
  user,
} from './samples.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

const bashApproval = approval as Extract<typeof approval, { kind: 'approval' }>;

describe('the chat panel', () => {
  let browser: Browser;
  let panel: PanelPage;
  before(async () => {
    browser = await startBrowser();
  });
  beforeEach(async () => {
    panel = await PanelPage.open(browser);
  });
  afterEach(async () => {
    assert.deepEqual(panel.errors, []);
    assert.deepEqual(panel.foreignRequests, []);
    await panel.close();
  });
  after(() => browser.close());

  const composer = () => panel.page.getByRole('textbox', { name: 'Message' });
  const key = (name: string) => panel.page.keyboard.press(name);
  /** Waits until the card takes answers. */
  const ready = (name: string) => panel.page.getByRole('button', { name, exact: true }).first().click({ trial: true });

  describe('coming back to a session', () => {
    const away = { text: 'While you were away: 1 turn, 2 tool calls, 3 min.', seen: 2 };
    const messages = [user('Go'), says('seen'), user('More'), says('new')];
    const line = () => panel.page.getByRole('note').filter({ hasText: 'While you were away' });

    it('says what happened meanwhile, and draws a line before what is new', async () => {
      await panel.snapshot(messages, { away });
      assert.match(await line().innerText(), /^While you were away: 1 turn, 2 tool calls, 3 min\./);
      const marked = panel.page.getByRole('article').filter({ has: panel.page.getByRole('separator') });
      assert.deepEqual(await marked.allInnerTexts(), ['New since you left\nMore']);
    });

    it('goes to what is new, also where the document does not hold it yet', async () => {
      const many = Array.from({ length: 60 }, (_, index) => says(`message ${index}\n\n${'word '.repeat(600)}`));
      await panel.snapshot(many, { away: { ...away, seen: 3 } });
      await line().getByRole('button', { name: 'Show what is new' }).click();
      await panel.page.getByText('New since you left').waitFor();
      const top = await panel.page
        .getByText('New since you left')
        .evaluate((element) => element.getBoundingClientRect().top);
      assert.ok(top >= 0 && top < 200, `the line is at ${top}`);
    });

    it('is told once: closed by hand or by writing, it stays away', async () => {
      await panel.snapshot(messages, { away });
      await line().getByRole('button', { name: 'Close' }).click();
      assert.equal(await line().isVisible(), false);
      await panel.snapshot(messages, { away });
      assert.equal(await line().isVisible(), false);
      await panel.snapshot(messages, { away: { ...away, seen: 3 } });
      assert.equal(await line().isVisible(), true);
      await panel.patch(['message', user('Thanks')]);
      await line().waitFor({ state: 'hidden' });
      await panel.snapshot(messages);
      assert.equal(await line().isVisible(), false);
    });

    it('offers no way to what is not there', async () => {
      await panel.snapshot(messages, { away: { ...away, seen: 4 } });
      assert.equal(await line().getByRole('button', { name: 'Show what is new' }).isVisible(), false);
      await panel.snapshot(messages, { away: { ...away, seen: 0 } });
      assert.equal(await panel.page.getByRole('separator').count(), 0);
    });
  });

  describe('talking to the host', () => {
    it('asks for a snapshot when it has loaded', async () => {
      assert.deepEqual(await panel.posted(), [{ type: 'needSnapshot' }]);
    });

    it('asks again when nobody answers', async () => {
      await panel.page.waitForFunction(() => (window as unknown as { posted: unknown[] }).posted.length > 1);
      await panel.snapshot([]);
      assert.equal((await panel.postedOf('needSnapshot')).length, 2);
    });

    it('asks for a snapshot, once, when a patch is missing, and shows nothing of what came after', async () => {
      await panel.snapshot([says('one')], { header: { state: 'running' } });
      panel.losePatch();
      await panel.patch(['text', 0, 0, ' three']);
      await panel.patch(['text', 0, 0, ' four']);
      await panel.settle();
      assert.equal((await panel.postedOf('needSnapshot')).length, 2);
      assert.equal(await panel.page.getByRole('article').innerText(), 'one');
      await panel.snapshot([says('one two three four')]);
      assert.equal(await panel.page.getByRole('article').innerText(), 'one two three four');
    });

    it('ignores what is no message', async () => {
      await panel.snapshot([says('here')]);
      await panel.page.evaluate(() => {
        for (const data of [null, 1, 'text', {}, { type: 'nothing' }, { type: 7 }, []]) {
          window.dispatchEvent(new MessageEvent('message', { data }));
        }
      });
      assert.equal(await panel.page.getByRole('article').innerText(), 'here');
    });

    it('keeps nothing but the session it shows, and is the same after a reload', async () => {
      await panel.snapshot(conversation, { draft: 'half a sentence' });
      const before = await panel.page.locator('.messages').innerHTML();
      assert.deepEqual(await panel.page.evaluate(() => (window as unknown as { state: unknown }).state), {
        sessionId: 'session-1',
      });
      await panel.reload();
      assert.deepEqual(await panel.posted(), [{ type: 'needSnapshot' }]);
      await panel.snapshot(conversation, { draft: 'half a sentence' });
      const withoutIds = (html: string): string => html.replace(/tool-\d+/g, '');
      assert.equal(withoutIds(await panel.page.locator('.messages').innerHTML()), withoutIds(before));
      assert.equal(await composer().inputValue(), 'half a sentence');
    });

    it('speaks the language of its dictionary', async () => {
      const other = await PanelPage.open(browser, { dictionary: { You: '你', 'Message {0}': '给 {0} 发消息' } });
      await other.snapshot([user('hello')]);
      assert.equal(await other.page.getByRole('article', { name: '你' }).count(), 1);
      assert.equal(await other.page.locator('textarea').getAttribute('placeholder'), '给 Claude Code 发消息');
      await other.close();
    });
  });

  describe('the transcript', () => {
    it('says of each message who speaks, and does not read tokens aloud', async () => {
      await panel.snapshot([user('Hello'), says('Hi'), notices]);
      const log = panel.page.getByRole('log');
      assert.equal(await log.getAttribute('aria-live'), 'off');
      for (const [name, text] of [
        ['You', 'Hello'],
        ['Claude Code', 'Hi'],
        ['Greenroom', 'compacted'],
      ] as const) {
        await log.getByRole('article', { name, exact: true }).filter({ hasText: text }).waitFor();
      }
    });

    it('streams text, a call and its output into one answer', async () => {
      await panel.snapshot([user('go')], { header: { state: 'running', status: 'Thinking…' } });
      await panel.patch(['message', assistant({ type: 'text', text: '' })]);
      for (const piece of ['I will ', 'run **the', ' tests**', '.\n\nNow:']) {
        await panel.patch(['text', 1, 0, piece]);
      }
      await panel.patch(['part', 1, toolCall({ id: 'c1', name: 'Bash', state: 'streaming', inputText: '' })]);
      await panel.patch(
        ['input', 1, 1, '{"command":"npm test"}'],
        ['set', 1, 1, { state: 'running', title: 'npm test' }],
      );
      await panel.settle();
      const call = panel.page.getByRole('group', { name: 'Bash, running' });
      await call.getByRole('button').click();
      await panel.patch(['output', 1, 1, '1 passing']);
      await panel.settle();
      assert.match(await call.innerText(), /npm test[\s\S]*1 passing/);
      await panel.patch(['set', 1, 1, { state: 'completed', output: '2 passing' }]);
      await panel.patch(['message', says('Done.')], ['header', { state: 'idle' }]);
      await panel.settle();
      assert.match(await panel.page.getByRole('group', { name: 'Bash, completed' }).innerText(), /2 passing/);
      assert.equal(await panel.page.locator('article strong').innerText(), 'the tests');
    });

    it('follows the end until the person scrolls up, and again from there', async () => {
      await panel.snapshot(
        Array.from({ length: 30 }, (_, index) => says(`message ${String(index)}\n\nmore`)),
        {
          header: { state: 'running' },
        },
      );
      assert.ok((await panel.distanceToEnd()) < 2);
      await panel.patch(['text', 29, 0, '\n\nline'.repeat(30)]);
      await panel.settle();
      assert.ok((await panel.distanceToEnd()) < 2, 'follows');
      await panel.scroller.hover();
      await panel.page.mouse.wheel(0, -400);
      await panel.page.getByRole('button', { name: 'Jump to latest' }).waitFor();
      const top = await panel.scroller.evaluate((log) => log.scrollTop);
      await panel.patch(['text', 29, 0, '\n\nline'.repeat(30)]);
      await panel.settle();
      assert.ok(Math.abs((await panel.scroller.evaluate((log) => log.scrollTop)) - top) < 2, 'stays');
      await panel.page.getByRole('button', { name: 'Jump to latest' }).click();
      await panel.settle();
      assert.ok((await panel.distanceToEnd()) < 2, 'is back');
      assert.equal(await panel.page.locator('.jump').isVisible(), false);
    });

    it('goes to the end when the person says something', async () => {
      await panel.snapshot(Array.from({ length: 30 }, (_, index) => says(`message ${String(index)}\n\nmore`)));
      await panel.scroller.evaluate((log) => (log.scrollTop = 0));
      await panel.settle();
      await panel.patch(['message', user('next')]);
      await panel.settle();
      assert.ok((await panel.distanceToEnd()) < 2);
    });

    it('fetches earlier messages at the top and does not move what is read', async () => {
      const all = Array.from({ length: 180 }, (_, index) => says(`message ${String(index)}`));
      await panel.snapshot(all.slice(120), { total: 180 });
      await panel.scroller.evaluate((log) => (log.scrollTop = 40));
      await panel.settle();
      assert.deepEqual(
        (await panel.postedOf('needPage')).map(({ before, count }) => [before, count]),
        [[120, 60]],
      );
      const seen = panel.page.getByText('message 121', { exact: true });
      const before = await seen.boundingBox();
      await panel.pageOf(60, all.slice(60, 120));
      const after = await seen.boundingBox();
      assert.ok(Math.abs((after?.y ?? 0) - (before?.y ?? 0)) < 2, `${String(before?.y)} became ${String(after?.y)}`);
      assert.equal(await panel.page.getByText('message 119', { exact: true }).count(), 1);
    });

    it('says why earlier messages are not there, and fetches them when told to', async () => {
      const all = Array.from({ length: 120 }, (_, index) => says(`message ${String(index)}`));
      await panel.snapshot(all.slice(60), { total: 120 });
      await panel.scroller.evaluate((log) => (log.scrollTop = 0));
      await panel.settle();
      await panel.pageFailed(60, 'The file of this session is damaged.');
      await panel.scroller.evaluate((log) => (log.scrollTop = 0));
      const told = panel.page.getByRole('status').filter({ hasText: 'could not be loaded' });
      await told.getByText('Earlier messages could not be loaded: The file of this session is damaged.').waitFor();
      await panel.screenshot('earlier-failed');
      assert.equal((await panel.postedOf('needPage')).length, 1);
      await told.getByRole('button', { name: 'Try Again' }).click();
      await panel.page.getByText('Loading earlier messages…').waitFor();
      assert.equal((await panel.postedOf('needPage')).length, 2);
      await panel.pageOf(0, all.slice(0, 60));
      await panel.scroller.evaluate((log) => (log.scrollTop = 0));
      await panel.page.getByText('message 0', { exact: true }).waitFor();
      assert.equal(await told.count(), 0);
    });

    it('holds at most 3,000 elements of 5,000 messages, wherever one scrolls', async () => {
      const text =
        'Some *words* and `code` with a [link](https://example.com).\n\n- one\n- two\n- three\n\n```ts\nconst a = 1;\n```';
      const rich = (index: number): Message =>
        index % 5 === 0
          ? user(`question ${String(index)}`)
          : assistant(
              { type: 'text', text: `answer ${String(index)}\n\n${text}` },
              toolCall({ id: `call-${String(index)}`, name: 'Read', title: 'src/a.ts' }),
            );
      const all = Array.from({ length: 5_000 }, (_, index) => rich(index));
      await panel.snapshot(all.slice(4_940), { total: 5_000 });
      const counts = [await panel.nodeCount()];
      const early = panel.page.getByText('answer 4401', { exact: true });
      for (let from = 4_940; (await early.count()) === 0;) {
        await panel.scroller.evaluate((log) => (log.scrollTop = 0));
        await panel.settle();
        if ((await panel.postedOf('needPage')).at(-1)?.before === from) {
          from -= 60;
          await panel.pageOf(from, all.slice(from, from + 60));
        }
        counts.push(await panel.nodeCount());
      }
      // And down again, by what is held.
      for (let step = 0; step < 200; step++) {
        await panel.scroller.evaluate((log) => (log.scrollTop = log.scrollHeight));
        await panel.settle();
        counts.push(await panel.nodeCount());
        if (await panel.page.getByText('answer 4999', { exact: true }).isVisible()) {
          break;
        }
      }
      assert.equal(await panel.page.getByText('answer 4999', { exact: true }).isVisible(), true);
      assert.ok(Math.max(...counts) <= 3_000, `up to ${String(Math.max(...counts))} elements`);
    });

    it('stays bounded while thousands of messages arrive', async () => {
      await panel.snapshot([], { header: { state: 'running' } });
      for (let batch = 0; batch < 50; batch++) {
        await panel.patch(
          ...Array.from(
            { length: 40 },
            (_, index) => ['message', says(`**message** ${String(batch * 40 + index)}\n\n- a\n- b`)] as const,
          ),
        );
        await panel.settle();
      }
      assert.ok((await panel.nodeCount()) <= 3_000);
      assert.ok((await panel.distanceToEnd()) < 2);
      await panel.page.getByText('message 1999').waitFor();
    });

    it('shows what to do while there is nothing', async () => {
      await panel.snapshot([]);
      await panel.page.getByText('Shift+Enter').waitFor();
      await panel.page.getByText('asks before it edits').waitFor();
      await panel.patch(['message', user('hello')]);
      await panel.settle();
      assert.equal(await panel.page.getByText('Shift+Enter').isVisible(), false);
    });

    it('folds a long message of the person', async () => {
      await panel.snapshot([user(Array.from({ length: 80 }, (_, index) => `line ${String(index)}`).join('\n'))]);
      const text = panel.page.locator('.userText');
      const folded = (await text.boundingBox())?.height ?? 0;
      await panel.page.getByRole('button', { name: 'Show more' }).click();
      assert.ok(((await text.boundingBox())?.height ?? 0) > folded * 4);
      await panel.page.getByRole('button', { name: 'Show less' }).click();
    });

    it('folds reasoning and names it by whether it goes on', async () => {
      await panel.snapshot([user('go'), assistant({ type: 'reasoning', text: 'First I' })], {
        header: { state: 'running' },
      });
      await panel.page.getByText('Thinking', { exact: true }).click();
      await panel.patch(['text', 1, 0, ' look **around**.']);
      await panel.settle();
      assert.equal(await panel.page.locator('.reasoning strong').innerText(), 'around');
      await panel.patch(['part', 1, { type: 'text', text: 'Found it.' }]);
      await panel.settle();
      await panel.page.getByText('Thought', { exact: true }).waitFor();
      assert.equal(await panel.page.locator('.reasoning').getAttribute('open'), '');
    });
  });

  describe('tool calls', () => {
    it('open to how they were allowed, their arguments and their output', async () => {
      await panel.snapshot(conversation);
      const call = panel.page.getByRole('group', { name: 'Grep, completed' });
      assert.equal(await call.getByText('allowed without asking: your rule run(git grep) allows it').count(), 0);
      await call.getByRole('button').click();
      await call.getByText('allowed without asking: your rule run(git grep) allows it').waitFor();
      assert.match(await call.innerText(), /pattern\s+retry\\\([\s\S]*src\/net\/fetchUser\.ts:12/);
    });

    it('show a change before it is opened, and open its diff', async () => {
      await panel.snapshot([
        assistant(toolCall({ id: 'e', name: 'Edit', title: 'a.ts', edit: { path: 'a.ts', hunks, canOpen: true } })),
      ]);
      assert.equal((await panel.page.locator('.diffLine.added').count()) > 2, true);
      await panel.page.getByRole('img', { name: '5 lines added, 2 removed' }).waitFor();
      await panel.page.getByRole('button', { name: 'Open diff' }).click();
      assert.deepEqual(await panel.postedOf('openDiff'), [
        { type: 'openDiff', sessionId: 'session-1', toolCallId: 'e' },
      ]);
    });

    it('say how much of an output is not shown, and open the whole', async () => {
      await panel.snapshot([bigOutput]);
      await panel.page.getByRole('button', { name: /cat server\.log/ }).click();
      await panel.page.getByText('1.2 MB in all, shown in part.').waitFor();
      await panel.page.getByRole('button', { name: 'Open full output' }).click();
      assert.deepEqual(await panel.postedOf('openBlob'), [
        { type: 'openBlob', sessionId: 'session-1', blob: 'blob-1', title: 'Bash' },
      ]);
    });

    it('show colours of a terminal, obey none of its commands, and make the hidden visible', async () => {
      const output =
        '\u001b[31mred\u001b[0m \u001b]8;;https://evil.test\u0007link\u001b]8;;\u0007 \u001b]52;c;ZXZpbA==\u0007' +
        'a\u202eb\u200bc\u0007 10%\r20%\r\n\u001b[2J\u001b[1;1Hend';
      await panel.snapshot([assistant(toolCall({ id: 'o', name: 'Bash', output }))]);
      await panel.page.locator('.toolRow').click();
      const shown = panel.page.locator('.output');
      assert.equal(await shown.innerText(), '20%\nend');
      assert.equal(await shown.locator('a').count(), 0);
      await panel.snapshot([assistant(toolCall({ id: 'p', name: 'Bash', output: output.replace(/ 10%\r20%\r/, '') }))]);
      await panel.page.locator('.toolRow').click();
      assert.equal(await shown.innerText(), 'red link aU+202EbU+200Bc\u2407\nend');
      assert.equal(await shown.locator('.ansi-red').innerText(), 'red');
    });

    it('show what a sub-agent does below its call, the last steps first', async () => {
      const steps = Array.from({ length: 9 }, (_, index) =>
        toolCall({ id: `s${String(index)}`, name: 'Read', title: `file ${String(index)}`, parentId: 'task' }),
      );
      await panel.snapshot([assistant(toolCall({ id: 'task', name: 'Task', state: 'running' }), ...steps)]);
      const task = panel.page.getByRole('group', { name: 'Task, running' });
      assert.equal(await task.getByRole('group', { name: 'Read, completed' }).count(), 4);
      await task.getByRole('button', { name: 'Show 5 earlier steps' }).click();
      assert.equal(await task.getByRole('group', { name: 'Read, completed' }).count(), 9);
    });
  });

  describe('notices and links', () => {
    it('offer their actions', async () => {
      await panel.snapshot([notices]);
      await panel.page.getByRole('button', { name: 'Open settings' }).click();
      assert.deepEqual(await panel.postedOf('action'), [
        { type: 'action', action: 'openSettings', argument: 'greenroom.runtimes.claudeCode.command' },
      ]);
      await panel.page.getByText('Details', { exact: true }).click();
      await panel.page.getByText('Invalid API key').waitFor();
    });

    it('open files that inline code or a relative link names', async () => {
      await panel.snapshot([says('See `src/a.ts:12`, [the test](test/b.test.ts#L7) and `console.log`.')]);
      await panel.page.getByRole('button', { name: 'src/a.ts:12' }).click();
      await panel.page.getByRole('button', { name: 'the test' }).click();
      assert.deepEqual(await panel.postedOf('openFile'), [
        { type: 'openFile', path: 'src/a.ts', line: 12 },
        { type: 'openFile', path: 'test/b.test.ts', line: 7 },
      ]);
      assert.equal(await panel.page.getByRole('button', { name: 'console.log' }).count(), 0);
    });

    it('copy a block of code', async () => {
      await panel.snapshot([says('```ts\nconst a = 1;\nconst b = 2;\n```')]);
      await panel.page.getByRole('button', { name: 'Copy' }).click();
      await panel.page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.equal(await panel.page.evaluate(() => navigator.clipboard.readText()), 'const a = 1;\nconst b = 2;\n');
    });
  });

  describe('what waits for the person', () => {
    it('is approved, approved for the session or always, and rejected, each once', async () => {
      for (const [name, decision] of [
        ['Approve', 'allowOnce'],
        ['Approve for this session', 'allowForSession'],
        ['Always approve', 'allowAlways'],
        ['Reject', 'reject'],
      ] as const) {
        await panel.snapshot([], { header: { pending: [{ ...approval, id: decision }] }, sessionId: decision });
        await panel.page.getByRole('button', { name, exact: true }).click();
        assert.equal(await panel.page.getByRole('button', { name, exact: true }).isDisabled(), true);
        assert.deepEqual((await panel.postedOf('decide')).at(-1), { type: 'decide', approvalId: decision, decision });
      }
      assert.equal((await panel.postedOf('decide')).length, 4);
    });

    it('takes no decision in the moment in which it appears', async () => {
      await panel.snapshot([], { header: { pending: [] } });
      await composer().focus();
      await panel.patch(['header', { pending: [approval] }]);
      await panel.settle();
      await key('Control+Enter');
      assert.deepEqual(await panel.postedOf('decide'), []);
      await ready('Approve');
      await key('Control+Enter');
      assert.equal((await panel.postedOf('decide')).length, 1);
    });

    it('offers answers for later only where they are possible, and says what they allow', async () => {
      await panel.snapshot([], { header: { pending: [approval, editApproval] } });
      const button = panel.page.getByRole('button', { name: 'Approve for this session' });
      assert.equal(await button.count(), 1);
      assert.equal(await button.getAttribute('title'), 'this exact command');
      assert.equal(await panel.page.getByRole('button', { name: 'Always approve' }).count(), 1);
      await panel.page
        .getByText('For this session, or always in this workspace, you would allow: this exact command.', {
          exact: true,
        })
        .waitFor();
      const { alwaysScope: _, ...onlyForSession } = bashApproval;
      await panel.snapshot([], { header: { pending: [onlyForSession] }, sessionId: 's3' });
      assert.equal(await panel.page.getByRole('button', { name: 'Always approve' }).count(), 0);
      await panel.page.getByText('For this session you would allow: this exact command.', { exact: true }).waitFor();
    });

    it('opens all of a command that is too long to be shown', async () => {
      const spilledSubject = { blob: 'blob-1', size: 30_000 };
      await panel.snapshot([], { header: { pending: [{ ...bashApproval, spilledSubject }] } });
      await panel.page.getByRole('button', { name: 'Open all of it' }).click();
      assert.deepEqual(await panel.postedOf('openBlob'), [
        { type: 'openBlob', sessionId: 'session-1', blob: 'blob-1', title: 'Bash' },
      ]);
    });

    it('shows the whole subject, hidden characters made visible', async () => {
      await panel.snapshot([], {
        header: { pending: [{ ...bashApproval, subject: 'rm -rf ./\u202ebuild\u200b && echo \u001b[8mok' }] },
      });
      assert.equal(await panel.page.locator('.subject').innerText(), 'rm -rf ./U+202EbuildU+200B && echo \u241b[8mok');
    });

    it('is rejected with a reason', async () => {
      await panel.snapshot([], { header: { pending: [approval] } });
      await panel.page.getByRole('button', { name: 'Reject with a reason…' }).click();
      await panel.page.keyboard.type('use the other script');
      await key('Enter');
      assert.deepEqual(await panel.postedOf('decide'), [
        { type: 'decide', approvalId: 'a1', decision: 'reject', message: 'use the other script' },
      ]);
    });

    it('is decided by keys only while the message is empty, and never takes the focus', async () => {
      await panel.snapshot([], { header: { pending: [] } });
      await composer().fill('typing');
      await panel.header({ pending: [approval] });
      await ready('Approve');
      assert.equal(await composer().evaluate((input) => input === document.activeElement), true);
      await key('Control+Enter');
      await key('Control+Backspace');
      assert.deepEqual(await panel.postedOf('decide'), []);
      await composer().fill('');
      await key('Control+Backspace');
      assert.deepEqual(await panel.postedOf('decide'), [{ type: 'decide', approvalId: 'a1', decision: 'reject' }]);
    });

    it('gives the focus back to the composer on Escape and when it is gone', async () => {
      await panel.snapshot([], { header: { pending: [approval] } });
      const reject = panel.page.getByRole('button', { name: 'Reject', exact: true });
      await ready('Reject');
      await reject.focus();
      await key('Escape');
      assert.equal(await composer().evaluate((input) => input === document.activeElement), true);
      await reject.focus();
      await key('Enter');
      await panel.header({ pending: [] });
      assert.equal(await composer().evaluate((input) => input === document.activeElement), true);
    });

    it('opens the diff of a proposed edit', async () => {
      await panel.snapshot([], { header: { pending: [editApproval] } });
      await panel.page.getByRole('button', { name: 'Open diff' }).click();
      assert.deepEqual(await panel.postedOf('openProposedDiff'), [{ type: 'openProposedDiff', approvalId: 'a2' }]);
    });

    it('takes answers to questions: an option, several, and words of one’s own', async () => {
      await panel.snapshot([], { header: { pending: [question] } });
      const answer = panel.page.getByRole('button', { name: 'Answer' });
      assert.equal(await answer.isDisabled(), true);
      await panel.page.getByRole('radio', { name: 'Exponential' }).check();
      await panel.page.getByRole('checkbox', { name: 'upload' }).check();
      await panel.page.getByRole('checkbox', { name: 'Other…' }).check();
      assert.equal(await answer.isDisabled(), true);
      await panel.page.keyboard.type('the new one');
      await answer.click();
      assert.deepEqual(await panel.postedOf('answer'), [
        {
          type: 'answer',
          questionId: 'q1',
          answers: {
            'Which back-off shall the retry use?': 'Exponential',
            'Which callers shall change?': ['upload', 'the new one'],
          },
        },
      ]);
    });

    it('lets questions be skipped', async () => {
      await panel.snapshot([], { header: { pending: [question] } });
      await panel.page.getByRole('button', { name: 'Skip' }).click();
      assert.deepEqual(await panel.postedOf('answer'), [{ type: 'answer', questionId: 'q1', answers: {} }]);
    });

    it('shows a plan as text and takes it, or what should be different', async () => {
      await panel.snapshot([], { header: { mode: 'plan', pending: [plan] } });
      await panel.page.getByRole('heading', { name: 'Plan' }).waitFor();
      await panel.page.getByRole('button', { name: 'Reject', exact: true }).click();
      await panel.page.keyboard.type('also the docs');
      await key('Enter');
      assert.deepEqual(await panel.postedOf('decide'), [
        { type: 'decide', approvalId: 'p1', decision: 'reject', message: 'also the docs' },
      ]);
      await panel.snapshot([], { header: { mode: 'plan', pending: [{ ...plan, id: 'p2' }] } });
      await panel.page.getByRole('button', { name: 'Approve', exact: true }).click();
      assert.deepEqual((await panel.postedOf('decide')).at(-1), {
        type: 'decide',
        approvalId: 'p2',
        decision: 'allowOnce',
      });
      await panel.snapshot([], { header: { mode: 'plan', pending: [{ ...plan, id: 'p3' }] } });
      await panel.page.getByRole('button', { name: 'Approve and accept edits' }).click();
      assert.equal((await panel.postedOf('decide')).at(-1)?.mode, 'acceptEdits');
    });

    it('leaves a card alone that is being filled in while others come and go', async () => {
      await panel.snapshot([], { header: { pending: [approval, question] } });
      await ready('Skip');
      await panel.page.getByRole('radio', { name: 'Fixed' }).check();
      await panel.header({ pending: [question, plan] });
      assert.equal(await panel.page.getByRole('radio', { name: 'Fixed' }).isChecked(), true);
      assert.equal(await panel.page.locator('.card').count(), 2);
    });
  });

  describe('the composer', () => {
    it('sends with Enter and keeps the text until the session has it', async () => {
      await panel.snapshot([]);
      await composer().fill('first line');
      await key('Shift+Enter');
      await panel.page.keyboard.type('second line');
      await key('Enter');
      const [sent] = await panel.postedOf('send');
      assert.deepEqual(sent, { type: 'send', requestId: 1, sessionId: 'session-1', text: 'first line\nsecond line' });
      assert.equal(await composer().inputValue(), 'first line\nsecond line');
      await key('Enter');
      assert.equal((await panel.postedOf('send')).length, 1);
      await panel.send({ type: 'sent', requestId: 1 });
      assert.equal(await composer().inputValue(), '');
    });

    it('keeps the text and shows the reason when it is refused', async () => {
      await panel.snapshot([]);
      await composer().fill('do it');
      await panel.page.getByRole('button', { name: 'Send' }).click();
      await panel.send({ type: 'sent', requestId: 1, refused: 'The workspace is not trusted.' });
      assert.equal(await composer().inputValue(), 'do it');
      assert.equal(await panel.page.getByRole('alert').innerText(), 'The workspace is not trusted.');
      await composer().press('End');
      await panel.page.keyboard.type('!');
      assert.equal(await panel.page.getByRole('alert').isVisible(), false);
      await key('Enter');
      assert.equal((await panel.postedOf('send')).at(-1)?.requestId, 2);
    });

    it('never sends while an input method composes', async () => {
      await panel.snapshot([]);
      await composer().focus();
      const session = await panel.page.context().newCDPSession(panel.page);
      await session.send('Input.imeSetComposition', { text: 'に', selectionStart: 1, selectionEnd: 1 });
      await composer().dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
      await composer().dispatchEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true });
      assert.deepEqual(await panel.postedOf('send'), []);
      await session.send('Input.insertText', { text: '日本' });
      await key('Enter');
      assert.equal((await panel.postedOf('send'))[0]?.text, '日本');
    });

    it('sends nothing when there is nothing to send', async () => {
      await panel.snapshot([]);
      await composer().fill('  \n ');
      await key('Enter');
      assert.equal(await panel.page.getByRole('button', { name: 'Send' }).isDisabled(), true);
      assert.deepEqual(await panel.postedOf('send'), []);
    });

    it('shows Stop while a turn runs; the button or Escape twice stops it', async () => {
      await panel.snapshot([], { header: { state: 'idle' } });
      const stop = panel.page.getByRole('button', { name: 'Stop' });
      assert.equal(await stop.isVisible(), false);
      await panel.header({ state: 'running' });
      assert.equal(await composer().getAttribute('placeholder'), 'Queue the next message');
      await stop.click();
      await composer().focus();
      await key('Escape');
      await panel.page.getByText('Press Escape again to stop.').waitFor();
      assert.equal((await panel.postedOf('cancelTurn')).length, 1);
      await key('Escape');
      assert.equal((await panel.postedOf('cancelTurn')).length, 2);
    });

    it('lists queued messages and takes them back', async () => {
      await panel.snapshot([], { header: { state: 'running', queued: [{ id: 'm1', text: 'and then this' }] } });
      const queue = panel.page.getByRole('list', { name: 'Queued messages' });
      assert.match(await queue.innerText(), /and then this/);
      await queue.getByRole('button', { name: 'Remove from queue' }).click();
      assert.deepEqual(await panel.postedOf('unqueue'), [{ type: 'unqueue', sessionId: 'session-1', messageId: 'm1' }]);
      await panel.send({ type: 'compose', text: 'and then this' });
      await panel.header({ queued: [] });
      assert.equal(await composer().inputValue(), 'and then this');
      assert.equal(await queue.count(), 0);
    });

    it('tells the host of a draft when typing pauses, and of one that is left behind at once', async () => {
      await panel.snapshot([]);
      await composer().pressSequentially('abc');
      await panel.page.waitForFunction(() =>
        (window as unknown as { posted: { type: string }[] }).posted.some(({ type }) => type === 'draft'),
      );
      assert.deepEqual(await panel.postedOf('draft'), [{ type: 'draft', sessionId: 'session-1', text: 'abc' }]);
      await composer().pressSequentially('d');
      await panel.snapshot([], { sessionId: 'session-2', draft: 'other' });
      assert.deepEqual((await panel.postedOf('draft')).at(-1), { type: 'draft', sessionId: 'session-1', text: 'abcd' });
      assert.equal(await composer().inputValue(), 'other');
    });

    it('tells the host of a draft at once when the keyboard goes elsewhere: the view may be moved next', async () => {
      await panel.snapshot([]);
      const told = await composer().evaluate((input: HTMLTextAreaElement) => {
        input.focus();
        input.value = 'left behind';
        input.dispatchEvent(new InputEvent('input'));
        const { posted } = window as unknown as { posted: { type: string }[] };
        const before = posted.filter(({ type }) => type === 'draft').length;
        input.blur();
        return { before, after: posted.filter(({ type }) => type === 'draft') };
      });
      assert.deepEqual(told, {
        before: 0,
        after: [{ type: 'draft', sessionId: 'session-1', text: 'left behind' }],
      });
    });

    it('tells of a draft before it is sent, and not while the answer is awaited', async () => {
      await panel.snapshot([]);
      await composer().fill('/bg list');
      await key('Enter');
      // Longer than the pause after which a draft is told.
      await panel.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
      assert.deepEqual(
        (await panel.posted()).map(({ type }) => type).filter((type) => type === 'draft' || type === 'send'),
        ['draft', 'send'],
      );
    });

    it('does not write an older draft over what is being typed', async () => {
      await panel.snapshot([], { draft: '' });
      await composer().pressSequentially('newer');
      await panel.snapshot([], { draft: 'new' });
      assert.equal(await composer().inputValue(), 'newer');
    });

    describe('before the host has told of a session', () => {
      // The page asks, and nobody has answered yet.
      beforeEach(() => panel.reload());

      it('keeps what is typed, and tells it as the draft of the session that comes', async () => {
        await composer().pressSequentially('early');
        // Longer than the pause after which a draft is told.
        await panel.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 400)));
        assert.deepEqual(await panel.postedOf('draft'), []);
        await panel.snapshot([], { draft: '' });
        assert.equal(await composer().inputValue(), 'early');
        await panel.page.waitForFunction(() =>
          (window as unknown as { posted: { type: string }[] }).posted.some(({ type }) => type === 'draft'),
        );
        assert.deepEqual(await panel.postedOf('draft'), [{ type: 'draft', sessionId: 'session-1', text: 'early' }]);
      });

      it('puts it behind the draft that was kept', async () => {
        await composer().pressSequentially('early');
        await panel.snapshot([], { draft: 'kept' });
        assert.equal(await composer().inputValue(), 'kept\nearly');
      });

      it('sends it as soon as there is a session, where Enter was pressed', async () => {
        await composer().fill('early');
        await key('Enter');
        assert.deepEqual(await panel.postedOf('send'), []);
        await panel.snapshot([], { draft: '' });
        assert.deepEqual(await panel.postedOf('send'), [
          { type: 'send', requestId: 1, sessionId: 'session-1', text: 'early' },
        ]);
        await panel.send({ type: 'sent', requestId: 1 });
        assert.equal(await composer().inputValue(), '');
      });

      it('does not send what is written on after Enter', async () => {
        await composer().fill('early');
        await key('Enter');
        await composer().pressSequentially(', but wait');
        await panel.snapshot([], { draft: '' });
        assert.deepEqual(await panel.postedOf('send'), []);
        assert.equal(await composer().inputValue(), 'early, but wait');
      });
    });

    it('recalls the last message with the up arrow while it is empty', async () => {
      await panel.snapshot([user('first'), says('ok'), user('second'), says('ok')]);
      await composer().focus();
      await key('ArrowUp');
      assert.equal(await composer().inputValue(), 'second');
    });

    it('completes commands after a slash', async () => {
      await panel.snapshot([]);
      await composer().focus();
      await panel.page.keyboard.type('/');
      const list = panel.page.getByRole('listbox', { name: 'Commands' });
      assert.deepEqual(
        (await list.getByRole('option').allInnerTexts()).map((text) => text.split('\n')[0]),
        ['/bg', '/tasks', '/new', '/model', '/runtime', '/help', '/compact', '/review', '/init', '/security-review'],
      );
      await panel.page.keyboard.type('re');
      assert.deepEqual(await list.getByRole('option').allInnerTexts(), ['/review', '/security-review']);
      await key('ArrowDown');
      assert.equal(await list.getByRole('option', { selected: true }).innerText(), '/security-review');
      await key('ArrowUp');
      await key('Tab');
      assert.equal(await composer().inputValue(), '/review ');
      assert.equal(await list.isVisible(), false);
      await key('Enter');
      assert.equal((await panel.postedOf('send'))[0]?.text, '/review ');
    });

    it('sends a command that is typed in full with one Enter, and closes the list on Escape', async () => {
      await panel.snapshot([]);
      await composer().focus();
      await panel.page.keyboard.type('/he');
      await key('Escape');
      assert.equal(await panel.page.getByRole('listbox').count(), 0);
      await panel.page.keyboard.type('lp');
      await key('Enter');
      assert.equal((await panel.postedOf('send'))[0]?.text, '/help');
    });

    it('switches the mode and lets the model be chosen', async () => {
      await panel.snapshot([], { header: { mode: 'ask' } });
      await panel.page.getByRole('button', { name: 'Mode: Ask' }).click();
      await panel.page.getByRole('button', { name: 'Model: claude-sonnet-5' }).click();
      assert.deepEqual((await panel.posted()).slice(1), [{ type: 'chooseMode' }, { type: 'chooseModel' }]);
      await panel.header({ mode: 'plan' });
      await panel.page.getByRole('button', { name: 'Mode: Plan' }).waitFor();
    });

    it('goes with Shift+Tab through the modes that need no confirmation, and keeps the text', async () => {
      const asked: unknown[] = [];
      await panel.snapshot([]);
      await composer().fill('half a thought');
      for (const mode of ['ask', 'acceptEdits', 'plan', 'auto'] as const) {
        await panel.header({ mode });
        await composer().focus();
        await key('Shift+Tab');
        asked.push((await panel.postedOf('setMode')).at(-1)?.mode);
      }
      assert.deepEqual(asked, ['acceptEdits', 'plan', 'ask', 'plan']);
      assert.equal(await composer().inputValue(), 'half a thought');
      assert.equal(await composer().evaluate((element) => element === document.activeElement), true);
    });

    it('gives the reason in its place where nothing can be sent', async () => {
      await panel.snapshot([says('old')], { header: { readOnly: 'This session is open in another window.' } });
      assert.equal(await composer().isVisible(), false);
      await panel.page.getByText('This session is open in another window.').waitFor();
    });

    for (const width of [300, 700]) {
      it(`answers with a table that keeps its rows and columns for a screen reader, ${String(width)} pixels wide`, async () => {
        await panel.page.setViewportSize({ width, height: 720 });
        await panel.snapshot(conversation);
        await panel.send({ type: 'hint', level: 'info', text: '2 background sessions', table: slotTable });
        assert.equal(await panel.page.getByRole('alert').innerText(), '2 background sessions');
        const table = panel.page.getByRole('table', { name: '2 background sessions' });
        assert.deepEqual(await table.getByRole('columnheader').allInnerTexts(), [...slotTable.columns]);
        const rows = table.getByRole('row');
        assert.deepEqual(
          await Promise.all([1, 2].map((index) => rows.nth(index).getByRole('cell').allInnerTexts())),
          slotTable.rows.map((row) => [...row]),
        );
        const frame = panel.page.getByRole('region', { name: '2 background sessions' });
        const [scrolled, shown] = await frame.evaluate((element) => [element.scrollWidth, element.clientWidth]);
        assert.equal(scrolled, shown);
        await composer().fill('x');
        assert.equal(await table.count(), 0);
      });
    }

    it('grows with its text, up to two fifths of the panel', async () => {
      await panel.snapshot([]);
      const height = async (): Promise<number> => (await composer().boundingBox())?.height ?? 0;
      const one = await height();
      await composer().fill('line\n'.repeat(5));
      const six = await height();
      await composer().fill('line\n'.repeat(200));
      assert.ok(six > one * 2);
      assert.ok((await height()) <= 720 * 0.4 + 1);
    });

    it('takes the focus when asked', async () => {
      await panel.snapshot([]);
      await panel.send({ type: 'focus' });
      assert.equal(await composer().evaluate((input) => input === document.activeElement), true);
    });
  });

  describe('for everyone', () => {
    it('says how much its agent runs beside the turns, and what', async () => {
      const tasks = panel.page.locator('.status .tasks');
      await panel.snapshot([], {
        header: {
          backgroundTasks: [
            { taskId: 'a', kind: 'shell', title: 'npm run dev' },
            { taskId: 'b', kind: 'agent', title: 'look\u202E around' },
          ],
        },
      });
      assert.deepEqual(
        [await tasks.textContent(), await tasks.getAttribute('title')],
        ['2 in the background', 'npm run dev\nlook‹U+202E› around'],
      );
      await panel.snapshot([]);
      assert.equal(await tasks.textContent(), '');
    });

    it('says since when nothing was heard', async () => {
      await panel.snapshot([says('x')], { header: { state: 'running', status: 'Thinking…' } });
      await panel.header({ silentSince: Date.now() - 60_000 });
      assert.match(await panel.page.getByRole('status').innerText(), /^Thinking… · No output since \d/);
      await panel.patch(['header', { silentSince: null }]);
      await panel.page.getByRole('status').getByText('Thinking…', { exact: true }).waitFor();
    });

    it('says in one status line what the session does, not more often than once a second', async () => {
      await panel.snapshot([], { header: { state: 'running', status: 'Thinking…' } });
      const status = panel.page.getByRole('status');
      assert.equal(await status.innerText(), 'Thinking…');
      await panel.page.evaluate(() => {
        const target = window as unknown as { changes: number };
        target.changes = 0;
        new MutationObserver(() => (target.changes += 1)).observe(document.querySelector('[role=status]') as Node, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      });
      for (let index = 0; index < 20; index++) {
        await panel.patch(['header', { status: `Step ${String(index)}` }]);
      }
      await panel.page.getByRole('status').filter({ hasText: 'Step 19' }).waitFor();
      assert.ok((await panel.page.evaluate(() => (window as unknown as { changes: number }).changes)) <= 3);
    });

    for (const theme of themes) {
      it(`has no violation that axe finds, in ${theme}`, async () => {
        const other = await PanelPage.open(browser, { theme });
        await other.snapshot([...conversation, notices, bigOutput], {
          header: {
            state: 'running',
            queued: [{ id: 'm', text: 'next' }],
            pending: [approval, editApproval, question, plan],
          },
        });
        for (const row of await other.page.locator('.toolRow').all()) {
          await row.evaluate((element: HTMLElement) => element.click());
        }
        await other.page.getByRole('textbox', { name: 'Message' }).fill('/');
        await other.page.waitForTimeout(400);
        await other.page.evaluate(axeSource);
        const result = await other.page.evaluate(() =>
          (globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResult> } }).axe.run({
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            // The harness page has no title bar and no landmarks of the workbench around it.
            rules: { 'page-has-heading-one': { enabled: false }, 'heading-order': { enabled: false } },
          }),
        );
        assert.deepEqual(
          result.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]),
          [],
        );
        await other.close();
      });
    }

    it('does not move for those who asked for less motion', async () => {
      const other = await PanelPage.open(browser, { reducedMotion: true });
      await other.snapshot(conversation, { header: { state: 'running' } });
      const running = await other.page.evaluate(() => document.getAnimations().length);
      assert.equal(running, 0);
      await other.close();
    });

    it('can be walked through with the Tab key', async () => {
      await panel.snapshot([says('`src/a.ts`')], { header: { pending: [approval] } });
      await ready('Approve');
      await panel.page.evaluate(() => (document.activeElement as HTMLElement).blur());
      const names: string[] = [];
      for (let index = 0; index < 12; index++) {
        await key('Tab');
        names.push(
          await panel.page.evaluate(
            () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
          ),
        );
      }
      for (const name of ['Conversation', 'src/a.ts', 'Approve', 'Reject', 'Message', 'Mode: Ask']) {
        assert.ok(names.includes(name), `${name} in ${names.join(', ')}`);
      }
    });
  });
});
