import { literalOf, type SimpleCommand, type Word } from './commandLine.ts';
import { mayBeOption, programName } from './wordTexts.ts';
import { aliases, gitRemoteFirst, gitRisk, gitShort, gitTransports, gitWords, type Risk, risks } from './riskTables.ts';

/**
 * Whether the words from `from` on make the program do more than its name says, or are not known and could. `false` for a
 * program that has no such options.
 */
export function doesMore(command: SimpleCommand, from: number): boolean {
  const name = programName(command) ?? '';
  const found = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
  const subcommand = found === 'git' ? command.words.map(literalOf).find(isSubcommand) : undefined;
  const risk = found === 'git' ? gitRiskOf(subcommand, from) : risks.get(found);
  if (risk === undefined) {
    return false;
  }
  const operands: string[] = [];
  let areOptionsOver = false;
  for (const word of command.words.slice(from)) {
    const literal = literalOf(word);
    if (!areOptionsOver && literal === '--') {
      areOptionsOver = true;
    } else if (!areOptionsOver && (literal === undefined ? mayBeOption(word) : isRisky(literal, risk))) {
      return true;
    } else if (literal === undefined || !literal.startsWith('-') || areOptionsOver) {
      operands.push(literal ?? unknownOperand(word));
    }
  }
  return risk.operands?.(operands) ?? false;
}

/** Of an operand that is not known, as much as is; it counts like any other. */
function unknownOperand(word: Word): string {
  const [first] = word.pieces;
  return first?.kind === 'exact' ? first.text : '?';
}

function isSubcommand(word: string | undefined, index: number): boolean {
  return index > 0 && word !== undefined && !word.startsWith('-');
}

function gitRiskOf(subcommand = '', from: number): Risk {
  const letters = Object.hasOwn(gitShort, subcommand) ? (gitShort[subcommand] ?? '') : '';
  const words = Object.hasOwn(gitWords, subcommand) ? (gitWords[subcommand] ?? []) : [];
  const isRemote = (operands: readonly string[]): boolean => {
    // Behind a rule that names the remote itself stands what is sent.
    const remote =
      from > 2 || !gitRemoteFirst.has(subcommand) ? undefined : operands.find((word) => word !== subcommand);
    // A transport such as `ext::` is a program.
    return operands.some((word) => word.includes('::')) || (remote !== undefined && /[:/\\?]|^[.~]/.test(remote));
  };
  // Before the subcommand stand git's own options: settings, and folders in which others are found.
  return {
    ...gitRisk,
    ...(gitTransports.has(subcommand) ? { operands: isRemote } : {}),
    short: from <= 1 ? `${letters}cC` : letters,
    words: ['filter-branch', ...words],
  };
}

function isRisky(word: string, risk: Risk): boolean {
  const [name = ''] = word.split('=', 1);
  if (risk.words?.includes(name) === true) {
    return true;
  }
  if (word.startsWith('--')) {
    const [bare = name] = name.split('.', 1);
    return (
      name.length > 2 &&
      ((risk.plainLong !== undefined && !risk.plainLong.includes(name)) ||
        (risk.long ?? []).some((option) => option.startsWith(name) || option === bare))
    );
  }
  return (
    word.startsWith('-') && word.length > 1 && [...(risk.short ?? '')].some((letter) => name.slice(1).includes(letter))
  );
}
