import { isInside, segmentsOf, shortPath } from '../paths.ts';

/** Folders whose files say what runs later, or with which rights. */
const protectedFolders: ReadonlySet<string> = new Set([
  // Version control: hooks and settings that run programs.
  '.git',
  '.hg',
  '.svn',
  '.jj',
  '.husky',
  // Editors: tasks, settings that name executables, extensions.
  '.vscode',
  '.vscode-insiders',
  '.vscode-oss',
  '.vscode-server',
  '.vscode-server-insiders',
  '.vscode-remote',
  '.vscodium',
  '.cursor-server',
  '.idea',
  '.fleet',
  '.zed',
  '.vs',
  '.devcontainer',
  // Agents: hooks, skills, servers, rules.
  '.aider',
  '.agents',
  '.amazonq',
  '.augment',
  '.claude',
  '.claude-plugin',
  '.cline',
  '.clinerules',
  '.codeium',
  '.codex',
  '.continue',
  '.antigravity',
  '.crush',
  '.openhands',
  '.qoder',
  '.copilot',
  '.cursor',
  '.factory',
  '.gemini',
  '.goose',
  '.junie',
  '.kilocode',
  '.kiro',
  '.opencode',
  '.qwen',
  '.roo',
  '.trae',
  '.windsurf',
  // Keys and programs of the person.
  '.ssh',
  '.gnupg',
  '.aws',
  '.kube',
  '.docker',
  '.direnv',
  'launchagents',
  'launchdaemons',
]);

const protectedFiles: ReadonlySet<string> = new Set([
  // Servers and settings of agents.
  'mcp.json',
  '.mcp.json',
  'mcp_config.json',
  'mcp_settings.json',
  'cline_mcp_settings.json',
  'claude_desktop_config.json',
  '.claude.json',
  '.aider.conf.yml',
  '.cursorrules',
  '.windsurfrules',
  '.roomodes',
  'opencode.json',
  'opencode.jsonc',
  // Version control.
  '.gitmodules',
  '.gitconfig',
  '.gitattributes',
  '.hgrc',
  '.pre-commit-config.yaml',
  'lefthook.yml',
  'lefthook.yaml',
  '.lefthook.yml',
  // Package managers and tools that take programs or addresses from these.
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pnpmfile.cjs',
  '.pypirc',
  '.netrc',
  '_netrc',
  '.envrc',
  '.mise.toml',
  'mise.toml',
  '.wgetrc',
  '.curlrc',
  '.lldbinit',
  '.gdbinit',
  '.vimrc',
  '.exrc',
  '.nvim.lua',
  '.emacs',
  '.dir-locals.el',
  '.irbrc',
  '.pryrc',
  '.pythonrc.py',
  'sitecustomize.py',
  'usercustomize.py',
  '.tmux.conf',
  '.screenrc',
  '.xprofile',
  '.xinitrc',
  '.pam_environment',
  // Shells.
  '.profile',
  '.login',
  '.logout',
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.zlogout',
  '.cshrc',
  '.tcshrc',
  '.kshrc',
  '.mkshrc',
  '.bash_completion',
  '.oh-my-zsh',
  '.xonshrc',
  '.xsession',
  '.xsessionrc',
  '.inputrc',
  '.shrc',
  'config.fish',
  'profile.ps1',
  'microsoft.powershell_profile.ps1',
  'microsoft.vscode_profile.ps1',
]);

