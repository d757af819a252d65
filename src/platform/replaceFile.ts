import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/**
 * Puts a file in place as a whole: a reader, and a crash, see the old content or the new one, never a part of it. `confirm` is
 * called last before, and what it throws leaves the old one.
 */
export async function replaceFile(file: string, content: string | Uint8Array, confirm?: () => void): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeSynced(temporary, content);
    confirm?.();
    await fs.promises.rename(temporary, file);
  } catch (error) {
    await fs.promises.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function writeSynced(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file);
  try {
    await handle.writeFile(content);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function open(file: string): Promise<fs.promises.FileHandle> {
  try {
    return await fs.promises.open(file, 'wx', fileMode);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
    await fs.promises.mkdir(path.dirname(file), { recursive: true, mode: folderMode });
    return fs.promises.open(file, 'wx', fileMode);
  }
}

/** Removes what a crash left of replacing the files of a folder; `olderThanMs` spares what somebody is just writing. */
export function removeTemporaries(folder: string, olderThanMs: number, nowMs: number): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (
      name.endsWith('.tmp') &&
      nowMs - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) > olderThanMs
    ) {
      fs.rmSync(file, { force: true });
    }
  }
}
