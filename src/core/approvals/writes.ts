import { isAbsolute, resolvePath } from '../paths.ts';
import { isReader, runsItsInput, writesProtectedIndirectly, writtenWords } from './commandFacts.ts';
import { literalOf, type SimpleCommand, type Word } from './commandLine.ts';
import type { Step } from './expandLine.ts';
import { type KnownText, mentionsProtected, programName, textsOf, type Variables } from './wordTexts.ts';

/** More places that a line could work in, or write to, count as not known. */
const maxFolders = 16;
const maxTargets = 128;

export interface WriteTarget {
  /** Absolute. With a pattern, only the folder in front of it. */
  readonly path: string;
  /** A folder of this path is changed with all that is in it. */
  readonly isItself: boolean;
}

/** What a line is known to write. Programs write more than their words say: these are the ones that say it. */
export interface Writes {
  readonly targets: readonly WriteTarget[];
  /** Something is written, and where is known only when it runs. */
  readonly hasUnknownTarget: boolean;
  /** The words that name a protected file, in a command that may write it. */
  readonly protectedWord: string | undefined;
  /** Folders that the line changes to, apart from the one it begins in; `undefined`: not known. */
  readonly folders: readonly string[] | undefined;
  /** Something in it may write. */
  readonly mayWrite: boolean;
}

export interface WriteContext {
  /** The directory that the line begins in, absolute. */
  readonly cwd: string;
  readonly home: string | undefined;
  readonly variables: Variables;
}

export function writesOf(steps: readonly Step[], context: WriteContext): Writes {
  const { variables, home } = context;
  const commands = steps.map(({ command }) => command);
  const folders = foldersOf(commands, context);
  // What is printed here may be run there.
  const countsAll = commands.some(runsItsInput);
  const targets: WriteTarget[] = [];
  let hasUnknownTarget = false;
  let protectedWord: string | undefined;
  let mayWrite = false;

  const addTarget = (word: Word, isItself: boolean): void => {
    mayWrite = true;
    const texts = textsOf(word, variables, home);
    if (texts === undefined || targets.length > maxTargets) {
      hasUnknownTarget = true;
      return;
    }
    for (const known of texts) {
      if (folders === undefined && !isAbsolute(known.text)) {
        hasUnknownTarget = true;
      }
      for (const folder of [context.cwd, ...(folders ?? [])]) {
        const place = placeOf(known);
        // Of what a pattern matches only everything is the whole folder.
        const isWhole = !known.hasPattern || /(?:^|\/)\*+$/.test(known.text);
        targets.push({ path: isAbsolute(place) ? place : `${folder}/${place}`, isItself: isItself && isWhole });
      }
    }
  };
  const mention = (word: Word): void => {
    if (mentionsProtected(word, variables, home)) {
      protectedWord ??= word.text;
    }
  };

  for (const command of commands) {
    const reads = isReader(command);
    mayWrite ||= !reads && command.words.length > 0;
    if (!reads || countsAll) {
      command.words.forEach(mention);
    }
    for (const redirection of command.redirections) {
      if (redirection.kind === 'write') {
        mention(redirection.target);
        addTarget(redirection.target, false);
      } else if (redirection.kind === 'text' && (!reads || countsAll)) {
        mention(redirection.body);
      }
    }
    for (const { index, isItself } of writtenWords(command) ?? []) {
      const word = command.words[index];
      if (word !== undefined) {
        addTarget(word, isItself);
      }
    }
    if (writesProtectedIndirectly(command)) {
      protectedWord ??= command.words.map(({ text }) => text).join(' ');
    }
  }
  return { targets, hasUnknownTarget, protectedWord, folders, mayWrite };
}

/** Of a path with a pattern only what stands before the first folder or name that has one. */
function placeOf({ text, hasPattern }: KnownText): string {
  if (!hasPattern) {
    return text.replace(/^of=/, '');
  }
  const before = text.slice(0, text.search(/[*?[]/));
  const cut = before.lastIndexOf('/');
  return cut < 0 ? '.' : before.slice(0, cut + 1);
}

/** Where the line may be, besides the directory that it begins in: every `cd` may have been passed or not. */
export function foldersOf(commands: readonly SimpleCommand[], context: WriteContext): readonly string[] | undefined {
  let folders: readonly string[] = [context.cwd];
  for (const command of commands) {
    const name = programName(command);
    if (name !== 'cd' && name !== 'pushd') {
      continue;
    }
    const operands = command.words.slice(1).filter((word) => !/^-[LPe@n]+$/.test(literalOf(word) ?? ''));
    const [target] = operands;
    const texts =
      target === undefined
        ? context.home === undefined
          ? undefined
          : [{ text: context.home, hasPattern: false }]
        : textsOf(target, context.variables, context.home);
    if (texts === undefined || texts.some(({ hasPattern }) => hasPattern)) {
      return undefined;
    }
    const next = texts
      .filter(({ text }) => text !== '-')
      .flatMap(({ text }) => folders.map((at) => resolvePath(at, text)));
    folders = [...new Set([...folders, ...next])];
    if (folders.length > maxFolders) {
      return undefined;
    }
  }
  return folders.slice(1);
}
