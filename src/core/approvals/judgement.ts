import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import type { ApprovalMode } from '../../protocol/view.ts';
import { isAbsolute, isInside, normalizePath, resolvePath, segmentsOf } from '../paths.ts';
import type { FileAccess } from '../ports.ts';
import type { ToolRequest, Verdict } from '../runtime.ts';
import { isProtectedFor, type ProtectedScope } from './protectedPaths.ts';
import { coversPath } from './pathPattern.ts';
import { isForAll, patternOf } from './ruleMatching.ts';
import type { Rule } from './rules.ts';

/** What a decision depends on besides the call itself. */
export interface ApprovalState {
  readonly mode: ApprovalMode;
  /** The session's directory, absolute. */
  readonly cwd: string;
  /** Answers "for this session", by key. */
  readonly grants: ReadonlySet<string>;
  /** Answers "always", by key. */
  readonly always: ReadonlySet<string>;
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
  /** Folders of the extension and of the editor that are written only when it is asked. */
  readonly protectedFolders: readonly string[];
  readonly home: string | undefined;
}

/** What the person can allow beyond the one call. */
export interface Grant {
  readonly key: string;
  /** Exactly what, in words. */
  readonly scope: string;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Absent where it is asked every time. */
  readonly grant?: Grant;
}

/** The call and what it is judged by, with links resolved. */
export interface Case extends ProtectedScope {
  readonly request: ToolRequest;
  readonly state: ApprovalState;
  readonly files: Pick<FileAccess, 'realPath' | 'linkCount' | 'entries'>;
  /** The directory that relative paths begin at. */
  readonly cwd: string;
}

export interface Target {
  /** As it was asked for, made absolute. */
  readonly asked: string;
  /** With symbolic links resolved. */
  readonly real: string;
  /** Where it may really end: `..` after a link leads elsewhere for the system than for the text. */
  readonly places: readonly string[];
}

export async function targetOf(path: string, { cwd, files }: Pick<Case, 'cwd' | 'files'>): Promise<Target> {
  const asked = resolvePath(cwd, path);
  const real = await files.realPath(asked);
  const walked = segmentsOf(path).includes('..') ? await walk(isAbsolute(path) ? path : `${cwd}/${path}`, files) : real;
  return { asked, real, places: [...new Set([real, walked, ...(isOwnView.test(asked) ? [asked] : [])])] };
}

/** What such a path leads to depends on the process that follows it: it is inside of nothing. */
const isOwnView = /^\/(?:proc|dev\/fd)\//;

/** Goes from folder to folder as the system does. */
async function walk(path: string, files: Case['files']): Promise<string> {
  const parts = path.split(/(?<=[\\/])/);
  let at = '';
  for (const part of parts) {
    at = /^\.\.[\\/]?$/.test(part) ? `${normalizePath(`${await files.realPath(normalizePath(at))}/..`)}/` : at + part;
  }
  return files.realPath(normalizePath(at));
}

export function isGuarded({ asked, places }: Target, scope: ProtectedScope): boolean {
  return [asked, ...places].some((path) => isProtectedFor(path, scope));
}

export function isInRoot({ places }: Target, root: string): boolean {
  return places.every((place) => isInside(root, place));
}

/** A rule means the place that it names, and where links lead from there. */
export async function denyingRule(
  rules: readonly Rule[],
  { asked, places }: Target,
  { root, state, files }: Case,
): Promise<Rule | undefined> {
  for (const rule of rules) {
    const pattern = rule.path === undefined ? undefined : patternOf(rule.path, root, state.home);
    const patterns = pattern === undefined ? [] : [pattern, await realPattern(pattern, files)];
    if (isForAll(rule) || [asked, ...places].some((path) => patterns.some((each) => coversPath(each, path, true)))) {
      return rule;
    }
  }
  return undefined;
}

/** With the links resolved in front of the first wildcard. */
async function realPattern(pattern: string, files: Case['files']): Promise<string> {
  const [before = ''] = /^(?:[^*?]*(?=[\\/][^\\/]*[*?])|[^*?]*$)/.exec(pattern) ?? [];
  return before === '' ? pattern : (await files.realPath(before)) + pattern.slice(before.length);
}

export function allow(reason: string): Judgement {
  return { verdict: { kind: 'allow', reason } };
}

export function ask(reason: string, grant?: Grant): Judgement {
  return { verdict: { kind: 'ask', reason }, ...(grant === undefined ? {} : { grant }) };
}

export function deny(reason: string): Judgement {
  return { verdict: { kind: 'deny', reason } };
}

export function deniedByRule(rule: Rule): Judgement {
  return deny(t("the user's rule {0} in greenroom.approvals.deny refuses it", showInvisible(rule.text)));
}

export function askOfProtected(name: string): Judgement {
  return ask(
    t(
      '{0} is protected: it can change what runs later, or with which rights. It is asked every time.',
      showInvisible(name),
    ),
  );
}

/** An earlier answer of the person that covers the call. */
export function granted(key: string, { grants, always }: ApprovalState): Judgement | undefined {
  if (grants.has(key)) {
    return allow(t('you allowed it for this session'));
  }
  return always.has(key) ? allow(t('you always allow it in this workspace')) : undefined;
}

export function allowedByRules(rules: readonly Rule[]): Judgement {
  const names = [...new Set(rules.map(({ text }) => showInvisible(text)))];
  return allow(
    names.length === 1 ? t('your rule {0} allows it', names[0] ?? '') : t('your rules allow it: {0}', names.join(', ')),
  );
}

export function allowedByAuto(): Judgement {
  return allow(t('the session is in the mode Auto'));
}

/** The reason of ours, and why the runtime thinks that it has to be asked. */
export function withRuntimeReason(reason: string, { runtimeReason }: ToolRequest): string {
  return runtimeReason === undefined || runtimeReason === '' ? reason : `${reason} ${showInvisible(runtimeReason)}`;
}
