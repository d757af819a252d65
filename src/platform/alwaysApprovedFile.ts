import fs from 'node:fs';
import { asArray, asNumber, asString, isRecord, parseJson } from '../base/json.ts';
import { GreenroomError, messageOf } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { AlwaysApproved, AlwaysGrant } from '../core/approvalPolicy.ts';
import { SerialQueue } from '../base/async.ts';
import { action } from '../core/errors.ts';
import { withFileLock } from './fileLock.ts';
import { replaceFile } from './replaceFile.ts';
import { isMissing } from './systemErrors.ts';

/** The format that is written. A file with a higher number is left alone, and counts as empty. */
const format = 1;
/** Answers that are kept; the oldest go first. */
const maxGrants = 500;
/** A larger file is none of ours. */
const maxBytes = 8 * 1024 * 1024;

type Content =
  | { readonly kind: 'grants'; readonly grants: readonly AlwaysGrant[] }
  | { readonly kind: 'damaged' | 'newer' };

/**
 * The answers "always" of one workspace, in one file that is replaced as a whole. It is read again whenever another window
 * has written it, and what cannot be read allows nothing.
 */
export class AlwaysApprovedFile implements AlwaysApproved {
  readonly #path: string;
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #log: Log;
  readonly #changes = new SerialQueue();
  #known: { readonly stamp: string; readonly content: Content } | undefined;

  constructor(options: { readonly path: string; readonly clock: Pick<Clock, 'now' | 'after'>; readonly log: Log }) {
    this.#path = options.path;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async list(): Promise<readonly AlwaysGrant[]> {
    const content = await this.#read();
    return content.kind === 'grants' ? content.grants : [];
  }

  add({ key, scope }: { readonly key: string; readonly scope: string }): Promise<void> {
    const grant = { key, scope, at: this.#clock.now() };
    return this.#change((grants) => [...grants.filter((other) => other.key !== key), grant].slice(-maxGrants));
  }

  remove(keys: readonly string[]): Promise<void> {
    return this.#change((grants) => grants.filter(({ key }) => !keys.includes(key)));
  }

  #change(change: (grants: readonly AlwaysGrant[]) => readonly AlwaysGrant[]): Promise<void> {
    return this.#changes.run(async () => {
      try {
        await withFileLock(this.#path, this.#clock, (confirm) => this.#replace(change, confirm));
      } catch (error) {
        throw error instanceof GreenroomError ? error : notSaved(messageOf(error));
      }
    });
  }

  /** What other windows have written by now is read first: nothing of it is lost. */
  async #replace(
    change: (grants: readonly AlwaysGrant[]) => readonly AlwaysGrant[],
    confirm: () => void,
  ): Promise<void> {
    const content = await this.#read();
    if (content.kind === 'newer') {
      throw notSaved(t('the file was written by a newer version of Greenroom'));
    }
    if (content.kind === 'damaged') {
      confirm();
      await fs.promises.rename(this.#path, `${this.#path}.damaged`);
    }
    const grants = change(content.kind === 'grants' ? content.grants : []);
    const text = `${JSON.stringify({ greenroom: 'approvals', format, grants }, undefined, 2)}\n`;
    await replaceFile(this.#path, text, confirm);
  }

  async #read(): Promise<Content> {
    try {
      const { mtimeMs, size, ino } = await fs.promises.stat(this.#path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (this.#known?.stamp !== stamp) {
        const content =
          size > maxBytes ? { kind: 'damaged' as const } : parse(await fs.promises.readFile(this.#path, 'utf8'));
        if (content.kind !== 'grants') {
          this.#log.warn(`The file of what is always approved is ${content.kind} and counts as empty: ${this.#path}`);
        }
        this.#known = { stamp, content };
      }
      return this.#known.content;
    } catch (error) {
      if (!isMissing(error)) {
        this.#log.error(`The file of what is always approved cannot be read: ${this.#path}`, error);
      }
      return { kind: 'grants', grants: [] };
    }
  }
}

function parse(text: string): Content {
  const value = parseJson(text);
  if (!isRecord(value) || value['greenroom'] !== 'approvals') {
    return { kind: 'damaged' };
  }
  const found = asNumber(value['format']);
  if (found !== format) {
    return { kind: found !== undefined && found > format ? 'newer' : 'damaged' };
  }
  const grants = asArray(value['grants']).flatMap((item) => {
    const grant = isRecord(item) ? item : {};
    const [key, scope, at] = [asString(grant['key']), asString(grant['scope']), asNumber(grant['at'])];
    return key === undefined || scope === undefined || at === undefined ? [] : [{ key, scope, at }];
  });
  return { kind: 'grants', grants: grants.slice(-maxGrants) };
}

function notSaved(reason: string): GreenroomError {
  return new GreenroomError({
    code: 'saveFailed',
    message: t('What you always approve could not be saved, so nothing was approved: {0}', reason),
    actions: [action.showLog()],
  });
}
