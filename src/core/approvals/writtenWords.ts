import { literalOf, type SimpleCommand, type Word } from './commandLine.ts';
import { doesMore } from './riskyOptions.ts';
import { programName } from './wordTexts.ts';

/** Programs whose words are files that they change. */
const fileWriters: ReadonlySet<string> = new Set([
  'chgrp',
  'chmod',
  'chown',
  'cp',
  'dd',
  'install',
  'ln',
  'mkdir',
  'mv',
  'rm',
  'rmdir',
  'rsync',
  'shred',
  'tee',
  'touch',
  'truncate',
  'unlink',
]);

/** Those of them whose last word is what is written, while the others are read or linked to. */
const lastIsTarget: ReadonlySet<string> = new Set(['cp', 'install', 'ln', 'rsync']);

interface Options {
  readonly short: string;
  readonly long: readonly string[];
}

const targetFolder: Options = { short: 't', long: ['--target-directory'] };
const output: Options = { short: 'o', long: ['--output', '--output-directory'] };
/** Options whose value is a file or folder that is written. */
const writtenOptions: ReadonlyMap<string, Options> = new Map([
  ['cp', targetFolder],
  ['install', targetFolder],
  ['ln', targetFolder],
  ['mv', targetFolder],
  ['curl', { short: 'ocD', long: ['--output', '--output-dir', '--cookie-jar', '--dump-header'] }],
  ['wget', { short: 'OPoa', long: ['--output-document', '--directory-prefix', '--output-file', '--append-output'] }],
  ['shuf', output],
  ['sort', output],
  ['unzip', { short: 'd', long: [] }],
]);
const tarFolder: Options = { short: 'C', long: ['--directory'] };

const changesRights = /^ch(?:mod|own|grp)$/;

export interface WrittenWord {
  /** Where it stands in the command. */
  readonly index: number;
  /** The path alone, without the option that it is given to. */
  readonly word: Word;
  /** Only copied or linked to; a link that is made of it leads there. */
  readonly isSource: boolean;
  /** A folder here is changed itself, with all that is in it; otherwise something is put into it. */
  readonly isItself: boolean;
}

/** The words that are files to be written; `undefined` for a program of which that is not known. */
export function writtenWords(command: SimpleCommand): readonly WrittenWord[] | undefined {
  const name = programName(command) ?? '';
  switch (name) {
    case 'find':
      return deletedByFind(command);
    case 'git':
      return writtenByGit(command);
    case 'sed':
      return doesMore(command, 1) ? editedInPlace(command) : undefined;
    case 'perl':
      return command.words.some((word) => /^-[a-zA-Z0]*i/.test(literalOf(word) ?? ''))
        ? editedInPlace(command)
        : undefined;
    case 'tar': {
      const isExtracted = command.words.some((word) => /^-?[a-zA-Z]*x|^--(?:ex|ge)/.test(literalOf(word) ?? ''));
      return isExtracted ? valuesOf(command, tarFolder) : undefined;
    }
    default: {
      const options = writtenOptions.get(name);
      const values = options === undefined ? [] : valuesOf(command, options);
      if (!fileWriters.has(name)) {
        return options === undefined ? undefined : values;
      }
      return [...namedFiles(command, name, values.length > 0), ...values];
    }
  }
}

function namedFiles(command: SimpleCommand, name: string, hasTarget: boolean): readonly WrittenWord[] {
  const places = operandsOf(command);
  const options = command.words.map((word) => literalOf(word) ?? '').filter((word) => word.startsWith('-'));
  const isFirstMode = changesRights.test(name) && !options.some((option) => option.startsWith('--ref'));
  const named = isFirstMode ? places.slice(1) : places;
  const makesFolders = name === 'install' && options.some((option) => /^-[a-zA-Z]*d|^--d/.test(option));
  const isDeep = name === 'rm' || name === 'rmdir' || changesRights.test(name);
  return named.map((index) => {
    const isLast = index === named.at(-1) && !hasTarget;
    return {
      index,
      word: wordAt(command, index),
      isSource: lastIsTarget.has(name) && !makesFolders && !isLast,
      isItself: isDeep || (name === 'mv' && !isLast),
    };
  });
}

