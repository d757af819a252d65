import { resolvePath } from '../paths.ts';
import type { ToolRequest } from '../runtime.ts';
import { isReader } from './commandFacts.ts';
import { literalOf, type SimpleCommand } from './commandLine.ts';
import { coversUrl } from './hostPattern.ts';
import { coversPath, coversSegment } from './pathPattern.ts';
import { doesMore } from './riskyOptions.ts';
import type { Rule } from './rules.ts';
import { programName } from './wordTexts.ts';
import { writtenWords } from './writtenWords.ts';

/** Variables before a command that do not change what runs. */
const harmlessVariables: ReadonlySet<string> = new Set([
  'CI',
  'NODE_ENV',
  'NO_COLOR',
  'FORCE_COLOR',
  'CLICOLOR',
  'CARGO_TERM_COLOR',
  'RUST_BACKTRACE',
  'PYTHONUNBUFFERED',
  'LANG',
  'LC_ALL',
  'TZ',
]);

const accessOfName: Readonly<Record<string, ToolRequest['access']>> = {
  run: 'execute',
  edit: 'edit',
  read: 'read',
  fetch: 'network',
};

/** Whether the rule is about this kind of call at all. */
export function concerns(rule: Rule, request: Pick<ToolRequest, 'toolName' | 'access'>): boolean {
  const access = Object.hasOwn(accessOfName, rule.name) ? accessOfName[rule.name] : undefined;
  return access === undefined ? coversSegment(rule.name, request.toolName) : access === request.access;
}

/** Every call that the rule concerns, whatever it is about. */
export function isForAll(rule: Rule): boolean {
  return rule.command === undefined && rule.path === undefined && rule.host === undefined;
}

/** Whether the rule allows this one command, as far as its words go: where it writes to is another question. */
export function allowsCommand(rule: Rule, command: SimpleCommand): boolean {
  if (rule.command === undefined) {
    return isForAll(rule);
  }
  const { words, assignments } = rule.command;
  const named = new Map(assignments.map(({ name, values }) => [name, literalOf(values[0])]));
  const given = new Map(command.assignments.map(({ name, values }) => [name, literalOf(values[0])]));
  return (
    words.every((word, index) => literalOf(word) === literalOf(command.words[index])) &&
    [...named].every(([name, value]) => given.get(name) === value) &&
    command.assignments.every(({ name, values }) =>
      named.has(name) ? values.length === 1 : values.every((value) => isHarmlessAssignment(name, literalOf(value))),
    ) &&
    !doesMore(command, words.length)
  );
}

export function isHarmlessAssignment(name: string, value: string | undefined): boolean {
  return harmlessVariables.has(name) && value !== undefined && value !== '';
}

/**
 * Whether the rule refuses this command, also where its program is called by its path, and with options in between. `maybe`
 * where words are not known before it runs, mean the same as others, or are handed on to what runs them.
 */
export function deniesCommand(rule: Rule, command: SimpleCommand): 'yes' | 'maybe' | 'no' {
  if (rule.command === undefined) {
    return isForAll(rule) ? 'yes' : 'no';
  }
  if (command.words.length === 0) {
    return 'no';
  }
  const wanted = rule.command.words.map((word) => literalOf(word) ?? '');
  const [program = '', ...rest] = wanted;
  const name = programName(command);
  if (name === undefined) {
    return 'maybe';
  }
  if (program !== name && program !== literalOf(command.words[0])) {
    return handsOn(command, wanted) ? 'maybe' : 'no';
  }
  const words = command.words.slice(1).map(literalOf);
  const isUnsure = words.includes(undefined) || (name === 'git' && namesAlias(command));
  const options = rest.filter((word) => word.startsWith('-')).map((option) => isGiven(option, words));
  const operands = matchOperands(
    rest.filter((word) => !word.startsWith('-')),
    words,
  );
  if (operands === 'yes' && options.every((option) => option === 'yes')) {
    return 'yes';
  }
  const mayBeMeant = operands === 'yes' && options.every((option) => option !== 'no');
  return mayBeMeant || (isUnsure && (operands !== 'no' || namesAlias(command))) ? 'maybe' : 'no';
}

/** A subcommand of git may be another name, and say so itself. */
function namesAlias({ words, assignments }: SimpleCommand): boolean {
  return (
    words.some((word) => /^(?:--config-env=)?alias\./i.test(literalOf(word) ?? '')) ||
    assignments.some(({ name }) => name.startsWith('GIT_CONFIG'))
  );
}

/** Whether the words of a program that is not known, or the text in one of them, begin such a command. */
function handsOn(command: SimpleCommand, wanted: readonly string[]): boolean {
  if (isReader(command) || writtenWords(command) !== undefined) {
    return false;
  }
  const parts = command.words.slice(1).flatMap((word) => (literalOf(word) ?? '').split(/[^\w./@:+-]+/));
  const named = programName(command) === 'alias' ? wanted.slice(0, 1) : wanted.filter((word) => !word.startsWith('-'));
  return parts.some((_, at) => named.every((word, offset) => parts[at + offset] === word));
}

/**
 * A long option may be abbreviated; the letters of short ones may stand together or apart. `maybe`: what is given could be
 * the same by its other name.
 */
function isGiven(option: string, words: readonly (string | undefined)[]): 'yes' | 'maybe' | 'no' {
  const names = words.map((word) => word?.split('=', 1)[0] ?? '');
  const long = names.filter((name) => name.length > 2 && name.startsWith('--'));
  const letters = names.filter((name) => /^-[^-]/.test(name)).join('');
  if (option.startsWith('--')) {
    const isSame = long.some((name) => option.startsWith(name));
    return isSame ? 'yes' : letters.toLowerCase().includes(option.charAt(2).toLowerCase()) ? 'maybe' : 'no';
  }
  const wanted = option.slice(1).split('');
  if (names.includes(option) || wanted.every((letter) => letters.includes(letter))) {
    return 'yes';
  }
  const others = letters.toLowerCase() + long.map((name) => name.charAt(2).toLowerCase()).join('');
  return wanted.every((letter) => others.includes(letter.toLowerCase())) ? 'maybe' : 'no';
}

/** The operands in their order; an option in between may take the word after it. */
function matchOperands(wanted: readonly string[], words: readonly (string | undefined)[]): 'yes' | 'maybe' | 'no' {
  let found = 0;
  let isUnsure = false;
  let mayBeValue = false;
  for (const word of words) {
    if (found === wanted.length) {
      break;
    }
    if (word === undefined) {
      isUnsure = true;
    } else if (word === wanted[found]) {
      found++;
      mayBeValue = false;
    } else if (word.startsWith('-')) {
      mayBeValue = true;
    } else if (mayBeValue) {
      mayBeValue = false;
    } else if (!isUnsure) {
      return 'no';
    }
  }
  return found === wanted.length ? 'yes' : isUnsure ? 'maybe' : 'no';
}

/** A relative pattern begins at the session's folder, `~` at the person's home. */
export function patternOf(path: string, root: string, home: string | undefined): string {
  return /^~(?=$|[\\/])/.test(path) && home !== undefined ? home + path.slice(1) : resolvePath(root, path);
}

export function allowsPath(rule: Rule, path: string, root: string, home: string | undefined): boolean {
  return rule.path !== undefined && coversPath(patternOf(rule.path, root, home), path, false);
}

export function coversRequestUrl(rule: Rule, url: string | undefined): boolean {
  return isForAll(rule) || (rule.host !== undefined && url !== undefined && coversUrl(rule.host, url));
}
