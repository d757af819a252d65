import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { processesOf } from '../integration/ledger/harness.ts';
import { call, say } from '../modelServer/steps.ts';
import { eventually } from '../support/eventually.ts';
import { AgentWorkbench } from './agentWorkbench.ts';
import { describeCrash } from './crash.ts';

/** Colours that the command makes itself. */
const server = `printf '\\033[32mready\\033[0m on port 1\\n'; while sleep 3; do echo tick; done`;

describe('Background shells in the workbench', () => {
  let agent: AgentWorkbench;
  let chat: FrameLocator;

  before(async () => {
    agent = await AgentWorkbench.start(
      { 'notes.md': '# Notes\n' },
      {
        theme: 'light',
        settings: {
          'terminal.integrated.gpuAcceleration': 'off',
          'greenroom.runtimes.claudeCode.ownBackgroundShells': 'allow',
        },
      },
    );
    chat = await agent.openChat();
  });

  after(() => agent?.stop());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-shells-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  const terminal = () => agent.workbench.page.locator('.terminal-wrapper.active .xterm');

  /** The item in the status bar while so many run. */
  const shellCount = (count: number) =>
    agent.workbench.page
      .locator(`.part.statusbar [aria-label*="${count} background shell${count === 1 ? ' runs' : 's run'}"]`)
      .first();

  const untilNoneIsCounted = () =>
    agent.workbench.page
      .locator('.part.statusbar [aria-label*="background shell"]')
      .first()
      .waitFor({ state: 'hidden' });

  /** Clicks on the button of a row, which then says so. */
  const kill = async (text: string): Promise<void> => {
    const row = agent.workbench.treeRows(text).first();
    await row.hover();
    await row.locator('.action-label[aria-label*="Kill Shell"]').first().click();
    await row.filter({ hasText: 'killed' }).waitFor();
  };

  it('are asked for with their whole command, and shown in the tree, in the status bar and in /tasks', async () => {
    agent.model.play([
      { reply: [call('mcp__greenroom__bash', { command: server, background: true })] },
      { reply: [say('The server runs.')] },
    ]);
    await agent.send(chat, 'Start the server');
    const approve = chat.getByRole('button', { name: 'Approve', exact: true, disabled: false });
    await approve.waitFor();
    await chat.getByText('on port 1').first().waitFor();
    await agent.workbench.screenshot('shells-approval-light');
    await approve.click();
    await chat.getByText('The server runs.').waitFor();
    await agent.workbench.openContainer('Greenroom');
    const row = agent.workbench.treeRows('ready').first();
    await row.waitFor();
    await row.filter({ hasText: 'tick' }).waitFor();
    await shellCount(1).waitFor();
    await agent.send(chat, '/tasks');
    await chat.getByText('1 background shell').first().waitFor();
    await agent.workbench.screenshot('shells-tree-light');
  });

  it('open in a terminal that has what was said before, in colour, and follows', async () => {
    await agent.workbench.treeRows('ready').first().click();
    await terminal().waitFor();
    await terminal().getByText('ready').first().waitFor();
    await terminal().getByText('tick').first().waitFor();
    await agent.workbench.screenshot('shells-terminal-light');
    await agent.workbench.setTheme('dark');
    await agent.workbench.screenshot('shells-terminal-dark');
  });

  it('are counted in the status bar, which opens their list', async () => {
    await agent.workbench.page.keyboard.press('Escape');
    await agent.workbench.runCommand('Greenroom: Start a Background Shell…');
    await agent.workbench.quickInput().fill('echo second; exec sleep 600');
    await agent.workbench.page.keyboard.press('Enter');
    await agent.workbench.treeRows('second').first().waitFor();
    await shellCount(2).waitFor();
    await shellCount(2).click();
    await agent.workbench.quickPickRows('ready').first().waitFor();
    await agent.workbench.quickPickRows('second').first().click();
    await terminal().getByText('second').first().waitFor();
    await kill('second');
    await shellCount(1).waitFor();
  });

  it('end by a click, and the status bar is empty again', async () => {
    await agent.workbench.treeRows('ready').first().click();
    await kill('ready');
    await untilNoneIsCounted();
    await terminal().getByText('killed').first().waitFor();
    await agent.workbench.screenshot('shells-killed-dark');
  });

  it('are read in two steps and ended by the model, and the person sees it everywhere', async () => {
    const steps = [1, 2, 3].map(() => Promise.withResolvers<void>());
    let id = '';
    const next = (name: string, input: object, at: number) => ({
      reply: [call(name, input)],
      pause: { atChunk: 0, until: steps[at]?.promise ?? Promise.resolve() },
    });
    agent.model.play([
      {
        reply: [
          call('mcp__greenroom__bash', {
            command: `mkfifo .gate; printf '\\033[36mlistening\\033[0m\\n'; read line < .gate; echo reloaded; exec sleep 600`,
            background: true,
          }),
        ],
      },
      ({ body }) => {
        id = /id: ([0-9a-f]{32})/.exec(JSON.stringify(body.messages.at(-1)))?.[1] ?? '';
        return next('mcp__greenroom__bash_output', { id, wait_ms: 10_000 }, 0);
      },
      () => next('mcp__greenroom__bash_output', { id, wait_ms: 10_000 }, 1),
      () => next('mcp__greenroom__kill_shell', { id }, 2),
      { reply: [say('The server is down again.')] },
    ]);
    const before = agent.model.main.length;
    await agent.send(chat, 'Try the server');
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
    const row = agent.workbench.treeRows('mkfifo .gate').first();
    await row.filter({ hasText: 'listening' }).waitFor();
    await shellCount(1).waitFor();
    await row.click();
    await terminal().getByText('listening').first().waitFor();
    steps[0]?.resolve();
    await eventually(() => agent.model.main.length === before + 3, 'the first reading', 20_000);
    writeFileSync(path.join(agent.folder, '.gate'), 'go\n');
    await terminal().getByText('reloaded').first().waitFor();
    await row.filter({ hasText: 'reloaded' }).waitFor();
    steps[1]?.resolve();
    steps[2]?.resolve();
    await chat.getByText('The server is down again.').waitFor();
    await row.filter({ hasText: 'killed' }).waitFor();
    await terminal().getByText('[killed').first().waitFor();
    await untilNoneIsCounted();
    const told = agent.model.main.slice(-3).map(({ body }) => JSON.stringify(body.messages.at(-1)));
    assert.deepEqual(
      [told[0]?.includes('listening'), told[1]?.includes('reloaded'), told[1]?.includes('listening')],
      [true, true, false],
    );
    assert.match(told[2] ?? '', new RegExp(`killed background shell ${id}`));
    await agent.workbench.screenshot('shells-ended-by-the-model-dark');
  });

  it('that the agent runs by its own means are shown, counted and ended too', async () => {
    const watch = (what: string) => ({
      command: `echo "${what} is watched"; while :; do read -t 1 x < /dev/zero; done`,
      description: 'Watch',
      run_in_background: true,
    });
    agent.model.play([
      { reply: [call('Bash', watch('own'))] },
      { reply: [call('Bash', watch('other'))] },
      { reply: [say('It watches.')] },
      { reply: [say('I see that it was ended.')] },
      { reply: [say('I see that too.')] },
    ]);
    await agent.send(chat, 'Watch it');
    await chat.getByText('own is watched').last().waitFor();
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
    await agent.workbench.treeRows('own is watched').first().waitFor();
    await chat.getByText('other is watched').last().waitFor();
    await chat.getByRole('button', { name: 'Approve', exact: true, disabled: false }).click();
    await chat.getByText('It watches.').waitFor();
    await agent.workbench.treeRows('other is watched').first().waitFor();
    await shellCount(2).waitFor();
    await agent.send(chat, '/tasks');
    await chat.getByText('own is watched').last().waitFor();
    await agent.workbench.screenshot('shells-own-dark');
    await agent.workbench.treeRows('own is watched').first().click();
    await agent.workbench.page.locator('.editor-container .view-line').getByText('own is watched').last().waitFor();
    await agent.workbench.screenshot('shells-own-output-dark');
    await kill('own is watched');
    await shellCount(1).waitFor();
    await agent.workbench.runCommand('Greenroom: Kill All Shells');
    await agent.workbench.treeRows('other is watched').first().filter({ hasText: 'killed' }).waitFor();
    await untilNoneIsCounted();
  });

  it('can be started by the person, take input, and give their output to the agent', async () => {
    await agent.workbench.runCommand('Greenroom: Start a Background Shell…');
    await agent.workbench.quickInput().fill('printf "name? "; read name; echo "hello $name"');
    await agent.workbench.page.keyboard.press('Enter');
    await terminal().getByText('name?').first().waitFor();
    await terminal().click();
    await agent.workbench.page.keyboard.type('Ada');
    await agent.workbench.page.keyboard.press('Enter');
    await terminal().getByText('hello Ada').first().waitFor();
    await terminal().getByText('exited').first().waitFor();
    await agent.workbench.runCommand('Greenroom: Hand Output to the Agent…');
    await agent.workbench.quickPickRows('printf').first().click();
    const box = chat.getByRole('textbox', { name: 'Message' });
    await eventually(async () => (await box.inputValue()).includes('hello Ada'), 'the output in the composer');
    assert.match(await box.inputValue(), /^Output of `printf/);
    await agent.workbench.screenshot('shells-handed-dark');
  });

  it('end with the window: nothing that they have started is left after a reload', async () => {
    const own = () => processesOf(path.dirname(agent.folder)).filter(({ command }) => /^sleep 100[789] /.test(command));
    await agent.workbench.runCommand('Greenroom: Start a Background Shell…');
    await agent.workbench.quickInput().fill('trap "" TERM HUP; (setsid sleep 1007 &); setsid sleep 1008 & sleep 1009');
    await agent.workbench.page.keyboard.press('Enter');
    await eventually(() => own().length === 3, 'all of them run', 30_000);
    await agent.workbench.reload();
    await eventually(() => own().length === 0, 'all of them end', 30_000);
    await agent.workbench.openContainer('Greenroom');
    await untilNoneIsCounted();
  });

  (process.platform === 'linux' ? describe : describe.skip)('when the extension host is killed', () =>
    describeCrash(() => agent),
  );
});
