import { t } from '../base/l10n.ts';
import type { ApprovalMode } from '../protocol/view.ts';
import { isInside, normalizePath, resolvePath, shortPath } from './paths.ts';
import type { FileAccess } from './ports.ts';
import { isProtectedPath } from './protectedPaths.ts';
import type { ToolRequest, Verdict } from './runtime.ts';
import { showInvisible } from '../base/visibleText.ts';

/** What the rules depend on besides the request itself. */
export interface ApprovalState {
  readonly mode: ApprovalMode;
  /** The session's directory, absolute. */
  readonly cwd: string;
  /** Answers "for this session", by key. */
  readonly grants: ReadonlySet<string>;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Key and wording of what "for this session" would allow; absent where it may not be offered. */
  readonly grant?: { readonly key: string; readonly scope: string };
  /** Allowed because the person allowed it for this session. */
  readonly granted?: true;
}

interface Target {
  /** As it was asked for, made absolute. */
  readonly asked: string;
  /** With symbolic links resolved. */
  readonly real: string;
}

/**
 * Decides one tool call. Rules, first match wins: plan mode refuses whatever could change something; a protected path or
 * one outside the session's directory asks; reading inside is allowed; the rest asks, unless the person allowed just that
 * for this session. Paths count with their symbolic links resolved, and as they were written too.
 */
export async function judge(
  request: ToolRequest,
  state: ApprovalState,
  files: Pick<FileAccess, 'realPath'>,
): Promise<Judgement> {
  const root = await files.realPath(normalizePath(state.cwd));
  const targets = await Promise.all(
    request.paths.map(async (path): Promise<Target> => {
      const asked = resolvePath(state.cwd, path);
      return { asked, real: await files.realPath(asked) };
    }),
  );
  if (state.mode === 'plan') {
    const refusal = planRefusal(request);
    if (refusal !== undefined) {
      return { verdict: { kind: 'deny', reason: refusal } };
    }
  }
  switch (request.access) {
    case 'internal':
      return allow(t("it changes nothing but the agent's own notes"));
    case 'read':
      return judgeRead(targets, state, root);
    case 'edit':
      return judgeEdit(request, targets, state, root);
    case 'execute':
      return judgeByKey(
        request,
        state,
        `execute:${request.command ?? ''}`,
        request.command === undefined ? undefined : t('this exact command'),
        t('It runs a command.'),
      );
    case 'network':
      return judgeByKey(
        request,
        state,
        `network:${request.toolName}:${JSON.stringify(request.input)}`,
        t('this exact request'),
        t('It sends a request to the network.'),
      );
    case 'other':
      return judgeByKey(
        request,
        state,
        `tool:${request.toolName}`,
        t('every call of {0}', request.toolName),
        t('What this tool does is not known to Greenroom.'),
      );
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

function judgeRead(targets: readonly Target[], state: ApprovalState, root: string): Judgement {
  const outside = targets.find((target) => !isInside(root, target.real));
  if (outside === undefined) {
    return allow(t('it only reads inside the folder'));
  }
  const key = `read:${outside.real}`;
  if (targets.length === 1 && state.grants.has(key)) {
    return granted(t('you allowed it for this session'));
  }
  return {
    verdict: { kind: 'ask', reason: t("It reads outside the session's folder: {0}", showInvisible(outside.real)) },
    ...(targets.length === 1 ? { grant: { key, scope: t('reading {0}', showInvisible(outside.real)) } } : {}),
  };
}

function judgeEdit(request: ToolRequest, targets: readonly Target[], state: ApprovalState, root: string): Judgement {
  if (targets.length === 0) {
    return ask(t('It changes a file, and which one is not known.'));
  }
  const guarded = targets.find((target) => isProtectedPath(target.asked) || isProtectedPath(target.real));
  if (guarded !== undefined) {
    return ask(
      t(
        '{0} is protected: it can change what runs later, or with which rights. It is asked every time.',
        showInvisible(guarded.real),
      ),
    );
  }
  const outside = targets.find((target) => !isInside(root, target.real));
  if (outside !== undefined) {
    return ask(t("It writes outside the session's folder: {0}", showInvisible(outside.real)));
  }
  if (state.grants.has('edit')) {
    return granted(t('you allowed edits in this folder for this session'));
  }
  const shown = targets.map((target) => showInvisible(shortPath(root, target.real))).join(', ');
  return {
    verdict: { kind: 'ask', reason: withRuntimeReason(t('It changes {0}.', shown), request) },
    grant: { key: 'edit', scope: t('edits in {0}', showInvisible(root)) },
  };
}

function judgeByKey(
  request: ToolRequest,
  state: ApprovalState,
  key: string,
  scope: string | undefined,
  reason: string,
): Judgement {
  if (scope !== undefined && state.grants.has(key)) {
    return granted(t('you allowed it for this session'));
  }
  return {
    verdict: { kind: 'ask', reason: withRuntimeReason(reason, request) },
    ...(scope === undefined ? {} : { grant: { key, scope } }),
  };
}

function withRuntimeReason(reason: string, request: ToolRequest): string {
  return request.runtimeReason === undefined || request.runtimeReason === ''
    ? reason
    : `${reason} ${showInvisible(request.runtimeReason)}`;
}

function allow(reason: string): Judgement {
  return { verdict: { kind: 'allow', reason } };
}

function granted(reason: string): Judgement {
  return { verdict: { kind: 'allow', reason }, granted: true };
}

function ask(reason: string): Judgement {
  return { verdict: { kind: 'ask', reason } };
}

/** What a person has to see before they decide: the whole command, the path, or else the arguments. */
export function subjectOf(request: ToolRequest, cwd: string): string {
  if (request.command !== undefined) {
    return showInvisible(request.command);
  }
  if (request.paths.length > 0) {
    return request.paths.map((path) => showInvisible(resolvePath(cwd, path))).join('\n');
  }
  return showInvisible(JSON.stringify(request.input, undefined, 2) ?? '');
}
