import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Redactor } from '../core/redact.ts';
import type { ShellLogs } from '../core/shells/shellPorts.ts';
import { DiskShellLog } from './shellLogFile.ts';
import { isSessionId } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

const keptMs = 7 * 24 * 3600 * 1000;
const keptBytes = 512 * 1024 * 1024;
/** Another window may be writing it. */
const youngMs = 3600 * 1000;

export interface ShellLogFolderOptions {
  /** Holds a folder for each session. */
  readonly root: string;
  readonly limitBytes: () => number;
  /** Has to know its values as `asBytes` gives them. */
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the output of all shells of a workspace is stored. */
export class ShellLogFolder implements ShellLogs {
  readonly #options: ShellLogFolderOptions;

  constructor(options: ShellLogFolderOptions) {
    this.#options = options;
  }

  create(sessionId: string, shellId: string): DiskShellLog {
    const { limitBytes, redactor } = this.#options;
    const file = path.join(this.folderOf(sessionId), `${shellId}.log`);
    return new DiskShellLog({ path: file, limitBytes: limitBytes(), redactor });
  }

  async reopen(sessionId: string, shellId: string) {
    const file = this.create(sessionId, shellId);
    return { file, end: await file.reopen() };
  }

  folderOf(sessionId: string): string {
    if (!isSessionId(sessionId)) {
      throw new Error(`not the id of a session: ${sessionId}`);
    }
    return path.join(this.#options.root, sessionId);
  }

  /** Removes what is old, and the oldest of what is too much. */
  async sweep(): Promise<void> {
    const { root, clock, log } = this.#options;
    try {
      const files = (await filesBelow(root)).sort((a, b) => b.modifiedMs - a.modifiedMs);
      let total = 0;
      for (const { path: file, bytes, modifiedMs } of files) {
        const ageMs = clock.now() - modifiedMs;
        total += bytes;
        if (ageMs > keptMs || (total > keptBytes && ageMs > youngMs)) {
          await fs.promises.rm(file, { force: true });
        }
      }
      for (const folder of new Set(files.map(({ path: file }) => path.dirname(file)))) {
        await fs.promises.rmdir(folder).catch(() => undefined);
      }
    } catch (error) {
      log.warn(`old output of shells could not be removed: ${messageOf(error)}`);
    }
  }
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

async function filesBelow(root: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const folder of await namesIn(root)) {
    for (const name of isSessionId(folder) ? await namesIn(path.join(root, folder)) : []) {
      const file = path.join(root, folder, name);
      const stat = await fs.promises.lstat(file).catch(() => undefined);
      if (stat?.isFile() === true) {
        found.push({ path: file, bytes: stat.size, modifiedMs: stat.mtimeMs });
      }
    }
  }
  return found;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await fs.promises.readdir(folder);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}
