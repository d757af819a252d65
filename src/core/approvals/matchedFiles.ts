import { normalizePath } from '../paths.ts';
import type { FileAccess } from '../ports.ts';
import { hasPattern, patternOfName } from './namePattern.ts';

/** More files than this count as not known. */
const maxFiles = 300;

/**
 * What the patterns in an absolute path match on the disk, and the folder in front of the first of them; `undefined` if
 * that cannot be told.
 */
export async function matchedFiles(
  path: string,
  files: Pick<FileAccess, 'entries'>,
): Promise<readonly string[] | undefined> {
  const segments = path.split(/(?<=[\\/])/);
  const first = segments.findIndex(hasPattern);
  if (first < 0) {
    return [path];
  }
  const before = segments.slice(0, first).join('');
  let found: readonly string[] = [before];
  for (const segment of segments.slice(first)) {
    if (/^\*\*[\\/]?$/.test(segment)) {
      // Any number of folders, where a shell takes it so.
      return undefined;
    }
    const next: string[] = [];
    for (const folder of found) {
      const names = hasPattern(segment) ? await matchingNames(folder, segment, files) : [segment];
      if (names === undefined || next.length + names.length > maxFiles) {
        return undefined;
      }
      next.push(...names.map((name) => folder + name));
    }
    found = next;
  }
  return [before, ...found];
}

async function matchingNames(
  folder: string,
  segment: string,
  files: Pick<FileAccess, 'entries'>,
): Promise<readonly string[] | undefined> {
  const [, name = '', separator = ''] = /^(.*?)([\\/]?)$/s.exec(segment) ?? [];
  const entries = await files.entries?.(normalizePath(folder));
  const pattern = patternOfName(name);
  return entries?.filter((entry) => pattern.test(entry)).map((entry) => entry + separator);
}
