import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import { isAbsolute } from '../paths.ts';
import { isReader, writtenWords } from './commandFacts.ts';
import type { SimpleCommand, Word } from './commandLine.ts';
import type { Step } from './expandLine.ts';
import { ask, type Case, deniedByRule, denyingRule, type Judgement, targetOf } from './judgement.ts';
import { concerns, deniesCommand } from './ruleMatching.ts';
import type { Rule } from './rules.ts';
import { textsOf, type Variables } from './wordTexts.ts';
import { foldersOf } from './writes.ts';

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
      for (const path of namesIn((textsOf(word, variables, home) ?? []).map(({ text }) => text))) {
        for (const folder of isAbsolute(path) ? [call.cwd] : folders) {
          const rule = denyingRule(rules, await targetOf(path, { cwd: folder, files: call.files }), call);
          if (rule !== undefined && (use === 'write' || rule.name === 'read')) {
            return { rule, isSure: true };
          }
          unsure ??= rule === undefined ? undefined : { rule, isSure: false };
        }
      }
    }
  }
  return unsure;
}

function namedFiles(
  command: SimpleCommand,
): readonly { readonly word: Word; readonly use: 'read' | 'write' | 'either' }[] {
  const redirected = command.redirections.flatMap((redirection) =>
    redirection.kind === 'read' || redirection.kind === 'write'
      ? [{ word: redirection.target, use: redirection.kind }]
      : [],
  );
  const written = writtenWords(command)?.map(({ index }) => index);
  const other = isReader(command) || written !== undefined ? 'read' : 'either';
  const named = command.words
    .map((word, index) => ({ word, use: written?.includes(index) === true ? ('write' as const) : other }) as const)
    .slice(1);
  return [...named, ...redirected];
}

/** Whatever in a word could be the name of a file: all of it, the value of an option, what follows a sign. */
function namesIn(texts: readonly string[]): ReadonlySet<string> {
  const names = texts.flatMap((text) => [
    text,
    text.replace(/^-{1,2}[\w-]*=/, ''),
    text.replace(/^(?:[@<]|-\w)/, ''),
    text.replace(/^\w+=/, ''),
  ]);
  return new Set(names.filter((name) => name !== ''));
}
