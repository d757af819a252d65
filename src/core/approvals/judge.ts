import { t } from '../../base/l10n.ts';
import { normalizePath, resolvePath } from '../paths.ts';
import type { FileAccess } from '../ports.ts';
import type { ToolRequest } from '../runtime.ts';
import { judgeCommand } from './judgeCommand.ts';
import { judgeEdit, judgeRead } from './judgeFiles.ts';
import { judgeInput } from './judgeInput.ts';
import { type ApprovalState, allow, type Case, deniedByRule, deny, type Judgement } from './judgement.ts';
import { judgeNetwork, judgeUnknownTool } from './judgeRequest.ts';
import { concerns, isForAll } from './ruleMatching.ts';

/**
 * Decides one tool call, the first of these that fits: a rule of the person refuses it; plan mode refuses what could change
 * something; what is protected, or cannot be read for certain, asks; an earlier answer, or a rule, allows it; the mode
 * decides. Paths count with their symbolic links resolved, and as they were written too.
 */
export async function judge(
  request: ToolRequest,
  state: ApprovalState,
  files: Pick<FileAccess, 'realPath' | 'linkCount' | 'entries'>,
): Promise<Judgement> {
  const refusing = state.deny.find((rule) => isForAll(rule) && concerns(rule, request));
  if (refusing !== undefined) {
    return deniedByRule(refusing);
  }
  const root = await files.realPath(normalizePath(state.cwd));
  const cwd = request.cwd === undefined ? state.cwd : resolvePath(state.cwd, request.cwd);
  const call: Case = { request, state, files, cwd, root, folders: state.protectedFolders };
  const judgement = await judgeByAccess(call);
  const refusal = state.mode === 'plan' && judgement.verdict.kind !== 'deny' ? planRefusal(request) : undefined;
  return refusal === undefined ? judgement : deny(refusal);
}

function judgeByAccess(call: Case): Judgement | Promise<Judgement> {
  switch (call.request.access) {
    case 'internal':
      return allow(t("it changes nothing but the agent's own notes"));
    case 'read':
      return judgeRead(call);
    case 'edit':
      return judgeEdit(call);
    case 'execute':
      return call.request.shell === 'input' ? judgeInput(call) : judgeCommand(call);
    case 'network':
      return judgeNetwork(call);
    case 'other':
      return judgeUnknownTool(call);
  }
}

function planRefusal(request: ToolRequest): string | undefined {
  switch (request.access) {
    case 'read':
    case 'internal':
    case 'network':
      return undefined;
    case 'edit':
      return t('Plan mode is read-only: no file is changed. Present the plan, or ask the user to leave plan mode.');
    case 'execute':
      return t('Plan mode is read-only: no command is run. Present the plan, or ask the user to leave plan mode.');
    case 'other':
      return t(
        'Plan mode is read-only: tools whose effects are unknown are not called. Present the plan, or ask the user to leave plan mode.',
      );
  }
}
