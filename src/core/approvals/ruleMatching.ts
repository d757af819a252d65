import { resolvePath } from '../paths.ts';
import type { ToolRequest } from '../runtime.ts';
import { literalOf, type SimpleCommand } from './commandLine.ts';
import { coversUrl } from './hostPattern.ts';
import { coversPath, coversSegment } from './pathPattern.ts';
import { doesMore } from './riskyOptions.ts';
import type { Rule } from './rules.ts';
import { programName } from './wordTexts.ts';

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
 * where words are not known before it runs.
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
    return 'no';
  }
  const words = command.words.slice(1).map(literalOf);
  const isUnsure = words.includes(undefined);
  const hasOptions = rest.every((option) => !option.startsWith('-') || isGiven(option, words));
  const operands = matchOperands(
    rest.filter((word) => !word.startsWith('-')),
    words,
  );
  if (operands === 'yes' && hasOptions) {
    return 'yes';
  }
  return isUnsure && operands !== 'no' ? 'maybe' : 'no';
}

/** A long option may be abbreviated; the letters of short ones may stand together or apart. */
function isGiven(option: string, words: readonly (string | undefined)[]): boolean {
  const names = words.map((word) => word?.split('=', 1)[0] ?? '');
  if (option.startsWith('--')) {
    return names.some((name) => name.length > 2 && name.startsWith('--') && option.startsWith(name));
  }
  const letters = names.filter((name) => /^-[^-]/.test(name)).join('');
  return names.includes(option) || [...option.slice(1)].every((letter) => letters.includes(letter));
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

export function deniesPath(rule: Rule, path: string, root: string, home: string | undefined): boolean {
  return isForAll(rule) || (rule.path !== undefined && coversPath(patternOf(rule.path, root, home), path, true));
}

export function coversRequestUrl(rule: Rule, url: string | undefined): boolean {
  return isForAll(rule) || (rule.host !== undefined && url !== undefined && coversUrl(rule.host, url));
}
