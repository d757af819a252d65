import { bashOutputTool } from './bashOutputTool.ts';
import { bashTool } from './bashTool.ts';
import { killShellTool } from './killShellTool.ts';
import type { ShellToolDeps } from './shellToolDeps.ts';
import type { Tool } from './tool.ts';
import { writeStdinTool } from './writeStdinTool.ts';

/** What a model can do with shells. */
export function shellTools(deps: ShellToolDeps): readonly Tool[] {
  return [bashTool(deps), bashOutputTool(deps), killShellTool(deps), writeStdinTool(deps)];
}
