import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judge } from '../../../src/core/approvals.ts';
import { isProtectedPath } from '../../../src/core/protectedPaths.ts';
import type { ToolRequest } from '../../../src/core/runtime.ts';
import type { ApprovalMode } from '../../../src/protocol/view.ts';

const links = new Map<string, string>([
  ['/w/out', '/etc'],
  ['/w/hooks', '/w/.git/hooks'],
]);
/** Resolves the links above, as a disk would. */
const files = {
  realPath(path: string): Promise<string> {
    for (const [link, target] of links) {
      if (path === link || path.startsWith(`${link}/`)) {
        return Promise.resolve(target + path.slice(link.length));
      }
    }
    return Promise.resolve(path);
  },
};

function request(access: ToolRequest['access'], more: Partial<ToolRequest> = {}): ToolRequest {
  return { toolName: 'Tool', access, paths: [], input: {}, ...more };
}

async function decide(tool: ToolRequest, mode: ApprovalMode = 'ask', grants: readonly string[] = []): Promise<string> {
  const { verdict, grant } = await judge(tool, { mode, cwd: '/w', grants: new Set(grants) }, files);
  return grant === undefined ? verdict.kind : `${verdict.kind} [${grant.key}]`;
}

describe('approvals', () => {
  it('let an agent read inside its folder, and ask outside', async () => {
    assert.equal(await decide(request('read', { paths: ['src/a.ts'] })), 'allow');
    assert.equal(await decide(request('read', { paths: ['/w/src/a.ts'] })), 'allow');
    assert.equal(await decide(request('read', { paths: [] })), 'allow');
    assert.equal(await decide(request('read', { paths: ['../x'] })), 'ask [read:/x]');
    assert.equal(await decide(request('read', { paths: ['/etc/passwd'] })), 'ask [read:/etc/passwd]');
    assert.equal(await decide(request('read', { paths: ['out/passwd'] })), 'ask [read:/etc/passwd]');
    assert.equal(await decide(request('read', { paths: ['/wrong/a'] })), 'ask [read:/wrong/a]');
  });

  it('ask before an edit, and remember an answer for the session inside the folder only', async () => {
    assert.equal(await decide(request('edit', { paths: ['a.ts'] })), 'ask [edit]');
    assert.equal(await decide(request('edit', { paths: ['a.ts'] }), 'ask', ['edit']), 'allow');
    assert.equal(await decide(request('edit', { paths: ['../a.ts'] }), 'ask', ['edit']), 'ask');
    assert.equal(await decide(request('edit', { paths: ['out/a.ts'] }), 'ask', ['edit']), 'ask');
    assert.equal(await decide(request('edit', { paths: [] }), 'ask', ['edit']), 'ask');
  });

  it('always ask for a protected path, also through a link', async () => {
    for (const path of [
      '.git/config',
      '.vscode/settings.json',
      'a/.claude/settings.json',
      'x.code-workspace',
      '.mcp.json',
      'hooks/pre-commit',
    ]) {
      assert.equal(await decide(request('edit', { paths: [path] }), 'ask', ['edit']), 'ask', path);
    }
  });

  it('ask for each command, and remember just that one', async () => {
    const status = request('execute', { command: 'git status' });
    assert.equal(await decide(status), 'ask [execute:git status]');
    assert.equal(await decide(status, 'ask', ['execute:git status']), 'allow');
    for (const command of ['git status; rm -rf x', 'git status > f', 'git status ', 'git  status']) {
      assert.match(await decide(request('execute', { command }), 'ask', ['execute:git status']), /^ask/, command);
    }
  });

  it('ask for the network and for tools they do not know', async () => {
    assert.match(await decide(request('network', { input: { url: 'https://a.example' } })), /^ask/);
    assert.match(await decide(request('other')), /^ask/);
    assert.equal(await decide(request('internal')), 'allow');
  });

  it('refuse in plan mode whatever could change something, whatever was allowed before', async () => {
    const grants = ['edit', 'execute:ls', 'tool:Tool'];
    assert.equal(await decide(request('edit', { paths: ['a'] }), 'plan', grants), 'deny');
    assert.equal(await decide(request('execute', { command: 'ls' }), 'plan', grants), 'deny');
    assert.equal(await decide(request('other'), 'plan', grants), 'deny');
    assert.equal(await decide(request('read', { paths: ['a'] }), 'plan'), 'allow');
  });

  it('never allow an edit without asking that ends outside the folder or in a protected place', async () => {
    const segment = fc.constantFrom(
      '..',
      '.',
      'a',
      'b',
      '.git',
      '.GIT',
      '.vscode',
      'out',
      'hooks',
      '.claude',
      'c.code-workspace',
      '',
      'w',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 6 }), fc.boolean(), async (segments, absolute) => {
        const path = `${absolute ? '/' : ''}${segments.join('/')}`;
        const { verdict } = await judge(
          request('edit', { paths: [path] }),
          { mode: 'ask', cwd: '/w', grants: new Set(['edit']) },
          files,
        );
        if (verdict.kind === 'allow') {
          const real = await files.realPath(
            new URL(
              `file://${absolute ? '' : '/w/'}${path}`.replaceAll(/\/+/g, '/').replace('file:/', 'file:///'),
            ).pathname.replace(/(.)\/$/, '$1'),
          );
          assert.ok(real === '/w' || real.startsWith('/w/'), `${path} -> ${real}`);
          assert.ok(!/\.git(\/|$)|\.vscode|\.claude|code-workspace$/i.test(real), `${path} -> ${real}`);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('protected paths', () => {
  it('cover what changes later runs, whatever the spelling', () => {
    for (const path of [
      '.git',
      '.git/hooks/pre-commit',
      '/home/me/.bashrc',
      '.VSCode/tasks.json',
      '.git./config',
      '.git /x',
      'a/.claude/agents/x.md',
      '.git::$INDEX_ALLOCATION/config',
      'C:\\w\\.vscode\\settings.json',
      'x.CODE-WORKSPACE',
      '.envrc',
      'sub/.mcp.json',
    ]) {
      assert.ok(isProtectedPath(path), path);
    }
  });

  it('leave ordinary files alone', () => {
    for (const path of [
      'src/a.ts',
      '.gitignore',
      '.github/workflows/ci.yml',
      'git/config',
      'vscode/x',
      'README.md',
      '.env.example',
      'code-workspace',
    ]) {
      assert.ok(!isProtectedPath(path), path);
    }
  });
});
