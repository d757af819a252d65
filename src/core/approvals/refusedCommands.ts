import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { isAbsolute } from '../paths.ts';
import { isReader } from './commandFacts.ts';
import type { SimpleCommand, Word } from './commandLine.ts';
import type { Step } from './expandLine.ts';
import { matchedFiles } from './matchedFiles.ts';
import {
  ask,
  type Case,
  deniedByRule,
  denyingRule,
  isGuarded,
  isInRoot,
  type Judgement,
  targetOf,
} from './judgement.ts';
import { concerns, deniesCommand } from './ruleMatching.ts';
import type { Rule } from './rules.ts';
import { textsOf, type Variables } from './wordTexts.ts';
import { foldersOf } from './writes.ts';
import { writtenWords } from './writtenWords.ts';

/** A rule that refuses a command or a path refuses every line that has it, and asks where that cannot be told. */
export async function refusedByRule(
  call: Case,
  steps: readonly Step[],
  variables: Variables,
): Promise<Judgement | undefined> {
  const { deny } = call.state;
  const commands = steps.map(({ command }) => command);
  let mayBe: string | undefined;
  for (const rule of deny.filter((candidate) => concerns(candidate, call.request))) {
    const answers = commands.map((command) => deniesCommand(rule, command));
    if (answers.includes('yes')) {
      return deniedByRule(rule);
    }
    mayBe ??= answers.includes('maybe') ? rule.text : undefined;
  }
  const path = await refusedPath(call, commands, variables);
  if (path?.isSure === true) {
    return deniedByRule(path.rule);
  }
  mayBe ??= path?.rule.text;
  return mayBe === undefined
    ? undefined
    : ask(t('Whether your rule {0} refuses it is known only when it runs.', showInvisible(mayBe)));
}

interface RefusedPath {
  readonly rule: Rule;
  /** False where a program is given a path that may not be edited, and may well only read it. */
  readonly isSure: boolean;
}

/** What may not be read may not be named; what may not be edited may not be written. */
async function refusedPath(
  call: Case,
  commands: readonly SimpleCommand[],
  variables: Variables,
): Promise<RefusedPath | undefined> {
  const { deny, home } = call.state;
  const unread = deny.filter(({ name, path }) => name === 'read' && path !== undefined);
  const unwritten = deny.filter(({ name, path }) => name === 'edit' && path !== undefined);
  if (unread.length + unwritten.length === 0) {
    return undefined;
  }
  const folders = [call.cwd, ...(foldersOf(commands, { cwd: call.cwd, home, variables }) ?? [])];
  let unsure: RefusedPath | undefined;
  for (const command of commands) {
    for (const { word, use } of namedFiles(command)) {
      const rules = use === 'read' ? unread : [...unread, ...unwritten];
      for (const { path, isWhole } of await namesIn(word, { call, folders, variables })) {
        const rule = await denyingRule(rules, await targetOf(path, call), call);
        if (rule !== undefined && isWhole && (use === 'write' || (use !== 'code' && rule.name === 'read'))) {
          return { rule, isSure: true };
        }
        unsure ??= rule === undefined ? undefined : { rule, isSure: false };
      }
    }
  }
  return unsure;
}

/** A place of the person outside of the folder that is protected, and that the line names: their keys, their settings. */
export async function namedOutside(
  call: Case,
  steps: readonly Step[],
  variables: Variables,
): Promise<string | undefined> {
  const commands = steps.map(({ command }) => command);
  const folders = [call.cwd, ...(foldersOf(commands, { cwd: call.cwd, home: call.state.home, variables }) ?? [])];
  for (const { word } of commands.flatMap(namedFiles)) {
    for (const { path, isWhole } of await namesIn(word, { call, folders, variables })) {
      const target = isWhole ? await targetOf(path, call) : undefined;
      if (target !== undefined && !isInRoot(target, call.root) && isGuarded(target, call)) {
        return target.real;
      }
    }
  }
  return undefined;
}

/** What a word is for: a file that is read, or written, or either; or text in which something else may name files. */
type Use = 'read' | 'write' | 'either' | 'code';

function namedFiles(command: SimpleCommand): readonly { readonly word: Word; readonly use: Use }[] {
  const redirected = command.redirections.flatMap((redirection): { word: Word; use: Use }[] =>
    redirection.kind === 'read' || redirection.kind === 'write'
      ? [{ word: redirection.target, use: redirection.kind }]
      : redirection.kind === 'text'
        ? [{ word: redirection.body, use: 'code' }]
        : [],
  );
  const written = writtenWords(command);
  const other = isReader(command) || written !== undefined ? 'read' : 'either';
  const named = command.words.slice(1).map((word) => ({ word, use: other }) as const);
  return [...(written ?? []).map(({ word }) => ({ word, use: 'write' }) as const), ...named, ...redirected];
}

interface Name {
  /** Absolute, or as it counts in every folder that the line works in. */
  readonly path: string;
  /** False for a part of a longer text. */
  readonly isWhole: boolean;
}

/**
 * Whatever in a word could be the name of a file: all of it, with its patterns matched against the disk; the value of an
 * option; what follows a sign; a part of a text.
 */
async function namesIn(
  word: Word,
  {
    call,
    folders,
    variables,
  }: { readonly call: Case; readonly folders: readonly string[]; readonly variables: Variables },
): Promise<readonly Name[]> {
  const names = new Map<string, boolean>();
  for (const { text, hasPattern } of textsOf(word, variables, call.state.home) ?? []) {
    const whole = [
      text,
      text.replace(/^-{1,2}[\w-]*=/, ''),
      text.replace(/^(?:[@<]|-\w)/, ''),
      text.replace(/^\w+=/, ''),
      // `HEAD:file` of git, `host:file` of others.
      text.replace(/^[^:/]*:/, ''),
    ];
    for (const part of text.split(/[\s'"`()<>|;&,=:{}]+/u)) {
      names.set(part, false);
    }
    for (const each of whole) {
      names.set(each, true);
    }
    for (const folder of hasPattern ? folders : []) {
      for (const found of (await matchedFiles(isAbsolute(text) ? text : `${folder}/${text}`, call.files)) ?? []) {
        names.set(found, true);
      }
    }
  }
  return [...names].flatMap(([name, isWhole]) =>
    name === ''
      ? []
      : isAbsolute(name)
        ? [{ path: name, isWhole }]
        : folders.map((folder) => ({ path: `${folder}/${name}`, isWhole })),
  );
}
