/**
 * What a command line would run, as a POSIX shell reads it. Only what bash, dash and zsh read alike gets this far: the rest
 * is unreadable, and nobody decides on it but the person.
 */
export interface CommandLine {
  /** Every command in it, also those in subshells, substitutions and branches, in the order of the text. */
  readonly commands: readonly SimpleCommand[];
  /** It has functions, loops, conditions, tests or arithmetic: what runs, and how, is known only when it runs. */
  readonly hasControlFlow: boolean;
}

/** One program or builtin with its words; without any it only assigns or redirects. */
export interface SimpleCommand {
  readonly words: readonly Word[];
  readonly assignments: readonly Assignment[];
  readonly redirections: readonly Redirection[];
  /** It begins in another folder than its line, as `env -C` and `find -execdir` do it. */
  readonly isElsewhere?: true;
}

export interface Assignment {
  readonly name: string;
  /** What the variable may hold after it; several for a loop. */
  readonly values: readonly Word[];
}

export type Redirection =
  /** To or from another descriptor, or to nowhere. */
  | { readonly kind: 'harmless' }
  | { readonly kind: 'read' | 'write'; readonly target: Word }
  /** Text given as standard input. */
  | { readonly kind: 'text'; readonly body: Word };

/** A word as far as it is known before it runs. */
export interface Word {
  /** As it stands in the command line. */
  readonly text: string;
  readonly pieces: readonly Piece[];
}

export type Piece =
  | { readonly kind: 'exact'; readonly text: string }
  /** One of these texts, each as a word of its own. */
  | { readonly kind: 'choice'; readonly texts: readonly string[] }
  /** Part of a file name that is matched against the disk; never a slash. */
  | { readonly kind: 'pattern'; readonly text: string }
  /** The person's home folder. */
  | { readonly kind: 'home' }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  /** Known only when it runs. Unquoted, it may become several words. */
  | { readonly kind: 'unknown'; readonly quoted: boolean };

export type Unreadable =
  | 'tooLong'
  | 'invisibleCharacters'
  | 'syntax'
  /** Quoting or expansion that shells read differently, or that can run what it holds. */
  | 'ambiguous'
  | 'otherShell';

export type Reading =
  | { readonly kind: 'line'; readonly line: CommandLine }
  | { readonly kind: 'unreadable'; readonly why: Unreadable };

/** The word's text if it is known for certain, with its quotes resolved. */
export function literalOf(word: Word | undefined): string | undefined {
  if (word === undefined) {
    return undefined;
  }
  let literal = '';
  for (const piece of word.pieces) {
    if (piece.kind !== 'exact') {
      return undefined;
    }
    literal += piece.text;
  }
  return literal;
}

export function exactWord(text: string): Word {
  return { text, pieces: [{ kind: 'exact', text }] };
}

/** Stands for words that come from elsewhere, such as the input of `xargs`. */
export const unknownWord: Word = { text: '…', pieces: [{ kind: 'unknown', quoted: false }] };
