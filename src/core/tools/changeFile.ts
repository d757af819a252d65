import { hunksBetween } from '../proposedEdit.ts';
import type { ToolContext, ToolOutcome } from './tool.ts';
import type { Place, Workspace } from './workspace.ts';

/** Puts a new text in the place of a file's old one: in its editor where it is open, else on the disk. `before`: undefined for a new file. */
export async function changeFile(
  { deps, readFiles }: Workspace,
  { path, name }: Place,
  change: { readonly before: string | undefined; readonly after: string },
  { sessionId }: ToolContext,
): Promise<ToolOutcome> {
  const { files, editors } = deps;
  const { before = '', after } = change;
  for (const known of name === path ? [path] : [name, path]) {
    const edited = await editors.replace(known, before, after);
    if (edited.kind === 'failed') {
      return { text: `${name} is open in an editor and could not be changed there: ${edited.reason}`, isError: true };
    }
    if (edited.kind === 'saved') {
      readFiles.saw(sessionId, path, edited.text);
      const differs = edited.text !== after;
      return done(
        name,
        change.before,
        edited.text,
        differs ? 'Saving it changed more (a formatter, for example): read it again.' : undefined,
      );
    }
  }
  const written = await files.write(path, after);
  switch (written.kind) {
    case 'written':
      readFiles.saw(sessionId, path, after);
      return done(name, change.before, after, written.note);
    case 'link':
      return { text: `${name} was not written: something on its way is, or became, a symbolic link.`, isError: true };
    case 'failed':
      return { text: `${name} could not be written: ${written.reason}`, isError: true };
  }
}

function done(name: string, before: string | undefined, after: string, note: string | undefined): ToolOutcome {
  const said = before === undefined ? `${name} was made.` : `${name} was changed.`;
  return {
    text: note === undefined ? said : `${said} ${note}`,
    isError: false,
    edit: { path: name, hunks: hunksBetween(before ?? '', after) ?? [], before: before ?? '' },
  };
}

/** The text with the line ends that the file has. */
export function withLineEndsOf(file: string, text: string): string {
  return file.includes('\r\n') && !text.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}
