import { randomBytes } from 'node:crypto';
import fs, { constants } from 'node:fs';
import path from 'node:path';
import type { WriteResult } from '../core/tools/workFiles.ts';

const openFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const openNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes exactly this file on Linux, as a whole. Each folder on the way is opened below the descriptor of the one above it
 * and never through a symbolic link, and the file is made and put in place below the last of them: whoever exchanges a folder
 * for a link meanwhile changes names, not where this writes. Synchronous: nothing else of this process comes in between.
 */
export function anchoredWrite(target: string, text: string): WriteResult {
  const names = target.split('/').filter((name) => name !== '');
  const name = names.pop();
  if (!path.isAbsolute(target) || name === undefined || names.includes('..') || name === '..') {
    return { kind: 'failed', reason: 'the path is not absolute' };
  }
  let folder = fs.openSync('/', openFolder);
  try {
    for (const one of names) {
      const next = openBelow(folder, one);
      fs.closeSync(folder);
      folder = next;
    }
    const place = below(folder, name);
    const before = fs.lstatSync(place, { throwIfNoEntry: false });
    if (before?.isSymbolicLink() === true) {
      return { kind: 'link' };
    }
    if (before !== undefined && !before.isFile()) {
      return { kind: 'failed', reason: 'it is no file' };
    }
    const temporary = below(folder, `.${name.slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
    const file = fs.openSync(temporary, openNew, 0o666);
    try {
      fs.writeFileSync(file, text);
      if (before !== undefined) {
        fs.fchmodSync(file, before.mode & 0o7777);
      }
      // Takes the place of whatever has this name now; a link is replaced, not followed.
      fs.renameSync(temporary, place);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    } finally {
      fs.closeSync(file);
    }
    return { kind: 'written' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ELOOP' || code === 'ENOTDIR') {
      return { kind: 'link' };
    }
    throw error;
  } finally {
    fs.closeSync(folder);
  }
}

function below(folder: number, name: string): string {
  return `/proc/self/fd/${folder}/${name}`;
}

function openBelow(folder: number, name: string): number {
  try {
    return fs.openSync(below(folder, name), openFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
    fs.mkdirSync(below(folder, name));
    return fs.openSync(below(folder, name), openFolder);
  }
}
