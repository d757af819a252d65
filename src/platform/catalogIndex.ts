import fs from 'node:fs';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import { asArray, asNumber, asRecord, isRecord, parseJson } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import type { Log } from '../base/log.ts';
import type { Clock, SessionIdentity, SessionSummary } from '../core/ports.ts';
import { parseSummary } from '../core/sessionSummary.ts';
import { removeTemporaries } from './replaceFile.ts';
import { SavedFile } from './savedFile.ts';
import type { SaveTrouble } from './saveTrouble.ts';
import { readStoredSummary } from './storedSummary.ts';
import type { StorePaths } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

const indexFormat = 1;
/** It is a cache: a crash in this time costs a look at the files that changed. */
const saveDelayMs = 1000;
/** How many files are looked at before others get their turn. */
const filesPerSlice = 32;
const hourMs = 3_600_000;

interface Entry {
  readonly summary: SessionSummary;
  /** The file that it was made from; a file of another size or time has changed since. */
  readonly size: number;
  readonly mtimeMs: number;
}

interface Problem {
  readonly sentence: string;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface CatalogIndexOptions {
  readonly paths: StorePaths;
  readonly clock: Clock;
  readonly log: Log;
  readonly trouble: SaveTrouble;
  /** This window writes the session. */
  readonly isOpen: (id: string) => boolean;
  /** Reads a session whose last words were not summed up; undefined if its file does not say whose it is. */
  readonly summaryOf: (id: string) => Promise<SessionSummary | undefined>;
}

/**
 * What the list shows of every session, in one small file. It can be lost at any time: what it does not say, or no longer
 * says rightly, is read from the end of the session's own file.
 */
export class CatalogIndex {
  readonly #paths: StorePaths;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #file: SavedFile;
  readonly #entries = new Map<string, Entry>();
  readonly #problems = new Map<string, Problem>();
  /** Of the sessions that this window writes: true whatever the files say. */
  readonly #told = new Map<string, SessionSummary>();
  readonly #isOpen: (id: string) => boolean;
  readonly #summaryOf: CatalogIndexOptions['summaryOf'];
  #loaded: Promise<void> | undefined;

  constructor({ paths, clock, log, trouble, isOpen, summaryOf }: CatalogIndexOptions) {
    this.#paths = paths;
    this.#clock = clock;
    this.#log = log;
    this.#isOpen = isOpen;
    this.#summaryOf = summaryOf;
    this.#file = new SavedFile({ path: paths.index, clock, trouble, delayMs: saveDelayMs });
  }

  set(summary: SessionSummary): void {
    if (this.#isOpen(summary.id)) {
      this.#told.set(summary.id, summary);
    } else {
      this.#noteEntry(summary);
    }
    this.#scheduleSave();
  }

  /** The session was let go: from now on its file may be written by others. */
  released(id: string): void {
    const summary = this.#told.get(id);
    if (summary !== undefined) {
      this.#told.delete(id);
      this.#noteEntry(summary);
      this.#scheduleSave();
    }
  }

  delete(id: string): void {
    this.#told.delete(id);
    this.#problems.delete(id);
    this.#entries.delete(id);
    this.#scheduleSave();
  }

  /** Who the session is, where its own file no longer says it. */
  async identityOf(id: string): Promise<SessionIdentity | undefined> {
    await this.#load();
    const summary = this.#told.get(id) ?? this.#entries.get(id)?.summary;
    return summary === undefined ? undefined : identityOf(summary);
  }

  flush(): Promise<void> {
    return this.#file.flush();
  }

