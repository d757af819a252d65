import { AgentWorkbench } from './agentWorkbench.ts';
import { type ConversationsPlace, NotingCli } from './conversationsPlace.ts';
import { describeNativeConversations } from './nativeConversations.ts';
import { describeStoredSessions } from './storedSessions.ts';

describe('What was said before, in the workbench', () => {
  let place: ConversationsPlace;

  before(async () => {
    const cli = new NotingCli();
    const agent = await AgentWorkbench.start(
      { 'notes.md': '# Notes\n' },
      {
        projectName: "Ada's project",
        settings: {
          'greenroom.runtimes.claudeCode.command': cli.command,
          'greenroom.runtimes.claudeCode.env': { DEPLOY_TOKEN: 'of-the-settings' },
          // What a terminal shows is in the document then.
          'terminal.integrated.gpuAcceleration': 'off',
        },
      },
    );
    place = { cli, agent, chat: await agent.openChat() };
  });

  after(async () => {
    await place?.agent.stop();
    place?.cli.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await place.agent.workbench.screenshot(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  describe("the agent's own conversations", () => describeNativeConversations(() => place));
  describe('stored sessions', () => describeStoredSessions(() => place));
});
