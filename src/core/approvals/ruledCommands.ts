import { isAbsolute, isInside } from '../paths.ts';
import { literalOf, type Redirection, type SimpleCommand } from './commandLine.ts';
import type { Steps } from './expandLine.ts';
import { allowedByRules, type Case, isInRoot, type Judgement, targetOf } from './judgement.ts';
import { allowsCommand, concerns, isHarmlessAssignment } from './ruleMatching.ts';
import type { Rule } from './rules.ts';
import { programName, textsOf, type Variables } from './wordTexts.ts';

export type Ruled =
  | { readonly kind: 'allowed'; readonly judgement: Judgement }
  /** `uncovered`: the first command that lacks a rule, where there are any. */
  | { readonly kind: 'open'; readonly uncovered: string | undefined };

/** Builtins that do nothing by themselves and often stand beside what a rule is about. */
const neutral: ReadonlySet<string> = new Set(['cd', 'pwd', 'true', 'false', ':', 'echo', 'wait']);

/**
 * Whether the rules allow the line: each of its commands has one, none sets what another depends on, and nothing is
 * redirected but to nowhere. A line with loops, conditions or functions is never allowed by rules.
 */
export async function rulesForSteps(
  call: Case,
  { steps, hasControlFlow }: Steps,
  variables: Variables,
): Promise<Ruled> {
  const rules = call.state.allow.filter((rule) => concerns(rule, call.request));
  const used: Rule[] = [];
  let uncovered: SimpleCommand | undefined;
  const changes = steps.filter(({ command }) => programName(command) === 'cd').length;
  for (const { command, needsRule } of steps) {
    const rule = rules.find((candidate) => allowsCommand(candidate, command));
    if (needsRule && rule !== undefined) {
      used.push(rule);
    }
    const isCovered = needsRule
      ? rule !== undefined || (await isNeutral(call, command, variables))
      : command.assignments.every(areHarmless);
    if (!isCovered || !(await areRedirectionsHarmless(call, command.redirections, variables, changes > 0))) {
      uncovered ??= command;
    }
  }
  const start = await call.files.realPath(call.cwd);
  const usesGit = steps.some(({ command }) => programName(command) === 'git');
  const movesGit = usesGit && (start !== call.root || (await leavesRoot(call, steps, variables)));
  // Where a second `cd` leads depends on the first.
  const isElsewhere = steps.some(({ command }) => command.isElsewhere === true);
  const isPlaced = isInside(call.root, start) && changes <= 1 && !movesGit && !isElsewhere;
  if (uncovered === undefined && used.length > 0 && !hasControlFlow && isPlaced) {
    return { kind: 'allowed', judgement: allowedByRules(used) };
  }
  return {
    kind: 'open',
    uncovered: rules.length === 0 || uncovered === undefined ? undefined : textOf(uncovered),
  };
}

function areHarmless({ name, values }: SimpleCommand['assignments'][number]): boolean {
  return values.every((value) => isHarmlessAssignment(name, literalOf(value)));
}

async function isNeutral(call: Case, command: SimpleCommand, variables: Variables): Promise<boolean> {
  const name = literalOf(command.words[0]);
  if (!command.assignments.every(areHarmless)) {
    return false;
  }
  if (name === undefined) {
    // Nothing but assignments and redirections.
    return command.words.length === 0;
  }
  if (name === 'cd') {
    return (await placesOf(call, command, variables))?.every((place) => isInside(call.root, place)) === true;
  }
  return neutral.has(name) && command.words.every((word) => literalOf(word) !== undefined);
}

async function areRedirectionsHarmless(
  call: Case,
  redirections: readonly Redirection[],
  variables: Variables,
  isMoved: boolean,
): Promise<boolean> {
  for (const redirection of redirections) {
    if (redirection.kind === 'write' || redirection.kind === 'text') {
      return false;
    }
    if (redirection.kind === 'read') {
      const texts = textsOf(redirection.target, variables, call.state.home);
      for (const known of texts ?? [undefined]) {
        const isKnown = known !== undefined && !known.hasPattern && (!isMoved || isAbsolute(known.text));
        if (!isKnown || !isInRoot(await targetOf(known.text, call), call.root)) {
          return false;
        }
      }
    }
  }
  return true;
}

/** In another folder a repository may wait whose own settings make git run programs. */
async function leavesRoot(call: Case, steps: Steps['steps'], variables: Variables): Promise<boolean> {
  for (const { command } of steps) {
    if (programName(command) === 'cd') {
      const places = await placesOf(call, command, variables);
      if (places?.every((place) => place === call.root) !== true) {
        return true;
      }
    }
  }
  return false;
}

async function placesOf(
  call: Case,
  command: SimpleCommand,
  variables: Variables,
): Promise<readonly string[] | undefined> {
  const [, target, more] = command.words;
  const texts = target === undefined || more !== undefined ? undefined : textsOf(target, variables, call.state.home);
  if (texts === undefined || texts.some(({ text, hasPattern }) => hasPattern || text.startsWith('-') || text === '')) {
    return undefined;
  }
  return (await Promise.all(texts.map(async ({ text }) => (await targetOf(text, call)).places))).flat();
}

function textOf(command: SimpleCommand): string {
  const assignments = command.assignments.map(({ name, values }) => `${name}=${values[0]?.text ?? ''}`);
  const redirections = command.redirections.map((redirection) =>
    redirection.kind === 'harmless'
      ? ''
      : redirection.kind === 'text'
        ? '<<'
        : `${redirection.kind === 'read' ? '<' : '>'} ${redirection.target.text}`,
  );
  return [...assignments, ...command.words.map(({ text }) => text), ...redirections]
    .filter((part) => part !== '')
    .join(' ');
}
