import * as z from 'zod';
import { changeFile, withLineEndsOf } from './changeFile.ts';
import { defineTool, type Tool } from './tool.ts';
import type { Workspace } from './workspace.ts';

const maxShownLines = 12;
const maxShownPlaces = 10;

const input = z.object({
  path: z.string().min(1).describe('The file: absolute, or relative to the directory of the session.'),
  old_text: z
    .string()
    .describe(
      'The text to replace, exactly as it is in the file, white space included. Long enough to be there only once. Empty only for an empty file.',
    ),
  new_text: z.string().describe('What takes its place.'),
  replace_all: z.boolean().optional().describe('Replaces the text everywhere, not only where it is unique.'),
});

export function editFileTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'edit_file',
    description: [
      'Replaces a text in a file by another. The old text has to be in the file exactly once, unless all of its places are meant.',
      'Give it without the line numbers that read_file shows.',
    ].join(' '),
    input,
    wants: ({ path, old_text, new_text, replace_all = false }) => ({
      access: 'edit',
      paths: [path],
      change: { path, replacements: [{ oldText: old_text, newText: new_text, all: replace_all }] },
    }),
    async run({ path, old_text, new_text, replace_all = false }, context) {
      const place = await workspace.place(path, context, 'write');
      if ('problem' in place) {
        return { text: place.problem, isError: true };
      }
      const { name } = place;
      const seen = await workspace.see(place);
      if (seen.kind !== 'text') {
        return { text: problemOf(name, seen.kind === 'problem' ? seen.problem : seen.kind), isError: true };
      }
      const edited = replaced(
        name,
        seen.text,
        withLineEndsOf(seen.text, old_text),
        withLineEndsOf(seen.text, new_text),
        replace_all,
      );
      if ('problem' in edited) {
        return { text: edited.problem, isError: true };
      }
      const hadChanged = workspace.readFiles.knows(context.sessionId, place.path, seen.text) === 'changed';
      const outcome = await changeFile(workspace, place, { before: seen.text, after: edited.text }, context);
      return hadChanged && !outcome.isError
        ? {
            ...outcome,
            text: `${outcome.text} It had changed since you read it: read it again if other parts of it matter.`,
          }
        : outcome;
    },
  });
}

function problemOf(name: string, kind: string): string {
  switch (kind) {
    case 'missing':
      return `There is no file ${name}; write_file makes one.`;
    case 'folder':
      return `${name} is a folder.`;
    case 'binary':
    case 'tooLarge':
      return `${name} is no text that could be edited.`;
    default:
      return kind;
  }
}

/** The text after the replacement, or why it was not made, so that the next try can be right. */
function replaced(
  name: string,
  text: string,
  oldText: string,
  newText: string,
  all: boolean,
): { readonly text: string } | { readonly problem: string } {
  if (oldText === newText) {
    return { problem: 'The old text and the new text are the same: nothing would change.' };
  }
  if (oldText === '') {
    return text === '' ? { text: newText } : { problem: `${name} is not empty: say which text is to be replaced.` };
  }
  const places = placesOf(text, oldText);
  if (places.length === 0) {
    return { problem: `The text is not in ${name}. ${hintFor(text, oldText)}` };
  }
  if (places.length > 1 && !all) {
    const lines = places.slice(0, maxShownPlaces).map((at) => lineAt(text, at));
    return {
      problem: `The text is in ${name} ${places.length} times, in lines ${lines.join(', ')}${places.length > maxShownPlaces ? ', …' : ''}. Add lines around it until it is unique, or set replace_all.`,
    };
  }
  return {
    text: all
      ? text.split(oldText).join(newText)
      : text.slice(0, places[0]) + newText + text.slice((places[0] ?? 0) + oldText.length),
  };
}

function placesOf(text: string, wanted: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    places.push(at);
  }
  return places;
}

/** Where something like it is. */
function hintFor(text: string, oldText: string): string {
  const lines = text.split(/\r?\n/);
  const wanted = oldText.split(/\r?\n/);
  const bare = (line: string | undefined): string => (line ?? '').replaceAll(/\s+/g, ' ').trim();
  const wantedBare = wanted.map(bare);
  const alike = lines.findIndex((_line, index) => wantedBare.every((line, n) => bare(lines[index + n]) === line));
  if (alike >= 0 && wantedBare.some((line) => line !== '')) {
    return `With other white space it is there, from line ${alike + 1} on:\n${shown(lines, alike, wanted.length)}`;
  }
  const [first = ''] = wantedBare.filter((line) => line !== '');
  const near = first === '' ? -1 : lines.findIndex((line) => bare(line) === first);
  return near >= 0
    ? `Its first line is there, but what follows is different, from line ${near + 1} on:\n${shown(lines, near, wanted.length + 2)}`
    : 'Read the file again: it may have changed.';
}

function shown(lines: readonly string[], from: number, count: number): string {
  return lines.slice(from, from + Math.min(count, maxShownLines)).join('\n');
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
