import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { FileAccess } from '../core/ports.ts';

/** Larger files are not read for a preview. */
const maxTextBytes = 5 * 1024 * 1024;
/** A folder with more names is not looked through for a pattern. */
const maxEntries = 20_000;
/** Symbolic links that are followed for one path; more is a loop. */
const maxLinks = 40;

export const diskFiles: FileAccess = {
  realPath: (target) => realPathAsFarAsItExists(target, 0),

  async linkCount(target) {
    try {
      const stat = await fs.stat(target);
      return stat.isFile() ? stat.nlink : undefined;
    } catch {
      // There is nothing that could have another name.
      return undefined;
    }
  },

  async entries(folder) {
    try {
      const names = await fs.readdir(folder);
      return names.length > maxEntries ? undefined : names;
    } catch {
      // There is nothing that a pattern could match.
      return [];
    }
  },

  async readText(target) {
    try {
      const stat = await fs.stat(target);
      if (!stat.isFile() || stat.size > maxTextBytes) {
        return undefined;
      }
      const bytes = await fs.readFile(target);
      return bytes.includes(0) ? undefined : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      // Missing, unreadable or not UTF-8: there is no text to show.
      return undefined;
    }
  },
};

/**
 * Resolves the links of the longest part that exists, and keeps the rest. A dangling link counts as what it points to:
 * writing through it would create that.
 */
async function realPathAsFarAsItExists(target: string, links: number): Promise<string> {
  const absolute = path.resolve(target);
  try {
    return await fs.realpath(absolute);
  } catch {
    const parent = path.dirname(absolute);
    if (parent === absolute) {
      return absolute;
    }
    const link = await fs.readlink(absolute).catch(() => undefined);
    if (link !== undefined && links < maxLinks) {
      return realPathAsFarAsItExists(path.resolve(parent, link), links + 1);
    }
    return path.join(await realPathAsFarAsItExists(parent, links), path.basename(absolute));
  }
}
