import assert from 'node:assert/strict';
import { buildArgs, permissionModeOf } from '../../../../src/runtimes/claudeCode/args.ts';
import { approvalModes } from '../../../../src/protocol/modes.ts';
import { buildEnvironment } from '../../../../src/runtimes/claudeCode/environment.ts';
import { resumeInTerminal } from '../../../../src/runtimes/claudeCode/resumeInTerminal.ts';
import { isAtLeast } from '../../../../src/runtimes/claudeCode/versions.ts';

const plain = {
  args: [],
  model: undefined,
  mode: 'ask' as const,
  permissionMode: 'inherit',
  nativeSessionId: undefined,
  isolation: undefined,
};
const ours = [
  '--input-format',
  'stream-json',
  '--output-format',
  'stream-json',
  '--verbose',
  '--include-partial-messages',
  '--permission-prompt-tool',
  'stdio',
  '--permission-mode',
  'default',
];
const settings = ['--settings', '{"disableSkillShellExecution":true}'];

describe('The command line of Claude Code', () => {
  it('has no model, no conversation and no prompt of its own', () => {
    assert.deepEqual(buildArgs(plain), ['-p', ...ours, ...settings]);
    assert.deepEqual(buildArgs({ ...plain, model: '' }), ['-p', ...ours, ...settings]);
  });

  it('names the model and the conversation', () => {
    assert.deepEqual(buildArgs({ ...plain, model: 'opus', nativeSessionId: 'id' }), [
      '-p',
      ...ours,
      '--model',
      'opus',
      '--resume',
      'id',
      ...settings,
    ]);
  });

  it('puts what is configured before ours, which wins', () => {
    const args = buildArgs({ ...plain, args: ['--output-format', 'text', '--max-turns', '3'] });
    assert.deepEqual(args.slice(0, 5), ['-p', '--output-format', 'text', '--max-turns', '3']);
    assert.ok(args.lastIndexOf('stream-json') > args.indexOf('text'));
  });

  it('leaves out what would bypass the approvals or change the conversation', () => {
    const args = [
      '--dangerously-skip-permissions',
      '--allow-dangerously-skip-permissions',
      '--resume',
      'other',
      '--session-id=x',
      '--continue',
      '--permission-prompt-tool',
      'mcp__x__y',
      '--effort',
      'high',
      '--',
      'a prompt',
    ];
    assert.deepEqual(buildArgs({ ...plain, args }), ['-p', '--effort', 'high', ...ours, ...settings]);
  });

  it('keeps the settings that are configured', () => {
    assert.deepEqual(buildArgs({ ...plain, args: ['--settings', 'mine.json'] }), [
      '-p',
      '--settings',
      'mine.json',
      ...ours,
    ]);
  });

  it('leaves out what a repository says, but names the folders whose words are read', () => {
    const isolation = { folders: ['/w/inner', '/w'], mcpConfigFile: '/tmp/x' };
    assert.deepEqual(buildArgs({ ...plain, isolation }), [
      '-p',
      ...ours,
      ...settings,
      '--setting-sources',
      'user',
      '--strict-mcp-config',
      '--add-dir',
      '/w/inner',
      '--add-dir',
      '/w',
      '--mcp-config',
      '/tmp/x',
    ]);
  });

  it('maps every mode to one that never bypasses what we decide', () => {
    const names = (configured: string): readonly string[] =>
      approvalModes.map((mode) => permissionModeOf(mode, configured));
    assert.deepEqual(names('inherit'), ['plan', 'default', 'acceptEdits', 'default']);
    assert.deepEqual(names(''), names('inherit'));
    assert.deepEqual(names('dontAsk'), ['plan', 'dontAsk', 'dontAsk', 'dontAsk']);
    for (const configured of ['bypassPermissions', 'bypasspermissions', 'dangerously-skip-permissions']) {
      assert.deepEqual(names(configured), names('inherit'));
    }
    for (const mode of approvalModes) {
      const args = buildArgs({ ...plain, mode, args: ['--permission-mode', 'bypassPermissions'] });
      assert.notEqual(args[args.lastIndexOf('--permission-mode') + 1], 'bypassPermissions', mode);
    }
  });
});

describe('The environment of Claude Code', () => {
  it("is the person's, without what belongs to the editor or to another Claude Code", () => {
    const inherited = {
      HOME: '/h',
      PATH: '/bin',
      ANTHROPIC_API_KEY: 'k',
      CLAUDECODE: '1',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CONFIG_DIR: '/c',
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--inspect',
      NO_COLOR: '',
    };
    assert.deepEqual(buildEnvironment(inherited, { CLAUDE_CODE_MAX_RETRIES: '1', PATH: '/own' }), {
      HOME: '/h',
      PATH: '/own',
      ANTHROPIC_API_KEY: 'k',
      CLAUDE_CONFIG_DIR: '/c',
      NO_COLOR: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
    });
  });
});

describe('Claude Code in a terminal', () => {
  const services = {
    environment: () => ({ PATH: '/bin', CLAUDECODE: '1', CLAUDE_CODE_SSE_PORT: '4', CLAUDE_CONFIG_DIR: '/c' }),
    findExecutable: (name: string) => (name === 'missing' ? undefined : `/found/${name}`),
  };
  const context = { command: '', env: {}, mode: 'ask', permissionMode: 'inherit', model: '' } as const;

  it('goes on with a conversation in the mode of its session, and is not told that it is inside of another', () => {
    assert.deepEqual(resumeInTerminal(services, 'n1', context), {
      path: '/found/claude',
      args: ['--resume', 'n1', '--permission-mode', 'default'],
      env: { CLAUDECODE: null, CLAUDE_CODE_SSE_PORT: null },
    });
    assert.deepEqual(
      resumeInTerminal(services, 'n1', {
        command: "it's claude",
        env: { CLAUDE_CODE_SSE_PORT: '5', MY: 'own' },
        mode: 'plan',
        permissionMode: 'bypassPermissions',
        model: 'opus',
      }),
      {
        path: "/found/it's claude",
        args: ['--resume', 'n1', '--permission-mode', 'plan', '--model', 'opus'],
        env: { CLAUDECODE: null, CLAUDE_CODE_SSE_PORT: '5', MY: 'own' },
      },
    );
  });

  it('says that there is no such program', () => {
    assert.throws(() => resumeInTerminal(services, 'n1', { ...context, command: 'missing' }), { code: 'cliNotFound' });
  });
});

describe('isAtLeast', () => {
  it('compares versions by their numbers', () => {
    assert.deepEqual(
      [undefined, '', '2.1', '2.0.999', '2.1.196', '2.1.197', '2.1.1000', '3.0.0', 'x.y.z'].map((version) =>
        isAtLeast(version, '2.1.197'),
      ),
      [false, false, false, false, false, true, true, true, false],
    );
  });
});
