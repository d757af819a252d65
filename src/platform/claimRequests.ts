import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** `ask`: will you let it go by yourself? An answer means no. `take`: let it go now. An answer means that this is done. */
export type Wish = 'ask' | 'take';

/** A wish that nobody answered for so long was left behind by a window that is gone. */
const forgottenAfterMs = 60_000;

export interface PlacedRequest {
  readonly isAnswered: boolean;
  withdraw(): void;
}

export interface FoundRequest {
  readonly claimed: string;
  readonly wish: Wish;
  readonly answer: () => void;
}

/**
 * What windows want of each other, as empty files in one folder: the name says everything, and whoever is asked answers by
 * removing the file. Nobody has to be reachable in any other way.
 */
export class ClaimRequests {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  place(claimed: string, wish: Wish): PlacedRequest {
    const file = path.join(this.#folder, [claimed, wish, randomBytes(6).toString('hex')].join('.'));
    fs.mkdirSync(this.#folder, { recursive: true, mode: folderMode });
    fs.closeSync(fs.openSync(file, 'wx', fileMode));
    return {
      get isAnswered() {
        return !fs.existsSync(file);
      },
      withdraw: () => remove(file),
    };
  }

  /** The folder is empty nearly always: looking costs some microseconds. */
  open(nowMs: number): readonly FoundRequest[] {
    let names: readonly string[];
    try {
      names = fs.readdirSync(this.#folder);
    } catch (error) {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    }
    return names.flatMap((name) => {
      const file = path.join(this.#folder, name);
      const [claimed = '', wish, token, ...rest] = name.split('.');
      if ((wish !== 'ask' && wish !== 'take') || token === undefined || rest.length > 0) {
        return [];
      }
      const placedAt = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
      if (nowMs - placedAt > forgottenAfterMs) {
        remove(file);
        return [];
      }
      return [{ claimed, wish, answer: () => remove(file) }];
    });
  }
}

function remove(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Whoever waits for an answer stops waiting some time.
  }
}