/** The first operand is the script, unless an option has it. */
function editedInPlace(command: SimpleCommand): readonly WrittenWord[] {
  const places = operandsOf(command);
  const texts = command.words.map((word) => literalOf(word) ?? '');
  const hasScript = texts.some((text) => /^-[a-zA-Z]*[ef]|^--(?:e|f)/.test(text));
  const files = hasScript
    ? places.filter((index) => !/^-[a-zA-Z]*[ef]$|^--(?:e|f)[a-z]*$/.test(texts[index - 1] ?? ''))
    : places.slice(1);
  return files.map((index) => asTarget(command, index));
}

/** Everything below where it begins, unless it is to have a certain name. */
function deletedByFind(command: SimpleCommand): readonly WrittenWord[] | undefined {
  const texts = command.words.map((word) => literalOf(word));
  if (!texts.includes('-delete')) {
    return undefined;
  }
  const isNamed = texts.some(
    (text, index) => /^-i?(?:name|path|wholename)$/.test(texts[index - 1] ?? '') && /\w/.test(text ?? ''),
  );
  const first = command.words.findIndex((_, index) => index > 0 && /^[-(!]/.test(texts[index] ?? ''));
  const places = operandsOf(command).filter((index) => index < first);
  return places.map((index) => ({ ...asTarget(command, index), isItself: !isNamed }));
}

function writtenByGit(command: SimpleCommand): readonly WrittenWord[] | undefined {
  const texts = command.words.map((word) => literalOf(word) ?? '');
  const after = (count: number): readonly WrittenWord[] =>
    operandsOf(command)
      .filter((index) => index > count)
      .map((index) => asTarget(command, index));
  const at = texts.findIndex((text) => /^(?:archive|clone|format-patch|init|worktree)$/.test(text));
  switch (texts[at]) {
    case 'archive':
    case 'format-patch':
      return valuesOf(command, output);
    case 'clone':
      // The first is where it comes from.
      return after(at).slice(1);
    case 'init':
      return after(at);
    case 'worktree':
      return texts[at + 1] === 'add' ? after(at + 1) : undefined;
    default:
      return undefined;
  }
}

/** What these options are given, in the next word or in the same. */
function valuesOf(command: SimpleCommand, { short, long }: Options): readonly WrittenWord[] {
  return command.words.flatMap((word, index) => {
    const [first, ...rest] = word.pieces;
    const text = index > 0 && first?.kind === 'exact' ? first.text : '';
    const from = text.startsWith('--') ? endOfLong(text, long) : text.startsWith('-') ? endOfShort(text, short) : 0;
    if (from === 0) {
      return [];
    }
    const value = text.slice(from);
    if (value === '' && rest.length === 0) {
      const next = command.words[index + 1];
      return next === undefined || literalOf(next) === '-' ? [] : [asTarget(command, index + 1)];
    }
    const attached: Word = { text: word.text, pieces: [{ kind: 'exact', text: value }, ...rest] };
    return literalOf(attached) === '-' ? [] : [{ index, word: attached, isSource: false, isItself: false }];
  });
}

/** Where the value begins; 0: it is another option. A long one may be abbreviated. */
function endOfLong(text: string, long: readonly string[]): number {
  const [name = ''] = text.split('=', 1);
  const isOne = name.length > 2 && long.some((option) => option.startsWith(name));
  return isOne ? Math.min(text.length, name.length + 1) : 0;
}

function endOfShort(text: string, short: string): number {
  return text.split('').findIndex((letter, at) => at > 0 && short.includes(letter)) + 1;
}

function operandsOf(command: SimpleCommand): readonly number[] {
  return command.words.flatMap((word, index) => {
    const [first] = word.pieces;
    const isOption = first?.kind === 'exact' && first.text.startsWith('-');
    return index === 0 || isOption ? [] : [index];
  });
}

function asTarget(command: SimpleCommand, index: number): WrittenWord {
  return { index, word: wordAt(command, index), isSource: false, isItself: false };
}

function wordAt(command: SimpleCommand, index: number): Word {
  return command.words[index] ?? { text: '', pieces: [] };
}
