import { segmentsOf } from './paths.ts';

/**
 * Files that change what runs later, or with which rights: writing them asks in every mode, whether they exist or not.
 * Compared without case, because the file systems of macOS and Windows do so.
 */
const protectedFolders: ReadonlySet<string> = new Set([
  '.git',
  '.vscode',
  '.idea',
  '.devcontainer',
  '.husky',
  '.claude',
  '.agents',
  '.codex',
  '.gemini',
  '.cursor',
  '.ssh',
  '.gnupg',
]);

const protectedFiles: ReadonlySet<string> = new Set([
  '.mcp.json',
  '.claude.json',
  '.gitmodules',
  '.gitconfig',
  '.gitattributes',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.envrc',
  '.netrc',
  '.pypirc',
  '.profile',
  '.login',
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
  '.inputrc',
  'config.fish',
]);

/** True for a path, absolute or relative, that is never written without asking. */
export function isProtectedPath(path: string): boolean {
  const segments = segmentsOf(path).map(foldSegment);
  const name = segments.at(-1) ?? '';
  return (
    segments.some((segment) => protectedFolders.has(segment)) ||
    protectedFiles.has(name) ||
    name.endsWith('.code-workspace')
  );
}

/** What Windows and macOS take a name for: trailing dots and spaces, streams (`name::$DATA`) and case do not count. */
function foldSegment(segment: string): string {
  return segment
    .normalize('NFC')
    .replace(/:.*$/u, '')
    .replace(/[. ]+$/u, '')
    .toLowerCase();
}
