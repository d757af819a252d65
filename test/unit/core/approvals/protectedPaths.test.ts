import assert from 'node:assert/strict';
import { isProtectedFor, isProtectedPath } from '../../../../src/core/approvals/protectedPaths.ts';

describe('protected paths', () => {
  it('cover what changes later runs, whatever the spelling', () => {
    const missed = [
      '.git',
      '.git/hooks/pre-commit',
      '/home/me/.bashrc',
      '.VSCode/tasks.json',
      '.git./config',
      '.git /x',
      '.git::$INDEX_ALLOCATION/config',
      '.g\u200cit/config',
      '.v\u017fcode/settings.json',
      'GIT~1/config',
      'VSCODE~1\\settings.json',
      'CLAUDE~2/settings.json',
      'a/.claude/agents/x.md',
      'C:\\w\\.vscode\\settings.json',
      'x.CODE-WORKSPACE',
      '.envrc',
      'sub/.mcp.json',
      'mcp.json',
      '.github/agents/x.agent.md',
      '.github/hooks/x.json',
      '.github/copilot-instructions.md',
      'x.agent.md',
      'sub/HEAD',
      '/home/me/.ssh/authorized_keys',
      '/home/me/.config/git/config',
      '/home/me/.config/Code/User/settings.json',
      '/home/me/.config/Code - Insiders/User/mcp.json',
      '/Users/me/Library/Application Support/Code/User/settings.json',
      '/Users/me/Library/LaunchAgents/x.plist',
      '/home/me/.vscode-server/data/Machine/settings.json',
      'C:\\Users\\me\\AppData\\Roaming\\Code\\User\\settings.json',
      'Documents/PowerShell/Microsoft.PowerShell_profile.ps1',
      '/etc/profile.d/x.sh',
      '/etc/zshrc',
      '/etc/environment',
      '/home/me/.config/nushell/env.nu',
      '/home/me/.config/zsh/functions/x',
      '/home/me/.bash_completion',
      '.crush/crush.json',
      '.cargo/config.toml',
      '.npmrc',
      '.gitmodules',
      '.pre-commit-config.yaml',
    ].filter((path) => !isProtectedPath(path));
    assert.deepEqual(missed, []);
  });

  it('leave ordinary files alone', () => {
    const taken = [
      'src/a.ts',
      '.gitignore',
      '.github/workflows/ci.yml',
      '.github/dependabot.yml',
      'git/config',
      'vscode/x',
      'README.md',
      'CLAUDE.md',
      'AGENTS.md',
      '.env.example',
      'code-workspace',
      'src/head.ts',
      'src/user/settings.ts',
      'settings.json',
      'profile.ts',
      'tasks.json',
    ].filter(isProtectedPath);
    assert.deepEqual(taken, []);
  });

  it('count from the session\u2019s folder on, which may lie in an agent\u2019s own', () => {
    const scope = { root: '/p/.claude/worktrees/x', folders: ['/storage'] };
    const answers = [
      '/p/.claude/worktrees/x/src/a.ts',
      '/p/.claude/worktrees/x/.git',
      '/p/.claude/settings.json',
      '/storage/approvals.json',
      '/STORAGE/approvals.json',
      '/storagex/a',
    ].map((path) => isProtectedFor(path, scope));
    assert.deepEqual(answers, [false, true, true, true, true, false]);
    assert.equal(isProtectedFor('/home/me/.claude/settings.json', { root: '/home/me/.claude', folders: [] }), true);
    assert.equal(isProtectedFor('/storage/demo/a.txt', { root: '/storage/demo', folders: ['/storage'] }), false);
  });
});
