import { isInside, resolvePath } from './paths.ts';
import type { FileAccess } from './ports.ts';
import type { ToolRequest } from './toolRequest.ts';

/** Whether a call only reads what is below a folder, wherever its paths really lead. */
export async function readsOnlyBelow(
  folder: string,
  request: ToolRequest,
  cwd: string,
  files: Pick<FileAccess, 'realPath'>,
): Promise<boolean> {
  if (request.access !== 'read' || request.paths.length === 0) {
    return false;
  }
  const root = await files.realPath(folder);
  const targets = await Promise.all(request.paths.map((path) => files.realPath(resolvePath(cwd, path))));
  return targets.every((target) => isInside(root, target));
}
