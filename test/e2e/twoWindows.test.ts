import { say } from '../modelServer/steps.ts';
import { AgentWorkbench } from './agentWorkbench.ts';
import type { Workbench } from './workbench.ts';

describe('Two windows on one folder', () => {
  let agent: AgentWorkbench;
  let second: Workbench | undefined;

  before(async () => {
    agent = await AgentWorkbench.start({ 'notes.md': '# Notes\n' });
  });

  after(async () => {
    await second?.closeWindow();
    await agent?.stop();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot('failed-two-windows-first');
      await second?.screenshot('failed-two-windows-second');
    }
  });

  it('the second only reads a session of the first until it takes it over, and the first only reads from then on', async () => {
    const chat = await agent.openChat();
    agent.model.play([
      { reply: [say('Once upon a time.')] },
      { reply: [say('There was a fox.')] },
      { reply: [say('And they lived on.')] },
    ]);
    await agent.send(chat, 'Tell a story');
    await chat.getByText('Once upon a time.').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();

    second = await agent.workbench.openSecondWindow();
    await second.openContainer('Greenroom');
    await second.treeRows('Tell a story').first().click();
    const copy = second.chat();
    await copy.getByText('Once upon a time.').waitFor();
    await copy.getByText('Another window works in this session').last().waitFor();
    await second.screenshot('two-windows-read-only');

    await agent.send(chat, 'And then?');
    await copy.getByText('There was a fox.').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();

    await copy.getByRole('button', { name: 'Take Over' }).click();
    await copy.getByRole('textbox', { name: 'Message' }).waitFor();
    await chat.getByText('Another window has taken this session over').last().waitFor();
    await agent.workbench.screenshot('two-windows-taken');

    await agent.send(copy, 'Go on');
    await copy.getByText('And they lived on.').waitFor();
    await second.screenshot('two-windows-goes-on');

    await chat.getByRole('button', { name: 'Take Over' }).click();
    await chat.getByText('And they lived on.').waitFor();
    await copy.getByText('Another window has taken this session over').last().waitFor();
  });
});
