import fs from 'node:fs';
import path from 'node:path';

/**
 * Folders whose files say what the editor and the agents do: the editor's own settings, with our storage among them, the
 * extension itself, and where agents were told to keep theirs. Absolute, links resolved.
 */
export function editorFolders(
  globalStorage: string,
  extension: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  // <data>/User/globalStorage/<extension>; what is set for a machine lies beside it.
  const user = path.dirname(path.dirname(globalStorage));
  const named = ['CLAUDE_CONFIG_DIR', 'CODEX_HOME', 'GEMINI_DIR', 'ZDOTDIR', 'XDG_CONFIG_HOME']
    .map((name) => env[name] ?? '')
    .filter((folder) => path.isAbsolute(folder));
  return [user, path.join(path.dirname(user), 'Machine'), globalStorage, extension, ...named].map(realPath);
}

function realPath(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch {
    // What does not exist yet is protected all the same.
    return folder;
  }
}
