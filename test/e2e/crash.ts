import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { call, say } from '../modelServer/steps.ts';
import { processesOf } from '../integration/ledger/harness.ts';
import { eventually } from '../support/eventually.ts';
import type { AgentWorkbench } from './agentWorkbench.ts';

/** Leaves its session, its parent and the terminal, and does not hear requests. */
const command = `trap "" TERM HUP; (setsid sleep 1004 &); setsid sleep 1005 & sleep 1006`;

/** The extension host is killed, and with it no `deactivate` runs. Works on Linux only. */
export function describeCrash(place: () => AgentWorkbench): void {
  let agent: AgentWorkbench;

  before(() => {
    agent = place();
  });

  async function startInBackground(line: string, answer: string): Promise<void> {
    let tries = 1;
    agent.model.play([
      ({ body }) => {
        const id = (): string => `toolu_${answer.replaceAll(/\W/g, '')}_${tries}`;
        const results = (body.messages as readonly { readonly content: unknown }[])
          .flatMap(({ content }) => (Array.isArray(content) ? (content as Record<string, unknown>[]) : []))
          .filter((part) => part['tool_use_id'] === id());
        // On a busy machine the CLI may ask the model before it has got to know our tools.
        const isMissing = JSON.stringify(results).includes('No such tool available');
        tries += isMissing ? 1 : 0;
        return results.length === 0 || isMissing
          ? { reply: [call('mcp__greenroom__bash', { command: line, background: true }, id())] }
          : { reply: [say(answer)] };
      },
    ]);
    const chat = await agent.openChat();
    await agent.send(chat, 'Do it in the background');
    await chat.getByRole('button', { name: 'Approve', exact: true }).click();
    await chat.getByText(answer).waitFor();
  }

  it('nothing that the agent has started goes on, and the next one says what was ended', async () => {
    const own = () => processesOf(path.dirname(agent.folder));
    const sleepers = () => own().filter((entry) => /^sleep 100[456] /.test(entry.command));
    await startInBackground(command, 'It sleeps.');
    await eventually(() => sleepers().length === 3, 'the commands run', 30_000);
    const reaper = own().find((entry) => entry.command.includes('greenroom-reaper'));
    assert.ok(reaper !== undefined && reaper.parent > 1);
    process.kill(reaper.parent, 'SIGKILL');
    await eventually(() => own().every(({ pid }) => pid !== reaper.parent), 'the extension host ends');
    await eventually(() => sleepers().length === 0, 'the commands end');
    const told = agent.workbench.notification(/of an earlier window (was|were) still running/);
    await told.waitFor({ timeout: 60_000 });
    assert.match((await told.textContent()) ?? '', /ended: .*sleep/);
    await agent.workbench.screenshot('crash-told');
  });

  it('a shell goes on and is shown again, where that is wanted, and can be watched, and ends with its window then', async () => {
    const { workbench } = agent;
    const own = () => processesOf(path.dirname(agent.folder));
    const shells = () => own().filter(({ command: line }) => line.startsWith('sleep 1007'));
    workbench.changeSettings({ 'greenroom.shells.afterCrash': 'takeBack' });
    // The window that is loaded now knows of it.
    await workbench.reload();
    const go = path.join(agent.folder, 'go');
    const script = `echo before; while [ ! -e '${go}' ]; do sleep 0.1; done; echo after; sleep 1007`;
    await startInBackground(script, 'It waits.');
    const holder = await eventually(
      () => own().find(({ command: line }) => line.includes('greenroom-holder')),
      'the shell could be taken back',
      30_000,
    );
    assert.ok(holder.parent > 1);
    process.kill(holder.parent, 'SIGKILL');
    await eventually(() => own().every(({ pid }) => pid !== holder.parent), 'the extension host ends');
    writeFileSync(go, '');
    await workbench.notification('A shell went on after the crash and is shown again: echo before').waitFor({
      timeout: 60_000,
    });
    assert.equal(shells().length, 1);
    await workbench.openContainer('Greenroom');
    const row = workbench.treeRows('echo before').first();
    await row.waitFor();
    await workbench.screenshot('crash-taken-back');
    assert.match((await row.textContent()) ?? '', /after/);
    await workbench.page.locator('.part.statusbar [aria-label*="1 background shell runs"]').first().waitFor();
    await row.click();
    const terminal = workbench.page.locator('.terminal-wrapper.active .xterm');
    await terminal.getByText('before').first().waitFor();
    await terminal.getByText('after').first().waitFor();
    await workbench.screenshot('crash-taken-back-terminal');
    await workbench.reload();
    const holders = () => own().filter(({ command: line }) => line.includes('greenroom-holder')).length;
    await eventually(() => shells().length + holders() === 0, 'it ends with a window that ends in order', 30_000);
  });
}
