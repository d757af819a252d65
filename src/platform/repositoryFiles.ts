import { createHash, randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** A larger file counts by its size and time, so that reading it costs nothing. */
const maxHashedBytes = 4 * 1024 * 1024;
/** Files and folders that are looked at. */
const maxVisited = 1_000;

export interface RepositoryFiles {
  /** Absolute paths that exist. */
  readonly paths: readonly string[];
  /** Changes with any of the paths or their contents. */
  readonly digest: string;
}

/**
 * The files of a repository that would let it act on its own when an agent starts in `cwd`: `names`, files or folders,
 * there and in the folders above it. The person's own folder and what is above it are theirs, not a repository's.
 */
export async function findRepositoryFiles(cwd: string, names: readonly string[]): Promise<RepositoryFiles | undefined> {
  const found = new Found();
  for (const folder of foldersUpwards(cwd)) {
    for (const name of names) {
      await found.add(path.join(folder, name));
    }
  }
  return found.result();
}

class Found {
  readonly #hash = createHash('sha256');
  readonly #paths: string[] = [];
  #visited = 0;

  /** Adds a file, or the files of a folder in the order of their names. A link counts as what it points to. */
  async add(target: string): Promise<void> {
    const stat = await fs.stat(target).catch(() => undefined);
    if (stat === undefined || this.#visited > maxVisited) {
      return;
    }
    this.#visited += 1;
    if (stat.isDirectory()) {
      for (const name of (await fs.readdir(target)).toSorted()) {
        await this.add(path.join(target, name));
      }
    } else if (stat.isFile()) {
      this.#paths.push(target);
      this.#hash.update(`${target}\0${stat.size}\0`);
      this.#hash.update(stat.size > maxHashedBytes ? String(stat.mtimeMs) : await fs.readFile(target));
    }
  }

  result(): RepositoryFiles | undefined {
    if (this.#visited > maxVisited) {
      // Nobody reviews that many, and links can go round: such a content is a new one each time, never one that was allowed.
      this.#hash.update(randomUUID());
    }
    return this.#paths.length === 0 ? undefined : { paths: this.#paths, digest: this.#hash.digest('hex') };
  }
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
