import fs from 'node:fs';
import path from 'node:path';
import { folderMode, isSessionId, type StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** Long enough to notice that something is missed. */
const keptMs = 30 * 24 * 3_600_000;

/**
 * Deleted sessions, kept for 30 days: a folder each, whose name says which and when. Files are moved within one file
 * system, so that nothing is copied and nothing is half there; a session's own file goes last and comes back last.
 */
export class Trash {
  readonly #paths: StorePaths;

  constructor(paths: StorePaths) {
    this.#paths = paths;
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

  /** False if there is nothing of it. */
  async restore(id: string): Promise<boolean> {
    const newest = (await this.#entries()).filter((entry) => entry.id === id).sort((a, b) => b.at - a.at)[0];
    if (newest === undefined) {
      return false;
    }
    for (const [name, place] of this.#files(id)) {
      await fs.promises.mkdir(path.dirname(place), { recursive: true, mode: folderMode });
      await move(path.join(newest.folder, name), place);
    }
    await fs.promises.rm(newest.folder, { recursive: true, force: true });
    return true;
  }

  async removeOld(nowMs: number): Promise<void> {
    for (const { at, folder } of await this.#entries()) {
      if (nowMs - at > keptMs) {
        await fs.promises.rm(folder, { recursive: true, force: true });
      }
    }
  }

  #files(id: string): readonly (readonly [name: string, place: string])[] {
    const { current, previous } = this.#paths.runLogs(id);
    return [
      ['blobs', this.#paths.blobs(id)],
      ['draft.json', this.#paths.draft(id)],
      ['run.log', current],
      ['run.1.log', previous],
      ['session.jsonl', this.#paths.session(id)],
    ];
  }

  async #entries(): Promise<readonly { readonly id: string; readonly at: number; readonly folder: string }[]> {
    const names = await fs.promises.readdir(this.#paths.trash).catch((error: unknown) => {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    });
    return names.flatMap((name) => {
      const [id = '', at = '', ...rest] = name.split('.');
      return isSessionId(id) && /^\d+$/.test(at) && rest.length === 0
        ? [{ id, at: Number(at), folder: path.join(this.#paths.trash, name) }]
        : [];
    });
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
