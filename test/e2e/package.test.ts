import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { claudeCli } from '../integration/claudeCode/harness.ts';
import { call, say } from '../modelServer/steps.ts';
import { buildPackages } from '../support/buildPackages.ts';
import { AgentWorkbench } from './agentWorkbench.ts';
import { describeClaudeByKey } from './claudeByKey.ts';

const target = `${process.platform}-${process.arch}`;
const dummyKey = 'not-a-key-but-a-dummy';

/** The living processes for which a look into /proc says yes. */
function processesWhere(isWanted: (pid: string) => boolean): string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && isWanted(entry);
    } catch {
      // It ended while it was looked at, or belongs to someone else.
      return false;
    }
  });
}

describe('The package, installed as a user installs it', () => {
  let folder: string;
  let agent: AgentWorkbench;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'vsix-'));
    buildPackages(folder, [target]);
    const [vsix] = readdirSync(folder);
    assert.ok(vsix);
    agent = await AgentWorkbench.start(
      { 'greeting.ts': 'export function greet(name: string) {\n  return "Hello " + name;\n}\n' },
      {
        vsix: path.join(folder, vsix),
        settings: { 'greenroom.runtimes.claudeCode.env': { ANTHROPIC_API_KEY: dummyKey } },
        env: { ANTHROPIC_API_KEY: '' },
      },
    );
  });

  after(async () => {
    await agent?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('works for a turn of the real CLI, with an approval', async () => {
    agent.model.play([
      { reply: [call('Write', { file_path: path.join(agent.folder, 'more.txt'), content: 'two\n' })] },
      { reply: [say('There is a second file now.')] },
    ]);
    const chat = await agent.openChat();
    await agent.send(chat, 'Write another file');
    await chat.getByRole('button', { name: 'Approve', exact: true }).click();
    await chat.getByText('There is a second file now.').waitFor();
    await chat.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    assert.equal(readFileSync(path.join(agent.folder, 'more.txt'), 'utf8'), 'two\n');
    await agent.workbench.screenshot('package-turn');
  });

  it('runs the CLI on a pseudo-terminal, through the node-pty that it brought', function () {
    if (process.platform !== 'linux') this.skip();
    const { extensionsDir } = agent.workbench.server;
    const [installed] = readdirSync(extensionsDir).filter((name) => name.startsWith('greenroom.greenroom-'));
    assert.ok(installed);
    const binary = path.join(extensionsDir, installed, 'node_modules', '@lydell', `node-pty-${target}`, 'pty.node');
    const hosts = processesWhere((pid) => readFileSync(`/proc/${pid}/maps`, 'latin1').includes(binary));
    assert.equal(hosts.length, 1, `${binary} is not loaded`);
    const terminals = processesWhere(
      (pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(claudeCli()) &&
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(agent.folder),
    ).map((pid) => path.dirname(readlinkSync(`/proc/${pid}/fd/1`)));
    assert.deepEqual(terminals, ['/dev/pts']);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await agent.workbench.screenshot(`failed-package-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
    }
  });

  describe('with Claude by API key, which', () => describeClaudeByKey(() => agent));
});
