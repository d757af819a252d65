import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface SearchPlaces {
  /** As the variable PATH has it. */
  readonly path: string;
  /** Folders to look into after those of `path`; `~` stands for the home folder. */
  readonly places: readonly string[];
}

/** The absolute path of a program. A name with a separator is taken as it is, relative to the home folder if it begins with `~`. */
export function findExecutable(name: string, { path: searchPath, places }: SearchPlaces): string | undefined {
  if (name.includes('/') || name.includes(path.sep)) {
    return withExtension(path.resolve(expandHome(name)));
  }
  for (const folder of [...searchPath.split(path.delimiter), ...places]) {
    // An empty or relative entry means the current folder, where a repository could put its own program.
    const expanded = expandHome(folder);
    const found = path.isAbsolute(expanded) ? withExtension(path.join(expanded, name)) : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function expandHome(file: string): string {
  return /^~(?=$|[/\\])/.test(file) ? os.homedir() + file.slice(1) : file;
}

function withExtension(file: string): string | undefined {
  const extensions = process.platform === 'win32' ? ['.exe', '.com', ''] : [''];
  return extensions.map((extension) => file + extension).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
