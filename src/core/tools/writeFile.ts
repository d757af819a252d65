import * as z from 'zod';
import { changeFile, withLineEndsOf } from './changeFile.ts';
import { defineTool, type Tool } from './tool.ts';
import type { Workspace } from './workspace.ts';

const input = z.object({
  path: z.string().min(1).describe('The file: absolute, or relative to the directory of the session.'),
  content: z.string().describe('The whole new text of the file.'),
});

export function writeFileTool(workspace: Workspace): Tool {
  return defineTool({
    name: 'write_file',
    description: [
      'Makes a file, or replaces the whole text of one that you have read; folders above it are made.',
      'Use edit_file to change a part of a file.',
    ].join(' '),
    input,
    wants: ({ path, content }) => ({ access: 'edit', paths: [path], change: { path, content } }),
    async run({ path, content }, context) {
      const place = await workspace.place(path, context, 'write');
      if ('problem' in place) {
        return { text: place.problem, isError: true };
      }
      const { name } = place;
      const seen = await workspace.see(place);
      switch (seen.kind) {
        case 'missing':
          return changeFile(workspace, place, { before: undefined, after: content }, context);
        case 'text': {
          const known = workspace.readFiles.knows(context.sessionId, place.path, seen.text);
          if (known !== 'known') {
            const why =
              known === 'unread'
                ? 'there is a file already, which you have not read'
                : 'it has changed since you read it';
            return { text: `${name} was not written: ${why}. Read it, then decide again.`, isError: true };
          }
          return changeFile(
            workspace,
            place,
            { before: seen.text, after: withLineEndsOf(seen.text, content) },
            context,
          );
        }
        case 'binary':
        case 'tooLarge':
          return { text: `${name} was not written: there is a file that is no text.`, isError: true };
        case 'folder':
          return { text: `${name} was not written: it is a folder.`, isError: true };
        case 'problem':
          return { text: seen.problem, isError: true };
      }
    },
  });
}
