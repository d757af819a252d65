import fs from 'node:fs';
import { asArray, isRecord, parseJson } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import { parseAbsences } from '../core/absences.ts';
import type { Arrangement, Clock } from '../core/ports.ts';
import { parseSummary } from '../core/sessionSummary.ts';
import { SavedFile } from './savedFile.ts';
import type { SaveTrouble } from './saveTrouble.ts';
import { isSessionId, type StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** A move often changes several places at once. */
const saveDelayMs = 100;

/** Which sessions are on stage and in the slots, from one start to the next. */
export class ArrangementFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #file: SavedFile;
  #current: Arrangement | undefined;

  constructor(paths: StorePaths, clock: Clock, log: Log, trouble: SaveTrouble) {
    this.#path = paths.arrangement;
    this.#log = log;
    this.#file = new SavedFile({ path: this.#path, clock, trouble, delayMs: saveDelayMs });
  }

  async read(): Promise<Arrangement | undefined> {
    if (this.#current !== undefined) {
      return this.#current;
    }
    try {
      const arrangement = parseArrangement(parseJson(await fs.promises.readFile(this.#path, 'utf8')));
      if (arrangement === undefined) {
        this.#log.warn(`The arrangement of sessions cannot be read and is ignored: ${this.#path}`);
      }
      return arrangement;
    } catch (error) {
      if (!isMissing(error)) {
        this.#log.error(`The arrangement of sessions cannot be read: ${this.#path}`, error);
      }
      return undefined;
    }
  }

  save(arrangement: Arrangement): void {
    this.#current = arrangement;
    this.#file.set(() => JSON.stringify(this.#current));
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }
}

function parseArrangement(value: unknown): Arrangement | undefined {
  if (!isRecord(value) || !Array.isArray(value['background'])) {
    return undefined;
  }
  const isId = (id: unknown): id is string => typeof id === 'string' && isSessionId(id);
  const foreground = isId(value['foreground']) ? value['foreground'] : undefined;
  const background = new Set(asArray(value['background']).filter(isId));
  const summaries = asArray(value['summaries'])
    .map((summary) => parseSummary(summary))
    .filter((summary) => summary !== undefined);
  const absences = parseAbsences(value['absences']).filter(({ id }) => isSessionId(id));
  return {
    foreground,
    background: [...background].filter((id) => id !== foreground),
    summaries,
    ...(absences.length === 0 ? {} : { absences }),
  };
}
