import { type ApprovalState } from '../../src/core/approvals/judgement.ts';
import { judge } from '../../src/core/approvals/judge.ts';
import { RuleBook } from '../../src/core/approvals/ruleBook.ts';
import type { FileAccess } from '../../src/core/ports.ts';
import type { ToolRequest } from '../../src/core/runtime.ts';
import type { ApprovalMode } from '../../src/protocol/view.ts';

export interface StateOptions {
  readonly mode?: ApprovalMode;
  readonly cwd?: string;
  readonly grants?: readonly string[];
  readonly always?: readonly string[];
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly protectedFolders?: readonly string[];
  readonly home?: string;
}

const book = new RuleBook();

export function approvalState(options: StateOptions = {}): ApprovalState {
  return {
    mode: options.mode ?? 'ask',
    cwd: options.cwd ?? '/w',
    grants: new Set(options.grants),
    always: new Set(options.always),
    allow: book.read('approvals.allow', options.allow ?? []),
    deny: book.read('approvals.deny', options.deny ?? []),
    protectedFolders: options.protectedFolders ?? [],
    home: options.home ?? '/home/me',
  };
}

/** A disk that has nothing but these links. */
export function linkedFiles(links: Readonly<Record<string, string>> = {}): Pick<FileAccess, 'realPath' | 'entries'> {
  const resolve = (path: string, depth = 0): string => {
    for (const [link, target] of Object.entries(links)) {
      if (depth < 40 && (path === link || path.startsWith(`${link}/`))) {
        return resolve(target + path.slice(link.length), depth + 1);
      }
    }
    return path;
  };
  return {
    realPath: (path: string) => Promise.resolve(resolve(path)),
    entries: () => Promise.resolve([]),
  };
}

export function toolCall(access: ToolRequest['access'], more: Partial<ToolRequest> = {}): ToolRequest {
  return { toolName: 'Tool', access, paths: [], input: {}, ...more };
}

/** `allow`, `ask` or `deny`; an `ask` that offers an answer for later says so with its key. */
export async function verdictOf(
  request: ToolRequest,
  options: StateOptions = {},
  files = linkedFiles(),
): Promise<string> {
  const { verdict, grant } = await judge(request, approvalState(options), files);
  return grant === undefined ? verdict.kind : `${verdict.kind} [${grant.key}]`;
}

export async function commandVerdict(command: string, options: StateOptions = {}, files = linkedFiles()) {
  const request = toolCall('execute', { toolName: 'Bash', command });
  const { verdict, grant } = await judge(request, approvalState(options), files);
  return { ...verdict, isGrantable: grant !== undefined };
}
