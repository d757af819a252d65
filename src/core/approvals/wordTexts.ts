import { type CommandLine, literalOf, type Piece, type SimpleCommand, type Word } from './commandLine.ts';
import { hasPattern, patternOfName } from './namePattern.ts';
import { matchesProtectedName, mentionsProtectedSegments } from './protectedPaths.ts';

/** More possibilities than this count as none that is known. */
const maxTexts = 32;
const maxDepth = 8;
/** No system takes a longer path. */
const maxPathLength = 4_096;

/** A text that a word may become. Where it holds patterns, the disk decides what they match. */
export interface KnownText {
  readonly text: string;
  readonly hasPattern: boolean;
}

/** Variables that the line itself sets; `undefined`: it sets some in ways that are not followed. */
export type Variables = ReadonlyMap<string, readonly Word[]> | undefined;

/** Builtins that set variables from what is known only when they run. */
const settingCommands: ReadonlySet<string> = new Set([
  'read',
  'mapfile',
  'readarray',
  'getopts',
  'printf',
  'let',
  'export',
  'declare',
  'typeset',
  'local',
  'readonly',
  'unset',
  'source',
  '.',
]);

export function variablesOf(line: CommandLine): Variables {
  const variables = new Map<string, Word[]>();
  for (const command of line.commands) {
    if (settingCommands.has(literalOf(command.words[0]) ?? '')) {
      return undefined;
    }
    for (const { name, values } of command.assignments) {
      variables.set(name, [...(variables.get(name) ?? []), ...values]);
    }
  }
  return variables;
}

/** Everything that the word may become; `undefined` if that is not known before it runs. */
export function textsOf(word: Word, variables: Variables, home: string | undefined): readonly KnownText[] | undefined {
  return textsOfPieces(word.pieces, variables, home, 0);
}

function textsOfPieces(
  pieces: readonly Piece[],
  variables: Variables,
  home: string | undefined,
  depth: number,
): readonly KnownText[] | undefined {
  let texts: readonly KnownText[] = [{ text: '', hasPattern: false }];
  for (const piece of pieces) {
    const next = textsOfPiece(piece, variables, home, depth);
    if (next === undefined || texts.length * next.length > maxTexts) {
      return undefined;
    }
    texts = texts.flatMap((before) =>
      next.map((after) => ({ text: before.text + after.text, hasPattern: before.hasPattern || after.hasPattern })),
    );
  }
  return texts;
}

function textsOfPiece(
  piece: Piece,
  variables: Variables,
  home: string | undefined,
  depth: number,
): readonly KnownText[] | undefined {
  switch (piece.kind) {
    case 'exact':
      return [{ text: piece.text, hasPattern: false }];
    case 'choice':
      return piece.texts.map((text) => ({ text, hasPattern: false }));
    case 'pattern':
      return [{ text: piece.text, hasPattern: true }];
    case 'home':
      return [{ text: home ?? '~', hasPattern: false }];
    case 'variable': {
      const values = variables?.get(piece.name);
      if (values !== undefined && depth < maxDepth) {
        const all = values.map((value) => textsOfPieces(value.pieces, variables, home, depth + 1));
        return all.some((texts) => texts === undefined) ? undefined : all.flatMap((texts) => texts ?? []);
      }
      if (variables === undefined || values !== undefined) {
        return undefined;
      }
      return piece.name === 'HOME' && home !== undefined
        ? [{ text: home, hasPattern: false }]
        : piece.name === 'PWD'
          ? [{ text: '.', hasPattern: false }]
          : undefined;
    }
    case 'unknown':
      return undefined;
  }
}

/** Whether the word could name something protected, as far as its text tells; also inside of code and options. */
export function mentionsProtected(word: Word, variables: Variables, home: string | undefined): boolean {
  const texts = textsOf(word, variables, home) ?? knownRuns(word.pieces).map((text) => ({ text, hasPattern: true }));
  return texts.some((known) => textMentionsProtected(known.text, known.hasPattern));
}

/** What stands between the parts of a word that are not known. */
function knownRuns(pieces: readonly Piece[]): readonly string[] {
  const runs = [''];
  for (const piece of pieces) {
    if (piece.kind === 'exact' || piece.kind === 'pattern') {
      runs.push((runs.pop() ?? '') + piece.text);
    } else if (piece.kind === 'choice') {
      runs.push(...piece.texts, '');
    } else {
      runs.push('');
    }
  }
  return runs;
}

function textMentionsProtected(text: string, isPattern: boolean): boolean {
  const tokens = [text, ...text.split(/[\s'"`()<>|;&,=:{}]+/u)];
  return tokens.some((token) => {
    if (token.length > maxPathLength) {
      return false;
    }
    const candidates = [token, token.replace(/^[@!+]/, ''), token.startsWith('-') ? token.slice(2) : token];
    return candidates.some((candidate) => {
      const segments = candidate.split(/[\\/]+/).filter((segment) => segment !== '');
      return (
        mentionsProtectedSegments(segments) ||
        (isPattern && segments.some((segment) => hasPattern(segment) && patternMayProtect(segment)))
      );
    });
  });
}

/** One without any text of its own says nothing. */
function patternMayProtect(segment: string): boolean {
  return !/^[*?]+$/.test(segment) && matchesProtectedName(patternOfName(segment));
}

/** Whether the word could turn into an option, or into several words of which one is an option. */
export function mayBeOption({ pieces }: Word): boolean {
  if (pieces.some((piece) => (piece.kind === 'variable' || piece.kind === 'unknown') && !piece.quoted)) {
    return true;
  }
  const [first] = pieces;
  switch (first?.kind) {
    case undefined:
    case 'home':
      return false;
    case 'exact':
      return first.text === '' ? mayBeOption({ text: '', pieces: pieces.slice(1) }) : first.text.startsWith('-');
    case 'choice':
      return first.texts.some((text) => text.startsWith('-') || text === '');
    case 'pattern':
    case 'variable':
    case 'unknown':
      return true;
  }
}

/** The name of the program, without its folder and in the way that Windows writes it. */
export function programName(command: SimpleCommand): string | undefined {
  const literal = literalOf(command.words[0]);
  return literal
    ?.split(/[\\/]/)
    .at(-1)
    ?.replace(/\.(?:exe|cmd|bat|com)$/i, '');
}
