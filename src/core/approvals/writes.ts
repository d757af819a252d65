import { isAbsolute, resolvePath } from '../paths.ts';
import { isReader, runsItsInput, writesProtectedIndirectly } from './commandFacts.ts';
import { literalOf, type SimpleCommand, unknownWord, type Word } from './commandLine.ts';
import type { Step } from './expandLine.ts';
import { mentionsProtected, programName, textsOf, type Variables } from './wordTexts.ts';
import { type WrittenWord, writtenWords } from './writtenWords.ts';

/** More places that a line could work in, or write to, count as not known. */
const maxFolders = 16;
const maxTargets = 128;

export interface WriteTarget {
  /** Absolute, as it stands there: links and `..` are not resolved. */
  readonly path: string;
  /** Names in it are patterns that the disk is matched against. */
  readonly hasPattern: boolean;
  /** A folder of this path is changed with all that is in it. */
  readonly isItself: boolean;
  /** Not written itself; what is made of it may lead there. */
  readonly isSource: boolean;
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
  const places = [context.cwd, ...(folders ?? [])];
  const targets: WriteTarget[] = [];
  let hasUnknownTarget = false;
  let protectedWord: string | undefined;
  let mayWrite = false;

  const addTarget = (
    { word, isItself, isSource }: Omit<WrittenWord, 'index'>,
    bases: readonly string[],
    isElsewhere: boolean,
  ): void => {
    mayWrite = true;
    const texts = textsOf(word, variables, home);
    if (texts === undefined || targets.length > maxTargets) {
      hasUnknownTarget ||= !isSource;
      return;
    }
    for (const { text, hasPattern } of texts) {
      const place = text.replace(/^of=/, '');
      if (isAbsolute(place)) {
        targets.push({ path: place, hasPattern, isItself, isSource });
        continue;
      }
      hasUnknownTarget ||= folders === undefined || (isElsewhere && !isSource);
      for (const base of bases) {
        targets.push({ path: `${base}/${place}`, hasPattern, isItself, isSource });
      }
    }
  };
  const mention = (word: Word): void => {
    if (mentionsProtected(word, variables, home)) {
      protectedWord ??= word.text;
    }
  };

  /** A link's text begins where the link is: in the last word, or beside it. */
  const linkFolders = (command: SimpleCommand): readonly string[] =>
    (textsOf(command.words.at(-1) ?? unknownWord, variables, home) ?? []).flatMap(({ text }) =>
      places.flatMap((place) => {
        const last = isAbsolute(text) ? text : `${place}/${text}`;
        return [last, `${last}/..`];
      }),
    );

  for (const command of commands) {
    const reads = isReader(command);
    const isElsewhere = command.isElsewhere === true;
    mayWrite ||= !reads && command.words.length > 0;
    if (!reads || countsAll) {
      command.words.forEach(mention);
    }
    for (const redirection of command.redirections) {
      if (redirection.kind === 'write') {
        mention(redirection.target);
        addTarget({ word: redirection.target, isItself: false, isSource: false }, places, isElsewhere);
      } else if (redirection.kind === 'text' && (!reads || countsAll)) {
        mention(redirection.body);
      }
    }
    for (const written of writtenWords(command) ?? []) {
      addTarget(written, written.isSource ? [...places, ...linkFolders(command)] : places, isElsewhere);
    }
    if (writesProtectedIndirectly(command)) {
      protectedWord ??= command.words.map(({ text }) => text).join(' ');
    }
  }
  return { targets, hasUnknownTarget, protectedWord, folders, mayWrite };
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
