import { isInside } from '../paths.ts';
import type { MatchLines } from './readForModel.ts';
import type { FoundLine, LineQuery, OpenEditors, TextSearch } from './workFiles.ts';

/** A search in which what is unsaved in an editor counts before what is on the disk. */
export function overlaySearch(search: TextSearch, editors: OpenEditors, matchLines: MatchLines): TextSearch {
  return {
    files: (query, signal) => search.files(query, signal),
    async lines(query, signal) {
      const found = await search.lines(query, signal);
      const unsaved = editors.unsaved(query.path).filter(({ path }) => isInside(query.path, path));
      if (unsaved.length === 0) {
        return found;
      }
      const names = new Map(unsaved.map((document) => [nameIn(query.path, document.path), document.text]));
      const saved = found.items.filter(({ path }) => !names.has(path));
      // A pattern that only the other search understands, or a choice of files that only it can make.
      const fresh = query.glob === undefined ? freshLines(query, names, matchLines) : undefined;
      if (fresh === undefined) {
        const note = `not searched, because of unsaved changes: ${[...names.keys()].join(', ')}`;
        return { ...found, items: saved, note: found.note === undefined ? note : `${found.note}; ${note}` };
      }
      const items = [...fresh, ...saved];
      return { ...found, items: items.slice(0, query.most), isCut: found.isCut || items.length > query.most };
    },
  };
}

/** Undefined for a pattern that is none here, or takes too long. */
function freshLines(
  { pattern, ignoreCase }: LineQuery,
  texts: ReadonlyMap<string, string>,
  matchLines: MatchLines,
): readonly FoundLine[] | undefined {
  const lines = [...texts].flatMap(([path, whole]) =>
    whole.split(/\r?\n/).map((text, index) => ({ path, line: index + 1, text })),
  );
  const found = matchLines(
    pattern,
    lines.map(({ text }) => text),
    ignoreCase ? 'iu' : 'u',
  );
  return 'problem' in found ? undefined : lines.filter((_, index) => found.isMatch[index] === true);
}

/** As a search names a file: below what was searched, or by its own name where that was the file itself. */
function nameIn(searched: string, path: string): string {
  return path === searched ? (path.split(/[\\/]/).at(-1) ?? path) : path.slice(searched.length).replace(/^[\\/]+/, '');
}
