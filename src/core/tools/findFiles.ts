import * as z from 'zod';
import { messageOf } from '../../base/errors.ts';
import { isAbsolute } from '../paths.ts';
import { defineTool, type Tool, type ToolCall, type ToolContext, type ToolOutcome } from './tool.ts';
import type { Found, FoundLine, LineQuery } from './workFiles.ts';
import { sizeInWords, type Workspace } from './workspace.ts';

const maxEntries = 1_000;
const maxFiles = 500;
const maxLines = 300;
const maxLineLength = 400;

const folder = z
  .string()
  .min(1)
  .optional()
  .describe('A folder: absolute, or relative to the directory of the session, which it is by default.');

export function listFilesTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'list_files',
    description: 'Lists what is in a folder, without what is in the folders below it.',
    isReadOnly: true,
    input: z.object({ path: folder }),
    wants: ({ path = '.' }) => reading(path),
    async run({ path = '.' }, context) {
      const place = await workspace.place(path, context, 'read');
      if ('problem' in place) {
        return { text: place.problem, isError: true };
      }
      const info = await workspace.deps.files.info(place.path);
      if (info?.kind !== 'folder') {
        return {
          text: info === undefined ? `There is no folder ${place.name}.` : `${place.name} is no folder.`,
          isError: true,
        };
      }
      const entries = [...(await workspace.deps.files.list(place.path))].sort(
        (a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || (a.name < b.name ? -1 : 1),
      );
      const lines = entries
        .slice(0, maxEntries)
        .map(
          ({ name, kind, size, isLink }) =>
            `${name}${kind === 'folder' ? '/' : kind === 'file' ? ` (${sizeInWords(size)})` : ''}${isLink ? ' (a link)' : ''}`,
        );
      const more = entries.length > maxEntries ? [`(${entries.length - maxEntries} more are not shown)`] : [];
      return { text: entries.length === 0 ? '(the folder is empty)' : [...lines, ...more].join('\n'), isError: false };
    },
  });
}

export function globTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'glob',
    description:
      'Finds files by a pattern of their path, such as `src/**/*.ts` or `**/package.json`. What git ignores is left out.',
    isReadOnly: true,
    input: z.object({
      pattern: z
        .string()
        .min(1)
        .refine(staysInside, 'A pattern is relative to the folder that is searched: name that folder as path.'),
      path: folder,
    }),
    wants: ({ path = '.' }) => reading(path),
    async run({ pattern, path = '.' }, context) {
      const place = await workspace.place(path, context, 'read');
      if ('problem' in place) {
        return { text: place.problem, isError: true };
      }
      return found(
        () => workspace.deps.search.files({ glob: pattern, folder: place.path, most: maxFiles }, context.signal),
        (file) => file,
        'No file fits the pattern.',
      );
    },
  });
}

export function grepTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'grep',
    description:
      'Searches the contents of files for a regular expression, and gives each line that fits with its place. What git ignores, and binary files, are left out.',
    isReadOnly: true,
    input: z.object({
      pattern: z.string().min(1).describe('A regular expression. Escape what is meant as it is: `foo\\(`.'),
      path: z.string().min(1).optional().describe('A file or folder; by default the directory of the session.'),
      glob: z.string().min(1).optional().describe('Only files that fit, such as `*.ts`.'),
      ignore_case: z.boolean().optional(),
    }),
    wants: ({ path = '.' }) => reading(path),
    async run({ pattern, path = '.', glob, ignore_case = false }, context) {
      const place = await workspace.place(path, context, 'read');
      if ('problem' in place) {
        return { text: place.problem, isError: true };
      }
      const query = {
        pattern,
        ignoreCase: ignore_case,
        path: place.path,
        most: maxLines,
        ...(glob === undefined ? {} : { glob }),
      };
      return found(
        () => readableLines(workspace, query, context),
        ({ path: file, line, text }) =>
          `${file}:${line}: ${text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text}`,
        'Nothing was found.',
      );
    },
  });
}

/** A search names only the folder that it looks through: what a rule refuses in there is left out. */
async function readableLines(
  { deps }: Workspace,
  query: LineQuery,
  { cwd, signal }: ToolContext,
): Promise<Found<FoundLine>> {
  const lines = await deps.search.lines(query, signal);
  const root = await deps.files.realPath(cwd);
  const items = lines.items.filter(({ path }) => !deps.isRefused(`${query.path}/${path}`, root));
  const count = lines.items.length - items.length;
  if (count === 0) {
    return lines;
  }
  const note =
    count === 1
      ? '1 line is in a file that a rule of the user refuses to read'
      : `${count} lines are in files that a rule of the user refuses to read`;
  return { ...lines, items, note: lines.note === undefined ? note : `${lines.note}; ${note}` };
}

function reading(...paths: readonly string[]): ToolCall['wants'] {
  return { access: 'read', paths };
}

/** Whether a pattern does not lead out of the folder that it is searched in. */
function staysInside(pattern: string): boolean {
  return !isAbsolute(pattern) && !pattern.startsWith('~') && !/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(pattern);
}

async function found<T>(
  search: () => Promise<Found<T>>,
  lineOf: (item: T) => string,
  nothing: string,
): Promise<ToolOutcome> {
  try {
    const { items, isCut, note } = await search();
    const lines = [
      ...(items.length === 0 ? [nothing] : items.map(lineOf)),
      ...(isCut ? ['(there is more: search more exactly)'] : []),
      ...(note === undefined ? [] : [`(${note})`]),
    ];
    return { text: lines.join('\n'), isError: false };
  } catch (error) {
    return { text: `The search failed: ${messageOf(error)}`, isError: true };
  }
}
