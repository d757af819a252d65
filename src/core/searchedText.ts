import type { SessionEvent } from './sessionEvents.ts';

/** Events that say something worth finding, by how they are named in a file. */
export const searchedEventTypes = ['userMessage', 'textDelta', 'toolCallStarted'] as const;

/** Two pieces with the same key follow each other without a gap: a match may begin in one and end in the next. */
export interface SearchedText {
  readonly key: string | undefined;
  readonly text: string;
}

export function searchedTextOf(event: SessionEvent): SearchedText | undefined {
  switch (event.type) {
    case 'userMessage':
      return { key: undefined, text: event.text };
    case 'textDelta':
      return { key: event.partId, text: event.text };
    case 'toolCallStarted':
      return { key: undefined, text: event.title };
    default:
      return undefined;
  }
}

/** Characters of the line around a match that are shown. */
const before = 30;
const after = 90;

/** The line with the first match, cut to what fits on one row; undefined if there is none. Capitals do not count. */
export function matchingLine(text: string, wanted: string): string | undefined {
  const at = text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) {
    return undefined;
  }
  const lineStart = text.lastIndexOf('\n', at) + 1;
  const lineEnd = text.indexOf('\n', at);
  const start = Math.max(lineStart, at - before);
  const end = Math.min(lineEnd < 0 ? text.length : Math.max(lineEnd, at + wanted.length), at + after);
  const shown = text.slice(start, end).replaceAll(/\s+/g, ' ').trim();
  return `${start > lineStart ? '…' : ''}${shown}${end < (lineEnd < 0 ? text.length : lineEnd) ? '…' : ''}`;
}
