import { literalOf, type SimpleCommand, type Word } from './commandLine.ts';
import { mayBeOption, programName } from './wordTexts.ts';
import { aliases, gitRisk, gitShort, gitTransports, type Risk, risks } from './riskTables.ts';

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

function gitRiskOf(subcommand: string | undefined, from: number): Risk {
  const letters = Object.hasOwn(gitShort, subcommand ?? '') ? (gitShort[subcommand ?? ''] ?? '') : '';
  // Before the subcommand stand git's own options: settings, and folders in which others are found.
  return {
    ...gitRisk,
    // A transport such as `ext::` is a program.
    ...(gitTransports.has(subcommand ?? '') ? { operands: (words) => words.some((word) => word.includes('::')) } : {}),
    short: from <= 1 ? `${letters}cC` : letters,
    words: subcommand === 'bisect' ? ['run'] : subcommand === 'submodule' ? ['foreach'] : ['filter-branch'],
  };
}

function isRisky(word: string, risk: Risk): boolean {
  const [name = ''] = word.split('=', 1);
  if (risk.words?.includes(name) === true) {
    return true;
  }
  if (word.startsWith('--')) {
    return name.length > 2 && (risk.long ?? []).some((option) => option.startsWith(name));
  }
  return (
    word.startsWith('-') && word.length > 1 && [...(risk.short ?? '')].some((letter) => name.slice(1).includes(letter))
  );
}
