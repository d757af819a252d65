import { editFileTool } from './editFile.ts';
import { globTool, grepTool, listFilesTool } from './findFiles.ts';
import { readFileTool } from './readFile.ts';
import { todoTool } from './todo.ts';
import type { Tool } from './tool.ts';
import { type FileToolsDeps, Workspace } from './workspace.ts';
import { writeFileTool } from './writeFile.ts';

/** What a model of ours works on files with, and shows its plan with. One instance serves all sessions. */
export function fileTools(deps: FileToolsDeps): readonly Tool[] {
  const workspace = new Workspace(deps);
  return [
    readFileTool(workspace),
    listFilesTool(workspace),
    globTool(workspace),
    grepTool(workspace),
    editFileTool(workspace),
    writeFileTool(workspace),
    todoTool(),
  ];
}
