import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Clock } from '../core/ports.ts';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

const retryMs = 20;
/** Whoever changes a file has it for milliseconds: who has had it for so many tries is gone. */
const triesUntilGone = 150;

/** Thrown where the lock was taken away meanwhile; what was to be written must not be. */
export class LockLost extends Error {}

/**
 * Lets one process at a time change a file, by another file beside it that only one can make. `work` is given a function
 * that throws `LockLost` if somebody has taken this one for dead: it is called last before anything is put in place.
 */
export async function withFileLock<T>(
  file: string,
  clock: Pick<Clock, 'after'>,
  work: (confirm: () => void) => Promise<T>,
): Promise<T> {
  const lock = `${file}.lock`;
  const own = randomUUID();
  await fs.promises.mkdir(path.dirname(file), { recursive: true, mode: folderMode });
  await take(lock, own, clock);
  const isOwn = (): boolean => ownerOf(lock) === own;
  try {
    return await work(() => {
      if (!isOwn()) {
        throw new LockLost(`another process has taken ${lock}`);
      }
    });
  } finally {
    if (isOwn()) {
      fs.rmSync(lock, { force: true });
    }
  }
}

async function take(lock: string, own: string, clock: Pick<Clock, 'after'>): Promise<void> {
  let seen: string | undefined;
  let tries = 0;
  while (!make(lock, own)) {
    const owner = ownerOf(lock);
    tries = owner === seen ? tries + 1 : 0;
    seen = owner;
    if (owner !== undefined && tries >= triesUntilGone) {
      putAside(lock, owner);
      continue;
    }
    await new Promise<void>((resolve) => clock.after(retryMs, resolve));
  }
}

/** Whole at once: nobody sees a lock without its owner. */
function make(lock: string, own: string): boolean {
  const temporary = `${lock}.${own}`;
  try {
    fs.writeFileSync(temporary, own, { mode: fileMode, flag: 'wx' });
    try {
      fs.linkSync(temporary, lock);
    } catch (error) {
      if (isTaken(error)) {
        return false;
      }
      // A file system without links.
      fs.writeFileSync(lock, own, { mode: fileMode, flag: 'wx' });
    }
    return true;
  } catch (error) {
    if (isTaken(error)) {
      return false;
    }
    throw error;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** Of those that find an owner gone at the same time, one moves its lock away; another that it hit instead is put back. */
function putAside(lock: string, owner: string): void {
  const aside = `${lock}.${randomUUID()}`;
  try {
    fs.renameSync(lock, aside);
    if (ownerOf(aside) !== owner) {
      fs.linkSync(aside, lock);
    }
  } catch (error) {
    if (!isMissing(error) && !isTaken(error)) {
      throw error;
    }
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function ownerOf(lock: string): string | undefined {
  try {
    return fs.readFileSync(lock, 'utf8');
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}
