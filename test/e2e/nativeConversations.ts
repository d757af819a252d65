import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FrameLocator, Locator } from 'playwright-core';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { say } from '../modelServer/steps.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';
import type { ConversationsPlace, NotingCli } from './conversationsPlace.ts';

const hourMs = 3_600_000;

/** In a workbench whose agent was never asked anything. */
export function describeNativeConversations(place: () => ConversationsPlace): void {
  let cli: NotingCli;
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(() => {
    ({ cli, agent, chat } = place());
  });

  const conversations = (): string => {
    const projects = path.join(agent.home, '.claude', 'projects');
    return path.join(projects, readdirSync(projects)[0] ?? '');
  };

  /** Has a conversation without Greenroom; answers its id. */
  async function talkElsewhere(question: string, answer: string, agoMs: number): Promise<string> {
    agent.model.play([{ reply: [say(answer)] }]);
    const before = existsSync(path.join(agent.home, '.claude', 'projects')) ? readdirSync(conversations()) : [];
    const ran = promisify(execFile)(claudeCli(), ['-p', question], { cwd: agent.folder, env: agent.env });
    ran.child.stdin?.end();
    assert.equal((await ran).stdout.trim(), answer);
    const file = readdirSync(conversations()).find((name) => name.endsWith('.jsonl') && !before.includes(name)) ?? '';
    const time = new Date(Date.now() - agoMs);
    utimesSync(path.join(conversations(), file), time, time);
    return path.basename(file, '.jsonl');
  }

  /** What a row says, as it is read out. */
  const labels = (rows: Locator): Promise<(string | null)[]> =>
    rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label')));

  describe('imported', () => {
    it('are none where the agent was never asked', async () => {
      await agent.workbench.runCommand('Greenroom: Import Session');
      const said = agent.workbench.notification('The agents have no conversations of their own in this folder.');
      await said.waitFor();
      await agent.workbench.quickInput().waitFor({ state: 'hidden' });
      await said.hover();
      await said.getByRole('button', { name: /Clear Notification/ }).click();
    });

    it('are listed newest first, shown complete, and go on with what was said before', async () => {
      await talkElsewhere('Name a fruit', 'A quince.', 2 * hourMs + 60_000);
      await talkElsewhere('Name a tree', 'A linden.', 60_000);
      await agent.workbench.runCommand('Greenroom: Import Session');
      const rows = agent.workbench.quickPickRows();
      await rows.nth(1).waitFor();
      await agent.workbench.screenshot('import-list');
      assert.deepEqual(await labels(rows), [
        'Name a tree, 1m · 2 messages · Claude Code',
        'Name a fruit, 2h · 2 messages · Claude Code',
      ]);
      await rows.nth(1).click();
      await chat.getByText('A quince.').waitFor();
      await chat.getByText('Name a fruit').first().waitFor();
      agent.model.play([{ reply: [say('A medlar.')] }]);
      await agent.send(chat, 'Another one');
      await chat.getByText('A medlar.').waitFor();
      assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /Name a fruit.*A quince\..*Another one/);
      await agent.workbench.screenshot('import-goes-on');
    });

    it('are opened, not doubled, when they are a session already', async () => {
      await agent.workbench.runCommand('Greenroom: New Session');
      await chat.getByText('A medlar.').waitFor({ state: 'detached' });
      await agent.workbench.runCommand('Greenroom: Import Session');
      await agent.workbench.quickPickRows('Name a fruit').first().click();
      await chat.getByText('A medlar.').waitFor();
      await agent.workbench.openContainer('Greenroom');
      await agent.workbench.treeRows('Name a fruit').first().waitFor();
      assert.equal(await agent.workbench.treeRows('Name a fruit').count(), 1);
    });
  });

  describe('continued in a terminal', () => {
    const terminal = () => agent.workbench.page.locator('.terminal-wrapper.active .xterm');
    const shown = (text: string) => terminal().locator('.xterm-rows').filter({ hasText: text });
    const readOnly = () => chat.getByText('This conversation goes on in a terminal. Close the terminal to go on here.');
    const messageBox = () => chat.getByRole('textbox', { name: 'Message' });

    async function type(text: string): Promise<void> {
      await terminal().click();
      await agent.workbench.page.keyboard.type(text);
      await shown(text).waitFor();
      await agent.workbench.page.keyboard.press('Enter');
    }

    before(() => {
      // What the CLI asks a person whom it does not know.
      const file = path.join(agent.home, '.claude.json');
      const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
      writeFileSync(
        file,
        JSON.stringify({
          ...known,
          hasCompletedOnboarding: true,
          theme: 'dark',
          customApiKeyResponses: { approved: [agent.env['ANTHROPIC_API_KEY']?.slice(-20)], rejected: [] },
          projects: { ...known.projects, [agent.folder]: { hasTrustDialogAccepted: true } },
        }),
      );
    });

    it('are only read here until the terminal ends, and know then what was said there', async () => {
      const [id = ''] = readdirSync(conversations())
        .filter((name) => name.endsWith('.jsonl'))
        .filter((name) => readFileSync(path.join(conversations(), name), 'utf8').includes('A medlar.'))
        .map((name) => path.basename(name, '.jsonl'));
      await agent.workbench.runCommand('Greenroom: Continue in Terminal');
      assert.deepEqual(await cli.noted(), [agent.folder, '--resume', id, '--permission-mode', 'default']);
      await readOnly().waitFor();
      await shown('A medlar.').waitFor();
      await agent.workbench.screenshot('terminal-continues');
      await messageBox().waitFor({ state: 'detached' });

      agent.model.play([{ reply: [say('A plum.')] }]);
      await type('A third one');
      await shown('A plum.').waitFor();
      await type('/exit');
      await messageBox().waitFor();
      await terminal().waitFor({ state: 'detached' });

      agent.model.play([{ reply: [say('Four.')] }]);
      await agent.send(chat, 'How many were named?');
      await chat.getByText('Four.').waitFor();
      assert.match(JSON.stringify(agent.model.main.at(-1)?.body.messages), /A medlar\..*A plum\..*How many were named/);
      await agent.workbench.screenshot('terminal-came-back');
    });

    it('goes on there once, however often it is asked for, and here when the terminal is closed', async () => {
      await agent.workbench.runCommand('Greenroom: Continue in Terminal');
      await cli.noted();
      await shown('Four.').waitFor();
      await agent.workbench.runCommand('View: Toggle Panel Visibility');
      await terminal().waitFor({ state: 'hidden' });
      await agent.workbench.runCommand('Greenroom: Continue in Terminal');
      await terminal().waitFor();
      await agent.workbench.runCommand('Terminal: Kill the Active Terminal Instance');
      await messageBox().waitFor();
    });

    it('asks before it stops a turn', async () => {
      const { promise: never, resolve: release } = Promise.withResolvers<void>();
      agent.model.play([{ reply: [say('A long answer that does not end.')], pause: { atChunk: 1, until: never } }]);
      await agent.send(chat, 'Go on for long');
      await chat.getByText('A long answ').waitFor();
      const ask = async (button: string): Promise<void> => {
        await agent.workbench.runCommand('Greenroom: Continue in Terminal');
        await agent.workbench.dialog().getByText('The session is at work.').waitFor();
        await agent.workbench.screenshot('terminal-asks');
        await agent.workbench.dialog().getByRole('button', { name: button }).click();
      };
      await ask('Cancel');
      await chat.getByRole('button', { name: 'Stop' }).waitFor();
      await ask('Stop and Continue');
      await cli.noted();
      await readOnly().waitFor();
      assert.equal(await chat.getByRole('button', { name: 'Stop' }).count(), 0);
      release();
      await shown('Go on for long').waitFor();
    });

    it('goes with its session', async () => {
      await agent.workbench.runCommand('Greenroom: Delete Session');
      await agent.workbench.quickPickRows('Name a fruit').first().click();
      await terminal().waitFor({ state: 'detached' });
      await agent.workbench
        .notification(/'Name a fruit' was deleted/)
        .getByRole('button', { name: 'Undo' })
        .click();
    });

    it('is refused with a sentence where there is no conversation, or no program', async () => {
      await agent.workbench.runCommand('Greenroom: New Session');
      await agent.workbench.runCommand('Greenroom: Continue in Terminal');
      await agent.workbench.notification('This session has no conversation that a terminal could continue.').waitFor();

      agent.workbench.changeSettings({ 'greenroom.runtimes.claudeCode.command': '/nowhere/claude' });
      await chat.getByText('Claude Code was not found').first().waitFor();
      await agent.workbench.treeRows('Name a fruit').first().click();
      await chat.getByText('A medlar.').waitFor();
      await agent.workbench.runCommand('Greenroom: Continue in Terminal');
      await agent.workbench.notification(/there is no program "\/nowhere\/claude"/).waitFor();
      await agent.workbench.screenshot('terminal-refused');
      await messageBox().waitFor();
      assert.equal(await terminal().count(), 0);
      agent.workbench.changeSettings({ 'greenroom.runtimes.claudeCode.command': cli.command });
      await agent.workbench.runCommand('Greenroom: New Session');
      await chat.getByText(/^Claude Code \d+\.\d+\.\d+$/).waitFor();
    });
  });
}
