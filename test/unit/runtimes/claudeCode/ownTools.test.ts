import assert from 'node:assert/strict';
import { ownShellRefusal } from '../../../../src/runtimes/claudeCode/ownBackgroundShells.ts';
import { OwnTools } from '../../../../src/runtimes/claudeCode/ownTools.ts';
import { fakeBash, SlowTool } from '../../../support/fakeTools.ts';

const bash = fakeBash();
const name = 'mcp__greenroom__bash';

describe("Greenroom's tools in the CLI", () => {
  it('are known by the names that the CLI gives them, and shown by their own', () => {
    const tools = new OwnTools([bash]);
    assert.deepEqual(
      [tools.find(name), tools.find('bash'), tools.find('mcp__greenroom__other'), tools.cliNameOf('bash')],
      [bash, undefined, undefined, name],
    );
    assert.deepEqual(
      [name, 'mcp__greenroom__other', 'Bash'].map((cliName) => tools.plainName(cliName)),
      ['bash', 'mcp__greenroom__other', 'Bash'],
    );
  });

  it("are not confused with those of the person's own server of that name, as far as the version tells", () => {
    const connected = { name: 'greenroom', status: 'connected' };
    const sdk = { name: 'greenroom', source: 'sdk' };
    const found = [
      [connected],
      [connected, { name: 'other', status: 'connected' }],
      [{ ...connected, source: 'sdk' }],
      [{ ...connected, source: 'dynamic' }],
      [connected, connected],
    ].map((servers) => {
      const tools = new OwnTools([bash]);
      const problem = tools.problemWith(servers);
      const asked = [tools.find(name), tools.find(name, sdk), tools.find(name, { ...sdk, source: 'dynamic' })];
      return [problem === undefined, ...asked.map((tool) => tool === bash)];
    });
    assert.deepEqual(found, [
      [true, true, true, false],
      [true, true, true, false],
      [true, true, true, false],
      [false, false, true, false],
      [false, false, true, false],
    ]);
  });

  it('are missed in the log where a version does not take them, and only where there are any', () => {
    const problems = [
      undefined,
      [],
      [{ name: 'greenroom', status: 'failed' }],
      [{ name: 'greenroom', status: 'pending' }],
    ];
    assert.deepEqual(
      problems.map((servers) => [new OwnTools([bash]).problemWith(servers), new OwnTools([]).problemWith(servers)]),
      [
        ["Greenroom's tools are unknown to it", undefined],
        ["Greenroom's tools are unknown to it", undefined],
        ["Greenroom's tools are failed", undefined],
        [undefined, undefined],
      ],
    );
  });
});

describe("The CLI's own background shells", () => {
  it('are refused with the call to make instead', () => {
    const tools = new OwnTools([bash, new SlowTool('bash_output').tool, new SlowTool('kill_shell').tool]);
    assert.equal(
      ownShellRefusal(tools, 'Bash', { command: 'npm run dev', run_in_background: true }),
      'Bash may not start background shells here, where the user could neither see nor stop them. ' +
        'Call mcp__greenroom__bash with {"command":"npm run dev","background":true} instead: it answers at once with the id of the shell. ' +
        'Read what it prints with mcp__greenroom__bash_output. Stop it with mcp__greenroom__kill_shell.',
    );
  });

  it('are those that run in the background, whatever starts them, and nothing else', () => {
    const tools = new OwnTools([bash]);
    const calls: readonly (readonly [string, object])[] = [
      ['Bash', { command: 'x', run_in_background: true }],
      ['PowerShell', { command: 'x', run_in_background: true }],
      ['Monitor', { command: 'tail -f x', description: 'd' }],
      ['Bash', { command: 'x' }],
      ['Bash', { command: 'x', run_in_background: false }],
      ['Monitor', { ws: { url: 'wss://x' }, description: 'd' }],
      ['Agent', { prompt: 'x', run_in_background: true }],
      [name, { command: 'x', background: true }],
    ];
    assert.deepEqual(
      calls.map(([toolName, input]) => ownShellRefusal(tools, toolName, input) !== undefined),
      [true, true, true, false, false, false, false, false],
    );
  });

  it('are not refused where none of our tools can stand in', () => {
    const refusals = [[], [new SlowTool('other').tool]].map((tools) =>
      ownShellRefusal(new OwnTools(tools), 'Bash', { command: 'x', run_in_background: true }),
    );
    assert.deepEqual(refusals, [undefined, undefined]);
  });
});
