/** A binding as the workbench lists it. */
export interface Keybinding {
  /** One or more keys that are pressed one after the other, such as `ctrl+k g`. */
  readonly key: string;
  readonly command: string;
  readonly when?: string;
}

/** What a part of a condition says of one context key. */
type Literal =
  | { readonly key: string; readonly kind: 'set' | 'unset' }
  | { readonly key: string; readonly kind: 'equals' | 'differs'; readonly value: string }
  | { readonly key: string; readonly kind: 'matches'; readonly pattern: RegExp }
  /** A comparison that is not looked into. */
  | { readonly key: string; readonly kind: 'other' };

type Conjunction = readonly Literal[];

/** The bindings of the workbench's own list: JSON with comments around it. */
export function parseKeybindings(text: string): readonly Keybinding[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('//'));
  return JSON.parse(lines.join('\n')) as readonly Keybinding[];
}

/** The one is pressed on the way to the other, or both are the same. */
export function keysCollide(a: string, b: string): boolean {
  return `${a} `.startsWith(`${b} `) || `${b} `.startsWith(`${a} `);
}

/**
 * Whether there is a moment in which both conditions hold. `places` are the context keys that say where the keyboard is,
 * with the name of that place: it is in one place at a time.
 */
export function canHoldTogether(
  a: string | undefined,
  b: string | undefined,
  places: ReadonlyMap<string, string>,
): boolean {
  return alternatives(a).some((left) => alternatives(b).some((right) => isPossible([...left, ...right], places)));
}

function isPossible(literals: Conjunction, places: ReadonlyMap<string, string>): boolean {
  const where = new Set<string>();
  for (const literal of literals) {
    if (literal.key === 'false' && literal.kind === 'set') {
      return false;
    }
    const place = isTrueOf(literal) ? placeOf(literal, places) : undefined;
    if (place !== undefined) {
      where.add(place);
    }
    if (literals.some((other) => other.key === literal.key && contradicts(literal, other))) {
      return false;
    }
  }
  return where.size <= 1;
}

function placeOf(literal: Literal, places: ReadonlyMap<string, string>): string | undefined {
  return literal.key === 'focusedView' && literal.kind === 'equals' ? literal.value : places.get(literal.key);
}

function isTrueOf({ kind }: Literal): boolean {
  return kind === 'set' || kind === 'equals' || kind === 'matches';
}

function contradicts(a: Literal, b: Literal): boolean {
  switch (a.kind) {
    case 'unset':
      return isTrueOf(b);
    case 'equals':
      return (
        (b.kind === 'equals' && b.value !== a.value) ||
        (b.kind === 'differs' && b.value === a.value) ||
        (b.kind === 'matches' && !b.pattern.test(a.value))
      );
    case 'set':
    case 'differs':
    case 'matches':
    case 'other':
      return false;
  }
}

/** The workbench lists conditions without parentheses: alternatives of parts that all have to hold. */
function alternatives(when: string | undefined): readonly Conjunction[] {
  return when === undefined ? [[]] : split(when, '||').map((part) => split(part, '&&').map(literal));
}

function literal(text: string): Literal {
  const [, key = '', operator, value = ''] = /^(\S+) (==|!=|=~|<=?|>=?|in|not in) (.*)$/.exec(text) ?? [];
  switch (operator) {
    case undefined:
      return text.startsWith('!') ? { key: text.slice(1), kind: 'unset' } : { key: text, kind: 'set' };
    case '==':
    case '!=':
      return { key, kind: operator === '==' ? 'equals' : 'differs', value: value.replace(/^'(.*)'$/, '$1') };
    case '=~': {
      const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/.exec(value) ?? [];
      return { key, kind: 'matches', pattern: new RegExp(source, flags) };
    }
    default:
      return { key, kind: 'other' };
  }
}

/** Not inside of a quoted value or a regular expression. */
function split(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let inside: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (inside !== undefined) {
      at += character === '\\' ? 1 : 0;
      inside = character === inside ? undefined : inside;
    } else if (character === "'" || (character === '/' && text.slice(0, at).endsWith('=~ '))) {
      inside = character;
    } else if (character === '(') {
      throw new Error(`a condition with parentheses: ${text}`);
    } else if (text.startsWith(separator, at)) {
      parts.push(text.slice(from, at).trim());
      at += separator.length - 1;
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}
