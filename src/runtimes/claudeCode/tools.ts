import { asArray, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import type { FileChange, ToolRequest } from '../../core/runtime.ts';

type Access = ToolRequest['access'];

/** What the CLI's own tools may touch, by name. What is not named here, MCP tools among it, is `other`. */
const accessByTool: Readonly<Record<string, Access>> = {
  Read: 'read',
  Glob: 'read',
  Grep: 'read',
  LS: 'read',
  NotebookRead: 'read',
  LSP: 'read',
  Write: 'edit',
  Edit: 'edit',
  MultiEdit: 'edit',
  NotebookEdit: 'edit',
  Bash: 'execute',
  PowerShell: 'execute',
  Monitor: 'execute',
  WebFetch: 'network',
  WebSearch: 'network',
  Agent: 'internal',
  Task: 'internal',
  TaskCreate: 'internal',
  TaskGet: 'internal',
  TaskList: 'internal',
  TaskUpdate: 'internal',
  TaskOutput: 'internal',
  TaskStop: 'internal',
  BashOutput: 'internal',
  KillShell: 'internal',
  KillBash: 'internal',
  TodoWrite: 'internal',
  ToolSearch: 'internal',
  ListAgents: 'internal',
  ReportFindings: 'internal',
  Skill: 'internal',
  SlashCommand: 'internal',
  AskUserQuestion: 'internal',
  EnterPlanMode: 'internal',
  ExitPlanMode: 'internal',
};

const pathKeys = ['file_path', 'notebook_path', 'path'] as const;
/** The first of these that a call has says in one line what it is about. */
const titleKeys = [
  'command',
  ...pathKeys,
  'pattern',
  'url',
  'query',
  'description',
  'skill',
  'subject',
  'prompt',
  'id',
] as const;
const longestTitle = 300;

export function accessOf(toolName: string): Access {
  return Object.hasOwn(accessByTool, toolName) ? (accessByTool[toolName] ?? 'other') : 'other';
}

/** What the call is about, in one line. */
export function titleOf(toolName: string, input: unknown): string {
  const fields = asRecord(input);
  const found = isSearch(toolName) ? fields['pattern'] : titleKeys.map((key) => fields[key]).find(isNonEmpty);
  const line = (asString(found) ?? '').replace(/\s+/g, ' ').trim();
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line;
}

export interface CallFacts {
  readonly toolCallId: string | undefined;
  readonly toolName: string;
  readonly input: unknown;
  /** The MCP server that the tool is of, where the CLI says so. */
  readonly server?: unknown;
  readonly runtimeReason?: string | undefined;
  /** Where the CLI stands when it makes the call. */
  readonly cwd?: string | undefined;
  readonly origin?: string | undefined;
}

/** A call in the terms that approvals are decided in. */
export function toolRequest({ toolCallId, toolName, input, runtimeReason, cwd, origin }: CallFacts): ToolRequest {
  const fields = asRecord(input);
  const access = accessOf(toolName);
  const command = asString(fields['command']);
  const change = changeOf(toolName, fields);
  const url = access === 'network' ? asString(fields['url']) : undefined;
  return {
    toolName,
    access,
    paths: access === 'read' || access === 'edit' ? pathsOf(toolName, fields) : [],
    input,
    ...(toolCallId === undefined ? {} : { toolCallId }),
    ...(access === 'execute' && command !== undefined ? { command } : {}),
    ...(toolName === 'PowerShell' ? { shell: 'powershell' as const } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(url === undefined ? {} : { url }),
    ...(access === 'other' && origin !== undefined ? { origin } : {}),
    ...(change === undefined ? {} : { change }),
    ...(runtimeReason === undefined ? {} : { runtimeReason }),
  };
}

function pathsOf(toolName: string, fields: JsonRecord): readonly string[] {
  const named = pathKeys.map((key) => asString(fields[key])).filter(isNonEmpty);
  if (!isSearch(toolName)) {
    return named;
  }
  const folder = named[0] ?? '.';
  const pattern = toolName === 'Glob' ? (asString(fields['pattern']) ?? '') : '';
  // A pattern can lead out of the folder that it is searched from.
  return /^(?:\/|~|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(pattern) ? [folder, staticPart(pattern)] : [folder];
}

/** The part of a pattern before its first wildcard, up to the last separator. */
function staticPart(pattern: string): string {
  const wildcard = pattern.search(/[*?[{]/);
  return wildcard < 0 ? pattern : pattern.slice(0, wildcard).replace(/[^/\\]*$/, '') || '/';
}

function changeOf(toolName: string, fields: JsonRecord): FileChange | undefined {
  const path = asString(fields['file_path']);
  if (path === undefined) {
    return undefined;
  }
  switch (toolName) {
    case 'Write': {
      const content = asString(fields['content']);
      return content === undefined ? undefined : { path, content };
    }
    case 'Edit':
      return { path, replacements: [replacementOf(fields)] };
    case 'MultiEdit':
      return { path, replacements: asArray(fields['edits']).map((edit) => replacementOf(asRecord(edit))) };
    default:
      return undefined;
  }
}

function replacementOf(fields: JsonRecord): { oldText: string; newText: string; all: boolean } {
  return {
    oldText: asString(fields['old_string']) ?? '',
    newText: asString(fields['new_string']) ?? '',
    all: fields['replace_all'] === true,
  };
}

function isSearch(toolName: string): boolean {
  return toolName === 'Glob' || toolName === 'Grep' || toolName === 'LS';
}

function isNonEmpty(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
