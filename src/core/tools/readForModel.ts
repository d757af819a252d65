import { bytesOfCharacters, decodeUtf8 } from '../../base/utf8.ts';
import type { Unread } from '../shells/unreadOutput.ts';
import type { StreamRange } from '../shells/streamMarks.ts';

/** What one answer may carry of a shell's output. */
export const maxInlineCharacters = 30_000;
/** Errors stand at the end: it gets twice as much as the beginning. */
const headShare = 1 / 3;

export interface ModelReading {
  readonly text: string;
  /** The offset up to which the output has been read by this. */
  readonly readTo: number;
}

/** Names the place in the stored log where these parts of the output are; undefined if one of them is not there. */
export type PlaceOf = (parts: readonly StreamRange[]) => string | undefined;

/** Which lines match a pattern that a model has written; a problem where it is none, or takes too long. */
export type MatchLines = (
  pattern: string,
  lines: readonly string[],
  flags?: string,
) => { readonly isMatch: readonly boolean[] } | { readonly problem: string };

export function droppedMark(bytes: number): string {
  return `…[background shell output exceeded the unread-buffer cap; ${bytes} bytes dropped; call bash_output more often to drain it]`;
}

/**
 * What a model is shown of unread output: all of it, or, where that is too much, its beginning and its end with the place
 * of the rest. Where the rest is nowhere else, only the beginning is read.
 */
export function readForModel(unread: Unread, placeOf: PlaceOf): ModelReading {
  const { from, head, tail, to, droppedBytes } = unread;
  const mark = droppedBytes === 0 ? '' : `\n${droppedMark(droppedBytes)}\n`;
  const headText = decodeUtf8(head);
  const tailText = decodeUtf8(tail);
  if (headText.length + mark.length + tailText.length <= maxInlineCharacters) {
    return { text: headText + mark + tailText, readTo: to };
  }
  return (
    headAndTail(unread, mark, headText.length, tailText.length, placeOf) ??
    onlyTheBeginning(head, tail, mark, from, to - tail.length)
  );
}

function headAndTail(
  { from, head, tail, to, droppedBytes }: Unread,
  mark: string,
  headLength: number,
  tailLength: number,
  placeOf: PlaceOf,
): ModelReading | undefined {
  const isWhole = droppedBytes === 0;
  const omission = (count: number, place: string): string =>
    `\n…[${count} characters omitted; they are in ${place}]…${isWhole ? '\n' : mark}`;
  // Found twice: how long the sentence is decides how much fits beside it.
  let budget = maxInlineCharacters - mark.length - 400;
  for (;;) {
    const ending = isWhole ? head : tail;
    const endingLength = isWhole ? headLength : tailLength;
    const headBytes = bytesOfCharacters(head, Math.floor(budget * headShare));
    const skipped = bytesOfCharacters(ending, Math.max(0, endingLength - Math.ceil(budget * (1 - headShare)) + 1));
    const tailAt = to - ending.length + skipped;
    const place = placeOf(
      isWhole
        ? [{ from: from + headBytes, to: tailAt }]
        : [
            { from: from + headBytes, to: from + head.length },
            { from: to - tail.length, to: tailAt },
          ],
    );
    if (place === undefined) {
      return undefined;
    }
    const shownHead = decodeUtf8(head.subarray(0, headBytes));
    const shownTail = decodeUtf8(ending.subarray(skipped));
    const omitted = headLength + tailLength - shownHead.length - shownTail.length;
    const text = shownHead + omission(omitted, place) + shownTail;
    if (text.length <= maxInlineCharacters) {
      return { text, readTo: to };
    }
    budget -= text.length - maxInlineCharacters;
  }
}

function onlyTheBeginning(
  head: Uint8Array,
  tail: Uint8Array,
  mark: string,
  from: number,
  tailFrom: number,
): ModelReading {
  const rest = '\n…[more is unread: call bash_output again]';
  const budget = maxInlineCharacters - rest.length - mark.length;
  const headBytes = bytesOfCharacters(head, budget);
  const shownHead = decodeUtf8(head.subarray(0, headBytes));
  if (headBytes < head.length) {
    return { text: shownHead + rest, readTo: from + headBytes };
  }
  const tailBytes = bytesOfCharacters(tail, budget - shownHead.length);
  return { text: shownHead + mark + decodeUtf8(tail.subarray(0, tailBytes)) + rest, readTo: tailFrom + tailBytes };
}
