import type { ParameterExpansionPart, Word as WordNode, WordPart } from 'unbash';
import type { Piece, Unreadable, Word } from './commandLine.ts';

/** Thrown while the tree is walked, and caught where the walk began. */
export class UnreadableCommand extends Error {
  readonly why: Unreadable;

  constructor(why: Unreadable) {
    super(why);
    this.why = why;
  }
}

export function wordOf(node: WordNode): Word {
  const { text, parts } = node;
  if (parts === undefined) {
    return { text, pieces: unquotedPieces(text, node.value, true) };
  }
  return { text, pieces: parts.flatMap((part, index) => piecesOf(part, false, index === 0)) };
}

export function piecesOf(part: WordPart, quoted: boolean, isFirst = false): readonly Piece[] {
  switch (part.type) {
    case 'Literal':
      return quoted ? [quotedPiece(part.text, part.value)] : unquotedPieces(part.text, part.value, isFirst);
    case 'SingleQuoted':
      return [{ kind: 'exact', text: part.value }];
    case 'DoubleQuoted':
      return part.parts.flatMap((child) => piecesOf(child, true));
    case 'SimpleExpansion':
      return [variablePiece(part.text.slice(1), quoted)];
    case 'ParameterExpansion':
      return [parameterPiece(part, quoted)];
    case 'CommandExpansion':
      return [{ kind: 'unknown', quoted }];
    case 'ProcessSubstitution':
      return [{ kind: 'exact', text: '/dev/fd/63' }];
    case 'Glob':
      return [{ kind: 'pattern', text: part.text }];
    case 'BraceExpansion':
      return [bracePiece(part.text)];
    case 'ArithmeticExpansion':
      return [{ kind: 'unknown', quoted: true }];
    case 'AnsiCQuoted':
    case 'LocaleString':
    case 'ExtendedGlob':
      // dash takes the dollar sign before a quote for itself, and zsh takes brackets after a pattern for code.
      throw new UnreadableCommand('ambiguous');
  }
}

/** A dollar sign that some shell may expand, as zsh does in `$~x`; only at the end of a word it is one for everybody. */
const oddDollar = /(?:^|[^\\])(?:\\\\)*\$[^]/u;

function unquotedPieces(text: string, value: string, isFirst: boolean): readonly Piece[] {
  const bare = text.replace(/\\./gs, '');
  if (text === '$' || oddDollar.test(text) || text.includes('\\\n') || /[\s|&;()<>`]/.test(bare)) {
    throw new UnreadableCommand('ambiguous');
  }
  if (isFirst && text.startsWith('~')) {
    return text === '~' || text.startsWith('~/')
      ? [{ kind: 'home' }, { kind: 'exact', text: value.slice(1) }]
      : [{ kind: 'unknown', quoted: true }];
  }
  if (isFirst && text.startsWith('=')) {
    // zsh puts the path of a program in its place.
    return [{ kind: 'unknown', quoted: true }];
  }
  return [{ kind: 'exact', text: value }];
}

function quotedPiece(text: string, value: string): Piece {
  if (/(?:^|[^\\])(?:\\\\)*\$[~=^+:#]/.test(text)) {
    throw new UnreadableCommand('ambiguous');
  }
  return { kind: 'exact', text: value };
}

/** All arguments become several words, also in quotes. */
function variablePiece(name: string, quoted: boolean): Piece {
  return { kind: 'variable', name, quoted: quoted && name !== '@' };
}

function parameterPiece(part: ParameterExpansionPart, quoted: boolean): Piece {
  const { operation, prefix, index, parameter } = part;
  if (!/^(?:\w+|[@*#?$!-])$/.test(parameter) || operation?.type === 'Transform' || operation?.type === 'Unknown') {
    // `${x@P}` runs what the variable holds; what is not known here is known to another shell.
    throw new UnreadableCommand('ambiguous');
  }
  if (operation === undefined && prefix === undefined && index === undefined) {
    return variablePiece(parameter, quoted);
  }
  return { kind: 'unknown', quoted: quoted && parameter !== '@' && index?.text !== '@' };
}

/** It depends on more than the variable that it names, or sets it. */
export function isComputed({ operation, prefix, index }: ParameterExpansionPart): boolean {
  return (
    prefix === '!' ||
    index !== undefined ||
    operation?.type === 'Slice' ||
    operation?.type === 'Names' ||
    (operation?.type === 'Default' && operation.operator.endsWith('='))
  );
}

function bracePiece(text: string): Piece {
  const list = /^\{([\w./@%+:-]*(?:,[\w./@%+:-]*)+)\}$/.exec(text)?.[1];
  return list === undefined ? { kind: 'unknown', quoted: false } : { kind: 'choice', texts: list.split(',') };
}

export function notKnown(text: string, quoted: boolean): Word {
  return { text, pieces: [{ kind: 'unknown', quoted }] };
}