  async list(): Promise<{ readonly sessions: readonly SessionSummary[]; readonly problems: readonly string[] }> {
    await this.#load();
    const ids = this.#sessionFiles();
    const present = new Set(ids);
    const changed: string[] = [];
    for (const id of ids) {
      if (!this.#isOpen(id) && !this.#isCurrent(id)) {
        changed.push(id);
      }
    }
    await this.#readAll(changed);
    const isListed = (id: string) => present.has(id) || this.#isOpen(id);
    let isDirty = changed.length > 0;
    for (const known of [this.#entries, this.#problems, this.#told]) {
      for (const id of known.keys()) {
        if (!isListed(id)) {
          known.delete(id);
          isDirty = true;
        }
      }
    }
    if (isDirty) {
      this.#scheduleSave();
    }
    const summaries = new Map<string, SessionSummary>();
    for (const [id, entry] of this.#entries) {
      summaries.set(id, entry.summary);
    }
    for (const [id, summary] of this.#told) {
      summaries.set(id, summary);
    }
    return {
      sessions: [...summaries.values()].sort((a, b) => b.updatedAt - a.updatedAt || b.createdAt - a.createdAt),
      problems: [...this.#problems.values()].map(({ sentence }) => sentence),
    };
  }

  #sessionFiles(): string[] {
    let names: string[];
    try {
      names = fs.readdirSync(this.#paths.sessions);
    } catch (error) {
      if (!isMissing(error)) {
        this.#log.error(`The stored sessions cannot be listed: ${this.#paths.sessions}`, error);
        throw error;
      }
      return [];
    }
    return names.map((name) => this.#paths.sessionOf(name)).filter((id) => id !== undefined);
  }

  /** Whether what is known of a file still holds. */
  #isCurrent(id: string): boolean {
    const known = this.#entries.get(id) ?? this.#problems.get(id);
    const { size, mtimeMs } = statOf(this.#paths.session(id));
    return known !== undefined && known.size === size && known.mtimeMs === mtimeMs;
  }

  async #readAll(ids: readonly string[]): Promise<void> {
    for (let index = 0; index < ids.length; index++) {
      if (index % filesPerSlice === filesPerSlice - 1) {
        await letOthersRun();
      }
      await this.#readOne(ids[index] as string);
    }
  }

  async #readOne(id: string): Promise<void> {
    const path = this.#paths.session(id);
    this.#problems.delete(id);
    try {
      const { content, size, mtimeMs } = await readStoredSummary(path, id, () => this.#summaryOf(id));
      this.#entries.delete(id);
      if (content === 'newer') {
        const sentence = t('Session {0} was written by a newer version of Greenroom.', id.slice(0, 8));
        this.#problems.set(id, { sentence, size, mtimeMs });
      } else if (content === 'damaged') {
        const sentence = t('The file of session {0} is damaged and cannot be read: {1}', id.slice(0, 8), path);
        this.#problems.set(id, { sentence, size, mtimeMs });
      } else {
        this.#entries.set(id, { summary: content, size, mtimeMs });
      }
    } catch (error) {
      this.#entries.delete(id);
      if (!isMissing(error)) {
        this.#log.error(`A stored session cannot be read: ${path}`, error);
        const { size = -1, mtimeMs = -1 } = statOf(path);
        const sentence = t('The file of session {0} cannot be read: {1}', id.slice(0, 8), messageOf(error));
        this.#problems.set(id, { sentence, size, mtimeMs });
      }
    }
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#loadNow();
    return this.#loaded;
  }

  async #loadNow(): Promise<void> {
    try {
      removeTemporaries(this.#paths.root, hourMs, this.#clock.now());
    } catch {
      // They are small, and are removed another time.
    }
    try {
      const index = asRecord(parseJson(await fs.promises.readFile(this.#paths.index, 'utf8')));
      if (index['greenroom'] !== 'index' || index['format'] !== indexFormat) {
        this.#log.warn(`The index of sessions cannot be used and is made again: ${this.#paths.index}`);
        return;
      }
      for (const value of asArray(index['sessions'])) {
        const entry = parseEntry(value);
        if (entry !== undefined && !this.#entries.has(entry.summary.id)) {
          this.#entries.set(entry.summary.id, entry);
        }
      }
    } catch (error) {
      if (!isMissing(error)) {
        this.#log.error(`The index of sessions cannot be read and is made again: ${this.#paths.index}`, error);
      }
    }
  }

  #scheduleSave(): void {
    this.#file.set(() => this.#encode());
  }

  #noteEntry(summary: SessionSummary): void {
    const { size, mtimeMs } = statOf(this.#paths.session(summary.id));
    if (size !== undefined && mtimeMs !== undefined) {
      this.#entries.set(summary.id, { summary, size, mtimeMs });
    }
  }

  #encode(): string {
    for (const summary of this.#told.values()) {
      this.#noteEntry(summary);
    }
    return JSON.stringify({ greenroom: 'index', format: indexFormat, sessions: [...this.#entries.values()] });
  }
}

function statOf(path: string): { readonly size?: number; readonly mtimeMs?: number } {
  return fs.statSync(path, { throwIfNoEntry: false }) ?? {};
}

function identityOf({ id, runtime, cwd, createdAt }: SessionIdentity): SessionIdentity {
  return { id, runtime, cwd, createdAt };
}

function parseEntry(value: unknown): Entry | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const summary = parseSummary(value['summary']);
  const size = asNumber(value['size']);
  const mtimeMs = asNumber(value['mtimeMs']);
  return summary === undefined || size === undefined || mtimeMs === undefined ? undefined : { summary, size, mtimeMs };
}
