/** Stands for what was taken out. */
export const redacted = '[redacted]';

/** What the names of variables that hold secrets have in common. */
const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH/i;
/** A shorter value is found by accident in text that is none of its business. */
const shortestValue = 8;
/** How much of a private key is taken out where its end does not come. */
const longestKeyBlock = 16_384;

/** Not inside a word; a newline that is escaped in JSON ends in a letter, but ends a word too. */
const wordStart = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt]))`;
/** A character of a token; five dashes begin a private key. */
const part = String.raw`(?:[A-Za-z0-9_]|-(?!----))`;
/** Tokens, by how their makers let them begin. What is needed to recognise one comes within `recognisedWithin`. */
const tokens = [
  `sk-${part}{16,}`,
  `AIza${part}{30,}`,
  String.raw`gh[opsur]_[A-Za-z0-9]{20,}`,
  String.raw`github_pat_[A-Za-z0-9_]{20,}`,
  `glpat-${part}{16,}`,
  `xox[abeprs]-${part}{10,}`,
  String.raw`(?:AKIA|ASIA)[A-Z0-9]{16}`,
  String.raw`npm_[A-Za-z0-9]{30,}`,
  String.raw`hf_[A-Za-z0-9]{30,}`,
  String.raw`eyJ[A-Za-z0-9_-]{10,400}\.(?:${part}|\.){10,}`,
];
/** How the tokens begin, and what stands before the others. */
const beginnings =
  'sk- AIza gho_ ghp_ ghs_ ghu_ ghr_ github_pat_ glpat- xox AKIA ASIA npm_ hf_ eyJ Bearer -----BEGIN'.split(' ');
const longestHint = 16;
const bearer = String.raw`(?<=\bBearer\s{1,8})(?:${part}|[.~+/=]){12,}`;
const urlPassword = String.raw`(?<=:\/\/[^\s\/:@"]{1,64}:)[^\s\/@"]{1,128}(?=@)`;
const keyBlock =
  String.raw`-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----` +
  `(?:[^]{0,${longestKeyBlock}}?-----END [A-Z ]{0,30}PRIVATE KEY-----` +
  // Without its end: as far as it looks like a key. Source code that only names the first line is not meant.
  `|(?:[A-Za-z0-9+/=:,\\s-]|\\\\[nr]){0,${longestKeyBlock}})`;

/** A word is held until it ends, but not more of it than twice this. */
const recognisedWithin = 512;
/** How far back a shape looks. */
const contextLength = 128;
const openBearer = /\bBearer\s{1,8}$/;
const beginOfKey = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g;
const endOfKey = /-----END [A-Z ]{0,30}PRIVATE KEY-----/;
const openBeginOfKey = /-----BEGIN[A-Z ]{0,42}$/;
/** Characters that may continue a token. */
const tokenRest = /^[A-Za-z0-9._~+/=-]*/;

/** The values of an environment that must not be shown: of the variables named, and of all whose name says so. */
export function secretValues(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[] = [],
): readonly string[] {
  const values: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (names.includes(name) || secretName.test(name))) {
      values.push(value);
    }
  }
  return values;
}

/** Takes secrets out of text: what looks like a key, whoever made it, and the values it was given. */
export class Redactor {
  /** Whatever is taken out has one of these in it, or `://` and `@`: text without them need not be looked at. */
  readonly hints: readonly string[];
  readonly #pattern: RegExp;
  readonly #spaced: readonly string[];
  readonly #recognisedWithin: number;

  constructor(secrets: readonly string[] = []) {
    const known = new Set<string>();
    for (const secret of secrets) {
      if (secret.trim().length >= shortestValue) {
        known.add(secret);
        known.add(JSON.stringify(secret).slice(1, -1));
      }
    }
    const values = [...known].sort((a, b) => b.length - a.length);
    const shapes = [keyBlock, `${wordStart}(?:${tokens.join('|')})`, bearer, urlPassword];
    this.#pattern = new RegExp([...values.map((value) => escapePattern(value)), ...shapes].join('|'), 'g');
    this.#spaced = values.filter((value) => /\s/.test(value));
    this.hints = [...beginnings, ...values.map((value) => value.slice(0, longestHint))];
    this.#recognisedWithin = Math.max(values[0]?.length ?? 0, recognisedWithin);
  }

  redact(text: string): string {
    return text.replace(this.#pattern, redacted);
  }

  /** The beginning of a text that is too long: nothing is left of a secret that the cut goes through. */
  head(text: string, length: number): string {
    const margin = this.#recognisedWithin;
    return this.redact(text.slice(0, length + margin)).slice(0, -margin);
  }

  /** For text that comes in pieces: a secret is found wherever the pieces are cut. */
  stream(cover: Cover = redactedInstead): RedactedStream {
    return new RedactedStream(this.#pattern, this.#spaced, this.#recognisedWithin, cover);
  }
}

/** What stands in the place of a secret, or of the rest of one whose beginning has been covered already. */
export type Cover = (secret: string, isRest: boolean) => string;

const redactedInstead: Cover = (_secret, isRest) => (isRest ? '' : redacted);

/** As long as the secret was, so that everything behind it keeps its place. */
export const coverOfSameLength: Cover = ({ length }, isRest) =>
  (isRest ? '' : redacted).padEnd(length, '*').slice(0, length);

/** Gives back each piece as soon as it is certain that no secret begins in it that ends in the next. */
export class RedactedStream {
  readonly #pattern: RegExp;
  /** Secrets that have white space in them. */
  readonly #spaced: readonly string[];
  readonly #recognisedWithin: number;
  readonly #cover: Cover;
  /** What came last of what was given back, as it was. */
  #context = '';
  #held = '';
  /** In a token that is longer than what is held: the rest of it is left out. */
  #isInToken = false;

  constructor(pattern: RegExp, spaced: readonly string[], recognisedWithin: number, cover: Cover) {
    this.#pattern = pattern;
    this.#spaced = spaced;
    this.#recognisedWithin = recognisedWithin;
    this.#cover = cover;
  }

  push(text: string): string {
    let rest = text;
    let covered = '';
    if (this.#isInToken) {
      const length = tokenRest.exec(rest)?.[0].length ?? 0;
      covered = this.#cover(rest.slice(0, length), true);
      rest = rest.slice(length);
      if (rest === '') {
        return covered;
      }
      this.#isInToken = false;
    }
    this.#held += rest;
    const certain = this.#certainLength();
    const key = this.#openKey();
    if (key === undefined && this.#held.length - certain > 2 * this.#recognisedWithin) {
      return covered + this.#giveOfLongWord();
    }
    return covered + this.#give(Math.min(certain, key ?? certain));
  }

  /** Nothing is held: everything was given back. */
  get isEmpty(): boolean {
    return this.#held === '' && !this.#isInToken;
  }

  /** What is still held: nothing more comes. */
  end(): string {
    return this.#give(this.#held.length);
  }

  /** Where the last word begins, or what belongs together with it. */
  #certainLength(): number {
    const held = this.#held;
    let certain = held.length;
    while (certain > 0 && !/\s/.test(held.charAt(certain - 1))) {
      certain -= 1;
    }
    const open = [openBearer, openBeginOfKey].map((pattern) => pattern.exec(held.slice(0, certain))?.index ?? certain);
    certain = Math.min(certain, ...open);
    for (const value of this.#spaced) {
      const first = Math.max(0, held.length - value.length + 1);
      for (let start = first; start < certain; start++) {
        if (value.startsWith(held.slice(start))) {
          certain = start;
        }
      }
    }
    for (const match of this.#matches(this.#context + held)) {
      const start = match.index - this.#context.length;
      if (start < certain && start + match[0].length > certain) {
        certain = start;
      }
    }
    return certain;
  }

  /** Where a private key begins whose end has not come; for one that is too long, its end is not waited for. */
  #openKey(): number | undefined {
    for (const begin of this.#held.matchAll(beginOfKey)) {
      const body = begin.index + begin[0].length;
      const isOpen = !endOfKey.test(this.#held.slice(body, body + longestKeyBlock + 64));
      if (isOpen && this.#held.length - body < longestKeyBlock + 64) {
        return begin.index;
      }
    }
    return undefined;
  }

  #giveOfLongWord(): string {
    const text = this.#context + this.#held;
    const last = this.#matches(text).at(-1);
    const end = last === undefined ? 0 : last.index + last[0].length - this.#context.length;
    if (end === this.#held.length) {
      this.#isInToken = true;
      return this.#give(end);
    }
    return this.#give(Math.max(end, this.#held.length - this.#recognisedWithin));
  }

  #matches(text: string): RegExpExecArray[] {
    const found: RegExpExecArray[] = [];
    this.#pattern.lastIndex = this.#context.length;
    for (let match = this.#pattern.exec(text); match !== null; match = this.#pattern.exec(text)) {
      found.push(match);
    }
    return found;
  }

  #give(length: number): string {
    if (length === 0) {
      return '';
    }
    const text = this.#context + this.#held;
    const end = this.#context.length + length;
    let given = '';
    let from = this.#context.length;
    for (const match of this.#matches(text)) {
      if (match.index >= end) {
        break;
      }
      given += text.slice(from, match.index) + this.#cover(match[0], false);
      from = match.index + match[0].length;
    }
    given += text.slice(from, end);
    this.#held = this.#held.slice(length);
    this.#context = text.slice(Math.max(0, end - contextLength), end);
    return given;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
