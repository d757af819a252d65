import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isAlive } from './processTable.ts';

/** Followed by the owner's pid, so that what a crash left behind is recognised. */
const prefix = 'greenroom-';

let swept = false;

/** A folder that only this person can enter (0700), below the system's temporary folder. */
export class PrivateFolder {
  readonly path: string;
  #removed = false;

  private constructor(folder: string) {
    this.path = folder;
  }

  static create(): PrivateFolder {
    if (!swept) {
      swept = true;
      PrivateFolder.removeLeftovers();
    }
    return new PrivateFolder(mkdtempSync(path.join(os.tmpdir(), `${prefix}${process.pid}-`)));
  }

  /** Writes a file of mode 0600 that did not exist. */
  write(content: string): string {
    const file = path.join(this.path, randomUUID());
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
    return file;
  }

  remove(): void {
    if (!this.#removed) {
      this.#removed = true;
      rmSync(this.path, { recursive: true, force: true });
    }
  }

  /** Removes the folders of hosts that no longer live. */
  static removeLeftovers(): void {
    const root = os.tmpdir();
    for (const name of readdirSync(root)) {
      const pid = Number(/^greenroom-(\d+)-\w{6}$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isInteger(pid) && pid > 1 && !isAlive(pid)) {
        try {
          rmSync(path.join(root, name), { recursive: true, force: true });
        } catch {
          // Someone else's folder of the same name: not ours to remove.
        }
      }
    }
  }
}