/** Ends of paths, folded: a file or folder of a common name in a place where it matters. */
const protectedTails: readonly (readonly string[])[] = [
  ['.github', 'agents'],
  ['.github', 'chatmodes'],
  ['.github', 'hooks'],
  ['.github', 'instructions'],
  ['.github', 'prompts'],
  ['.github', 'skills'],
  ['.github', 'copilot-instructions.md'],
  ['.config', 'git'],
  ['.config', 'fish'],
  ['.config', 'nushell'],
  ['.config', 'xonsh'],
  ['.config', 'zsh'],
  ['.config', 'systemd'],
  ['.config', 'autostart'],
  ['.config', 'code'],
  ['.config', 'code - insiders'],
  ['.config', 'code - oss'],
  ['.config', 'vscodium'],
  ['.config', 'opencode'],
  ['.config', 'goose'],
  ['.config', 'direnv'],
  ['.config', 'environment.d'],
  ['.config', 'nvim'],
  ['.cargo', 'config'],
  ['.cargo', 'config.toml'],
  ['.cargo', 'env'],
  ['.m2', 'settings.xml'],
  ['.gradle', 'init.gradle'],
  ['.local', 'bin'],
  // What a remote or portable VS Code, and one with a profile, keeps.
  ['user', 'settings.json'],
  ['user', 'keybindings.json'],
  ['user', 'tasks.json'],
  ['machine', 'settings.json'],
  ['application support', 'code'],
  ['etc', 'profile'],
  ['etc', 'profile.d'],
  ['etc', 'bash.bashrc'],
  ['etc', 'bashrc'],
  ['etc', 'environment'],
  ['etc', 'zsh'],
  ['etc', 'zshenv'],
  ['etc', 'zprofile'],
  ['etc', 'zshrc'],
  ['etc', 'crontab'],
  ['etc', 'cron.d'],
  ['etc', 'sudoers'],
  ['etc', 'sudoers.d'],
  ['etc', 'ld.so.preload'],
];

const protectedEndings = ['.code-workspace', '.agent.md', '.chatmode.md', '.prompt.md', '.instructions.md'] as const;

/** What Windows calls a name that is too long for it, as `GIT~1` for `.git`. */
const shortNames: ReadonlySet<string> = new Set(
  [...protectedFolders, ...protectedFiles].map((name) => name.replaceAll('.', '').slice(0, 6)),
);

/** Where a session works, and what else nobody writes unasked: the extension's own folders. All absolute, links resolved. */
export interface ProtectedScope {
  readonly root: string;
  readonly folders: readonly string[];
}

/**
 * True for an absolute path that is never written without asking. Below the session's folder counts what the path says
 * from there on: a worktree may lie in an agent's folder. A folder that is itself protected stays so when it is opened.
 */
export function isProtectedFor(path: string, { root, folders }: ProtectedScope): boolean {
  if (isInside(foldPath(root), foldPath(path))) {
    return isProtectedPath(segmentsOf(root).slice(-2).join('/')) || isProtectedPath(shortPath(root, path));
  }
  return isProtectedPath(path) || folders.some((folder) => isInside(foldPath(folder), foldPath(path)));
}

function foldPath(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase();
}

/**
 * True for a path, absolute or relative, that changes what runs later or with which rights: it is never written without
 * asking, in any mode, whether it exists or not.
 */
export function isProtectedPath(path: string): boolean {
  const segments = segmentsOf(path);
  return mentionsProtectedSegments(segments) || segments.at(-1) === 'HEAD';
}

/** The same for a name in a command, where `HEAD` is a commit and not the file that makes a folder a repository. */
export function mentionsProtectedSegments(segments: readonly string[]): boolean {
  const folded = segments.map(foldSegment);
  return folded.some(
    (segment, index) =>
      isProtectedName(segment) ||
      protectedTails.some((tail) => tail.every((part, offset) => folded[index + offset] === part)),
  );
}

/** Whether a pattern, as a regular expression without anchors, could match a name that is protected. */
export function matchesProtectedName(pattern: RegExp): boolean {
  const names = [...protectedFolders, ...protectedFiles, ...protectedEndings.map((ending) => `x${ending}`)];
  return names.some((name) => pattern.test(name));
}

function isProtectedName(folded: string): boolean {
  const short = /^(.{1,6})~\d+$/.exec(folded)?.[1];
  return (
    protectedFolders.has(folded) ||
    protectedFiles.has(folded) ||
    protectedEndings.some((ending) => folded.endsWith(ending)) ||
    (short !== undefined && shortNames.has(short))
  );
}

/**
 * What file systems of Windows and macOS take a name for: case, trailing dots and spaces, streams (`name::$DATA`) and
 * characters without a shape do not count.
 */
export function foldSegment(segment: string): string {
  return segment
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .replace(/:.*$/u, '')
    .replace(/[. ]+$/u, '')
    .toUpperCase()
    .toLowerCase();
}
