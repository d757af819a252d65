import { t } from '../../base/l10n.ts';
import { literalOf, type SimpleCommand } from './commandLine.ts';
import { type HostPattern, parseHostPattern } from './hostPattern.ts';
import { readShellCommand } from './shellParser.ts';

/**
 * A rule of the person: `name`, or `name(what)`. The name is a kind of access (`run`, `edit`, `read`, `fetch`) or the name of
 * a tool, in which `*` stands for anything. What it says depends on the call: the first words of a command, a pattern of
 * paths, or a host.
 */
export interface Rule {
  /** As it was written. */
  readonly text: string;
  readonly name: string;
  /** Absent: every such call. */
  readonly command?: SimpleCommand;
  readonly path?: string;
  readonly host?: HostPattern;
}

export type RuleReading =
  | { readonly kind: 'rule'; readonly rule: Rule }
  | { readonly kind: 'problem'; readonly text: string; readonly problem: string };

const accessNames: ReadonlySet<string> = new Set(['run', 'edit', 'read', 'fetch']);

export function readRule(text: string): RuleReading {
  const problem = (sentence: string): RuleReading => ({ kind: 'problem', text, problem: sentence });
  const found = /^([\w*-]+)(?:\((.*)\))?$/su.exec(text.trim());
  const [, name = '', specifier] = found ?? [];
  if (found === null) {
    return problem(t('a rule is a name, or a name and what it covers in brackets'));
  }
  const what = specifier?.trim();
  if (what === undefined) {
    return { kind: 'rule', rule: { text, name } };
  }
  if (what === '') {
    return problem(t('there is nothing in the brackets'));
  }
  const isTool = !accessNames.has(name);
  const command = isTool || name === 'run' ? commandOf(what) : undefined;
  const host = isTool || name === 'fetch' ? parseHostPattern(what) : undefined;
  if (name === 'run' && command === undefined) {
    return problem(t('it has to be the beginning of one command, without operators, variables or patterns'));
  }
  if (name === 'fetch' && host === undefined) {
    return problem(t('it has to be a host, and a path where anybody can publish on that host'));
  }
  return {
    kind: 'rule',
    rule: {
      text,
      name,
      ...(isTool || name === 'edit' || name === 'read' ? { path: what } : {}),
      ...(command === undefined ? {} : { command }),
      ...(host === undefined ? {} : { host }),
    },
  };
}

/** One command of which every word is known. Claude Code's `:*` at its end says what is so anyway. */
function commandOf(text: string): SimpleCommand | undefined {
  const reading = readShellCommand(text.replace(/(?::\*| \*)$/, ''));
  const command = reading.kind === 'line' ? reading.line.commands[0] : undefined;
  const isPlain =
    reading.kind === 'line' &&
    !reading.line.hasControlFlow &&
    reading.line.commands.length === 1 &&
    command !== undefined &&
    command.words.length > 0 &&
    command.redirections.length === 0 &&
    command.words.every((word) => literalOf(word) !== undefined) &&
    command.assignments.every(({ values }) => values.every((value) => literalOf(value) !== undefined));
  return isPlain ? command : undefined;
}
