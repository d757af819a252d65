import { showInvisible } from '../../base/visibleText.ts';
import type { FileAccess } from '../ports.ts';
import type { ToolRequest } from '../runtime.ts';
import { targetOf } from './judgement.ts';

/**
 * What a person has to see before they decide: the whole command; each path, and where it really leads if that is another
 * place; or else the arguments.
 */
export async function subjectOf(
  request: ToolRequest,
  cwd: string,
  files: Pick<FileAccess, 'realPath'>,
): Promise<string> {
  if (request.command !== undefined) {
    return showInvisible(request.command);
  }
  if (request.paths.length === 0) {
    return showInvisible(JSON.stringify(request.input, undefined, 2) ?? '');
  }
  const lines: string[] = [];
  for (const path of request.paths) {
    const { asked, places } = await targetOf(path, { cwd, files });
    lines.push(showInvisible(asked));
    for (const place of places) {
      if (place !== asked) {
        lines.push(`→ ${showInvisible(place)}`);
      }
    }
  }
  return lines.join('\n');
}
