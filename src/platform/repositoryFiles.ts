import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** A larger file counts by its size and time, so that reading it costs nothing. */
const maxHashedBytes = 4 * 1024 * 1024;

export interface RepositoryFiles {
  /** Absolute paths that exist. */
  readonly paths: readonly string[];
  /** Changes with any of the paths or their contents. */
  readonly digest: string;
}

/**
 * The files of a repository that would let it act on its own when an agent starts in `cwd`: `names` there and in the
 * folders above it. The person's own folder and what is above it are theirs, not a repository's.
 */
export async function findRepositoryFiles(cwd: string, names: readonly string[]): Promise<RepositoryFiles | undefined> {
  const hash = createHash('sha256');
  const paths: string[] = [];
  for (const folder of foldersUpwards(cwd)) {
    for (const name of names) {
      const file = path.join(folder, name);
      const stat = await fs.stat(file).catch(() => undefined);
      if (stat?.isFile() !== true) {
        continue;
      }
      paths.push(file);
      hash.update(`${file}\0${stat.size}\0`);
      hash.update(stat.size > maxHashedBytes ? String(stat.mtimeMs) : await fs.readFile(file));
    }
  }
  return paths.length === 0 ? undefined : { paths, digest: hash.digest('hex') };
}

function foldersUpwards(cwd: string): string[] {
  const folders: string[] = [];
  const home = path.resolve(homedir());
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    if (folder === home || home.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)) {
      return folders;
    }
    folders.push(folder);
    if (path.dirname(folder) === folder) {
      return folders;
    }
  }
}
