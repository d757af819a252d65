import fs from 'node:fs';
import { asRecord, asString, parseJson } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Clock } from '../core/ports.ts';
import { SavedFile } from './savedFile.ts';
import type { SaveTrouble } from './saveTrouble.ts';
import type { StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** A person types: what was written in this time is saved together. */
const saveDelayMs = 300;

interface Unsaved {
  text: string;
  readonly file: SavedFile;
}

/** What stands in the composer of each session, unsent: a small file per session, none for an empty draft. */
export class Drafts {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #trouble: SaveTrouble;
  /** Texts that are not in their file yet. */
  readonly #unsaved = new Map<string, Unsaved>();

  constructor(paths: StorePaths, clock: Clock, log: Log, trouble: SaveTrouble) {
    this.#paths = paths;
    this.#clock = clock;
    this.#log = log;
    this.#trouble = trouble;
  }

  read(id: string): string {
    const unsaved = this.#unsaved.get(id);
    if (unsaved !== undefined) {
      return unsaved.text;
    }
    const file = this.#paths.draft(id);
    try {
      const text = asString(asRecord(parseJson(fs.readFileSync(file, 'utf8')))['text']);
      if (text === undefined) {
        this.#log.warn(`A draft cannot be read and is ignored: ${file}`);
      }
      return text ?? '';
    } catch (error) {
      if (!isMissing(error)) {
        this.#log.error(`A draft cannot be read: ${file}`, error);
      }
      return '';
    }
  }

  save(id: string, text: string): void {
    const unsaved = this.#unsaved.get(id) ?? this.#begin(id, text);
    unsaved.text = text;
    unsaved.file.set(() => (unsaved.text === '' ? undefined : JSON.stringify({ text: unsaved.text })));
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#unsaved.values()].map(({ file }) => file.flush()));
  }

  async delete(id: string): Promise<void> {
    const unsaved = this.#unsaved.get(id);
    this.#unsaved.delete(id);
    await unsaved?.file.discard();
    await fs.promises.rm(this.#paths.draft(id), { force: true });
  }

  #begin(id: string, text: string): Unsaved {
    const unsaved: Unsaved = {
      text,
      file: new SavedFile({
        path: this.#paths.draft(id),
        clock: this.#clock,
        trouble: this.#trouble,
        delayMs: saveDelayMs,
        onIdle: () => {
          if (this.#unsaved.get(id) === unsaved) {
            this.#unsaved.delete(id);
          }
        },
      }),
    };
    this.#unsaved.set(id, unsaved);
    return unsaved;
  }
}
