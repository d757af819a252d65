import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import type { DeletedSession } from '../core/ports.ts';
import { readStoredSummary } from './storedSummary.ts';
import { folderMode, isSessionId, type StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** Long enough to notice that something is missed. */
const keptMs = 30 * 24 * 3_600_000;
const sessionFile = 'session.jsonl';
/** How many are looked at before others get their turn. */
const entriesPerSlice = 32;

/**
 * Deleted sessions, kept for 30 days: a folder each, whose name says which and when. Files are moved within one file
 * system, so that nothing is copied and nothing is half there; a session's own file goes last and comes back last.
 */
export class Trash {
  readonly #paths: StorePaths;
  readonly #log: Log;

  constructor(paths: StorePaths, log: Log) {
    this.#paths = paths;
    this.#log = log;
  }

  async put(id: string, nowMs: number): Promise<void> {
    const folder = path.join(this.#paths.trash, `${id}.${nowMs}`);
    await fs.promises.mkdir(folder, { recursive: true, mode: folderMode });
    for (const [name, place] of this.#files(id)) {
      await move(place, path.join(folder, name));
    }
    // A session that was never written leaves nothing to keep.
    await fs.promises.rmdir(folder).catch(() => undefined);
  }

  /** What can be restored, the newest deletion first: of what is left of an interrupted deletion there is nothing to see. */
  async list(nowMs: number): Promise<readonly DeletedSession[]> {
    const listed: DeletedSession[] = [];
    for (const [index, { id, at, folder }] of (await this.#entries()).entries()) {
      if (index % entriesPerSlice === entriesPerSlice - 1) {
        await letOthersRun();
      }
      const keptUntil = at + keptMs;
      if (keptUntil <= nowMs) {
        continue;
      }
      try {
        const file = path.join(folder, sessionFile);
        const { content } = await readStoredSummary(file, id, async () =>
          (await import('./summarizeFile.ts')).summarizeFile(file, id),
        );
        listed.push({ id, deletedAt: at, keptUntil, summary: typeof content === 'string' ? undefined : content });
      } catch (error) {
        if (!isMissing(error)) {
          this.#log.error(`A deleted session cannot be read: ${folder}`, error);
          listed.push({ id, deletedAt: at, keptUntil, summary: undefined });
        }
      }
    }
    return listed;
  }

  /** False if there is nothing of it. A deletion that was interrupted and repeated has left it in several folders. */
  async restore(id: string): Promise<boolean> {
    const folders = (await this.#entries()).filter((entry) => entry.id === id).map(({ folder }) => folder);
    if (folders.length === 0) {
      return false;
    }
    for (const [name, place] of this.#files(id)) {
      await fs.promises.mkdir(path.dirname(place), { recursive: true, mode: folderMode });
      for (const folder of folders) {
        // The newest comes first: nothing older replaces it.
        if (!fs.existsSync(place)) {
          await move(path.join(folder, name), place);
        }
      }
    }
    await this.#remove(folders);
    return true;
  }

  /** For good. */
  async delete(id: string): Promise<void> {
    await this.#remove((await this.#entries()).filter((entry) => entry.id === id).map(({ folder }) => folder));
  }

  async removeOld(nowMs: number): Promise<void> {
    await this.#remove((await this.#entries()).filter(({ at }) => nowMs - at > keptMs).map(({ folder }) => folder));
  }

  async #remove(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      await fs.promises.rm(folder, { recursive: true, force: true });
    }
  }

  #files(id: string): readonly (readonly [name: string, place: string])[] {
    const { current, previous } = this.#paths.runLogs(id);
    return [
      ['blobs', this.#paths.blobs(id)],
      ['draft.json', this.#paths.draft(id)],
      ['run.log', current],
      ['run.1.log', previous],
      [sessionFile, this.#paths.session(id)],
    ];
  }

  /** The newest first. */
  async #entries(): Promise<readonly { readonly id: string; readonly at: number; readonly folder: string }[]> {
    const names = await fs.promises.readdir(this.#paths.trash).catch((error: unknown) => {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    });
    const entries = names.flatMap((name) => {
      const [id = '', at = '', ...rest] = name.split('.');
      return isSessionId(id) && /^\d+$/.test(at) && rest.length === 0
        ? [{ id, at: Number(at), folder: path.join(this.#paths.trash, name) }]
        : [];
    });
    return entries.sort((a, b) => b.at - a.at);
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await fs.promises.rename(from, to);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
}
