import fs from 'node:fs';
import path from 'node:path';
import type { Found, FoundLine, TextSearch } from '../core/tools/workFiles.ts';
import { globExpression } from './globExpression.ts';
import { matchWithin } from './matchLines.ts';

const note = 'searched without ripgrep, which was not found: slower, and files that git ignores are looked at too';
/** What nobody means to look through. */
const skipped: ReadonlySet<string> = new Set(['.git', 'node_modules']);
const maxFiles = 50_000;
const maxFileBytes = 2 * 1024 * 1024;
const maxLineLength = 1_000;
/** One file, or so many names at a time, against a pattern that somebody else has written. */
const matchTimeoutMs = 1_000;
const namesAtOnce = 500;

/** A search without another program. */
export const slowSearch: TextSearch = {
  async lines({ pattern, ignoreCase, path: place, glob, most }, signal): Promise<Found<FoundLine>> {
    const flags = ignoreCase ? 'iu' : 'u';
    const isFile = (await fs.promises.stat(place)).isFile();
    const folder = isFile ? path.dirname(place) : place;
    const all = isFile ? [path.basename(place)] : walk(folder, signal);
    const items: FoundLine[] = [];
    matching(pattern, [], flags);
    for await (const file of glob === undefined ? all : fitting(glob, all)) {
      const lines = (await textOf(path.join(folder, file)))?.split(/\r?\n/) ?? [];
      const isMatch = matching(pattern, lines, flags);
      for (const [index, line] of lines.entries()) {
        if (isMatch[index] === true) {
          if (items.length === most) {
            return { items, isCut: true, note };
          }
          items.push({ path: file, line: index + 1, text: line.slice(0, maxLineLength) });
        }
      }
    }
    return { items, isCut: false, note };
  },

  async files({ glob, folder, most }, signal): Promise<Found<string>> {
    const items: string[] = [];
    for await (const file of fitting(glob, walk(folder, signal))) {
      if (items.length === most) {
        return { items, isCut: true, note };
      }
      items.push(file);
    }
    return { items, isCut: false, note };
  },
};

/** Rejects with an `Error` for a pattern that is none, or that goes back and forth without end. */
function matching(pattern: string, texts: readonly string[], flags: string): readonly boolean[] {
  const found = matchWithin(matchTimeoutMs, pattern, texts, flags);
  if ('problem' in found) {
    throw new Error(/timed out/.test(found.problem) ? 'the pattern takes too long: make it simpler' : found.problem);
  }
  return found.isMatch;
}

/** The names that fit a glob pattern, in their order. */
async function* fitting(glob: string, names: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  const { source, flags } = globExpression(glob);
  let waiting: string[] = [];
  for await (const name of names) {
    waiting.push(name);
    if (waiting.length === namesAtOnce) {
      const isMatch = matching(source, waiting, flags);
      yield* waiting.filter((_, index) => isMatch[index] === true);
      waiting = [];
    }
  }
  const isMatch = matching(source, waiting, flags);
  yield* waiting.filter((_, index) => isMatch[index] === true);
}

/** The files below a folder, relative to it with `/`, in the order of their names; symbolic links are not followed. */
async function* walk(root: string, signal: AbortSignal): AsyncGenerator<string> {
  const folders = [''];
  let count = 0;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const entries = await fs.promises.readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      signal.throwIfAborted();
      const place = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) {
          folders.push(place);
        }
      } else if (entry.isFile()) {
        count += 1;
        if (count > maxFiles) {
          return;
        }
        yield place;
      }
    }
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    const { size } = await fs.promises.stat(file);
    const bytes = size > maxFileBytes ? undefined : await fs.promises.readFile(file);
    return bytes === undefined || bytes.includes(0) ? undefined : bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
