import type { Token } from 'markdown-it';

/** The tokens of the first block of `tokens`. */
export function firstBlock(tokens: readonly Token[]): readonly Token[] {
  const end = tokens.findIndex((token) => token.level === 0 && token.nesting !== 1);
  return end === -1 ? tokens : tokens.slice(0, end + 1);
}

/**
 * The line at which the last item begins of the list that `tokens` start with, if the text from there on would be read
 * as a list by itself: with a `|` it could be read as the head of a table. Not the first item.
 */
export function lastItemLine(tokens: readonly Token[], lines: readonly string[]): number | undefined {
  const last = firstBlock(tokens).findLast((token) => token.type === 'list_item_open' && token.level === 1);
  const first = tokens[0];
  const line = last?.map?.[0];
  return line === undefined || line === first?.map?.[0] || lines[line]?.includes('|') === true ? undefined : line;
}

/**
 * Whether the list at the start of `tokens` is loose: blank lines stand between its items or between the blocks of one.
 * A part of a list can be tight while the whole is loose, so this looks at the lines, not only at what was rendered.
 */
export function isLooseList(tokens: readonly Token[], lines: readonly string[]): boolean {
  let previousItem = false;
  let firstOfItem = false;
  for (const token of firstBlock(tokens)) {
    const start = token.map?.[0];
    if (token.type === 'paragraph_open' && token.level === 2 && !token.hidden) {
      return true;
    }
    if (token.nesting === -1 || start === undefined) {
      continue;
    }
    const blankBefore = start > 0 && (lines[start - 1] ?? '').trim() === '';
    if (token.type === 'list_item_open' && token.level === 1) {
      if (previousItem && blankBefore) {
        return true;
      }
      previousItem = true;
      firstOfItem = true;
    } else if (token.level === 2 && token.type !== 'inline') {
      if (!firstOfItem && blankBefore) {
        return true;
      }
      firstOfItem = false;
    }
  }
  return false;
}

/** Shows the paragraphs of a list's items as paragraphs, as a loose list does. */
export function makeLoose(tokens: readonly Token[]): void {
  for (const token of firstBlock(tokens)) {
    if (token.level === 2 && (token.type === 'paragraph_open' || token.type === 'paragraph_close')) {
      token.hidden = false;
    }
  }
}
