import * as z from 'zod';
import { defineTool, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';
import { type Place, sizeInWords, type Workspace } from './workspace.ts';

const maxLines = 2_000;
const maxLineLength = 2_000;
/** About 20,000 tokens. */
const maxCharacters = 60_000;
/** Services take images of at most 5 MB as base64. */
const maxImageBytes = 3_750_000;

const input = z.object({
  path: z.string().min(1).describe('The file: absolute, or relative to the directory of the session.'),
  offset: z
    .int()
    .min(1)
    .optional()
    .describe('The first line to read, from 1. For files that are too long to read at once.'),
  limit: z.int().min(1).max(maxLines).optional().describe(`How many lines to read, at most ${maxLines}.`),
});

export function readFileTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'read_file',
    description: [
      `Reads a file: text with its line numbers, at most ${maxLines} lines at once, or an image (PNG, JPEG, GIF, WebP).`,
      'What is not saved yet in an editor of the user counts. Read a file before you change it.',
    ].join(' '),
    isReadOnly: true,
    input,
    wants: ({ path }) => ({ access: 'read', paths: [path] }),
    async run({ path, offset, limit }, context) {
      const place = await workspace.place(path, context, 'read');
      return 'problem' in place
        ? { text: place.problem, isError: true }
        : read(workspace, place, { offset: offset ?? 1, limit: limit ?? maxLines }, context);
    },
  });
}

async function read(
  workspace: Workspace,
  place: Place,
  range: { readonly offset: number; readonly limit: number },
  { sessionId }: ToolContext,
): Promise<ToolOutcome> {
  const { path, name } = place;
  const seen = await workspace.see(place);
  switch (seen.kind) {
    case 'text':
      workspace.readFiles.saw(sessionId, path, seen.text);
      return linesOf(name, seen.text, seen.isUnsaved, range);
    case 'binary': {
      const mediaType = imageTypeOf(seen.bytes);
      if (mediaType === undefined) {
        return failed(`${name} is no text but a binary file (${sizeInWords(seen.size)}); it cannot be read.`);
      }
      if (seen.size > maxImageBytes) {
        return failed(
          `${name} is an image of ${sizeInWords(seen.size)}; at most ${sizeInWords(maxImageBytes)} can be shown.`,
        );
      }
      return {
        text: `${name} (${mediaType}, ${sizeInWords(seen.size)})`,
        isError: false,
        images: [{ mediaType, data: asBase64(seen.bytes) }],
      };
    }
    case 'tooLarge':
      return failed(`${name} is too large to be read (${sizeInWords(seen.size)}). Search it with grep instead.`);
    case 'folder':
      return failed(`${name} is a folder; list_files shows what is in it.`);
    case 'missing':
      return failed(`There is no file ${name}.`);
    case 'problem':
      return failed(seen.problem);
  }
}

function linesOf(
  name: string,
  text: string,
  isUnsaved: boolean,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): ToolOutcome {
  const unsaved = isUnsaved ? ['(with changes that are not saved yet)'] : [];
  if (text === '') {
    return { text: ['(the file is empty)', ...unsaved].join('\n'), isError: false };
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') {
    lines.pop();
  }
  if (offset > lines.length) {
    return failed(`${name} has only ${lines.length} lines.`);
  }
  const shown: string[] = [];
  let length = 0;
  for (const line of lines.slice(offset - 1, offset - 1 + limit)) {
    const cut =
      line.length > maxLineLength
        ? `${line.slice(0, maxLineLength)}… [${line.length - maxLineLength} more characters]`
        : line;
    length += cut.length + 8;
    if (length > maxCharacters && shown.length > 0) {
      break;
    }
    shown.push(`${String(offset + shown.length).padStart(6)}\t${cut}`);
  }
  const next = offset + shown.length;
  const more =
    next <= lines.length ? [`(lines ${offset} to ${next - 1} of ${lines.length}; go on with offset ${next})`] : [];
  return { text: [...shown, ...more, ...unsaved].join('\n'), isError: false };
}

function failed(text: string): ToolOutcome {
  return { text, isError: true };
}

/** By what images begin with: a name can say anything. */
function imageTypeOf(bytes: Uint8Array): string | undefined {
  const begins = (...values: readonly number[]): boolean => values.every((value, index) => bytes[index] === value);
  const ascii = (from: number, text: string): boolean =>
    [...text].every((char, index) => bytes[from + index] === char.charCodeAt(0));
  if (begins(0x89, 0x50, 0x4e, 0x47)) {
    return 'image/png';
  }
  if (begins(0xff, 0xd8, 0xff)) {
    return 'image/jpeg';
  }
  if (ascii(0, 'GIF8')) {
    return 'image/gif';
  }
  return ascii(0, 'RIFF') && ascii(8, 'WEBP') ? 'image/webp' : undefined;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Written here because the core knows no host's. */
function asBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    parts.push(
      digits.charAt(group >> 18) +
        digits.charAt((group >> 12) & 63) +
        (b === undefined ? '=' : digits.charAt((group >> 6) & 63)) +
        (c === undefined ? '=' : digits.charAt(group & 63)),
    );
  }
  return parts.join('');
}
