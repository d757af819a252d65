import { isInside, normalizePath } from '../../core/paths.ts';
import type { ToolRequest } from '../../core/runtime.ts';

/**
 * Files that the CLI keeps for itself outside every project: plans, which plan mode has it write, and results that were
 * too long to say. Reading those, and writing a plan, touches nothing of the person's, so it counts as internal. Only
 * Markdown directly in the folder of plans: nothing there is ever run.
 */
export function ownFiles(env: Readonly<Record<string, string>>): (request: ToolRequest) => ToolRequest {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const config = env['CLAUDE_CONFIG_DIR'] ?? (home === undefined ? undefined : `${home}/.claude`);
  if (config === undefined) {
    return (request) => request;
  }
  const plans = normalizePath(`${config}/plans`);
  const projects = normalizePath(`${config}/projects`);
  const isPlan = (path: string): boolean => {
    const rest = isInside(plans, path) ? path.slice(plans.length + 1) : '';
    return rest.endsWith('.md') && !/[\\/]/.test(rest);
  };
  const isResult = (path: string): boolean => isInside(projects, path) && /[\\/]tool-results[\\/][^\\/]+$/.test(path);
  return (request) => {
    const [path, ...others] = request.paths.map(normalizePath);
    const isOwn =
      path !== undefined &&
      others.length === 0 &&
      ((request.access === 'edit' && isPlan(path)) || (request.access === 'read' && (isPlan(path) || isResult(path))));
    return isOwn ? { ...request, access: 'internal' } : request;
  };
}
