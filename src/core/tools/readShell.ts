import { decodeUtf8 } from '../../base/utf8.ts';
import type { Shell } from '../shells/shell.ts';
import { droppedMark, maxInlineCharacters, type MatchLines, readForModel } from './readForModel.ts';

export interface ReadOptions {
  readonly matchLines: MatchLines;
  /** Only lines that match are shown. */
  readonly filter?: string;
  /** Nobody reads after this: what is shown has to name the rest, or be all there is. */
  readonly isLast?: boolean;
}

export interface ShellReading {
  readonly text: string;
  /** The text refers to the stored log. */
  readonly namesLog: boolean;
  /** The filter is not one. */
  readonly problem?: string;
}

/** Reads what a model has not read yet. Only what is shown, or named with its place in the stored log, counts as read. */
export async function readShell(shell: Shell, options: ReadOptions): Promise<ShellReading> {
  const isLong = shell.unread.pendingBytes > maxInlineCharacters;
  const isStored = (isLong || options.filter !== undefined) && (await shell.syncLog());
  // From here to the end nothing else happens: what is found is what is read.
  const isFinal = !shell.isActive;
  const unread = shell.unread.peek(isFinal);
  let namesLog = false;
  const placeOf = (parts: readonly { readonly from: number; readonly to: number }[]): string | undefined => {
    const places = isStored ? parts.map(({ from, to }) => shell.file.locate(from, to)) : [undefined];
    if (places.includes(undefined)) {
      return undefined;
    }
    namesLog = true;
    const [first, ...others] = places.flat().flatMap((place) => place ?? []);
    const more = [...new Set(others.map(({ path }) => path))].filter((path) => path !== first?.path);
    return [`${first?.path} from byte ${first?.offset}`, ...more].join(', then ');
  };
  if (options.filter === undefined) {
    const { text, readTo } = readForModel(unread, placeOf);
    shell.unread.advance(unread, readTo);
    return { text, namesLog };
  }
  const { filter, matchLines } = options;
  const dropped = unread.droppedBytes === 0 ? '' : `\n${droppedMark(unread.droppedBytes)}\n`;
  const lines = (decodeUtf8(unread.head) + dropped + decodeUtf8(unread.tail)).split('\n');
  // The last line is only the end of the one before it.
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  const matches = matchLines(filter, whole);
  if ('problem' in matches) {
    return { text: '', namesLog: false, problem: matches.problem };
  }
  const isDropped = (line: string): boolean => dropped !== '' && line === dropped.trim();
  const shown = whole.filter((line, at) => matches.isMatch[at] === true || isDropped(line));
  const hidden = whole.length - shown.length;
  const place = placeOf([
    { from: unread.from, to: unread.from + unread.head.length },
    { from: unread.to - unread.tail.length, to: unread.to },
  ]);
  const note = noteOf(hidden, place);
  const text = shortened(shown.map((line) => `${line}\n`).join(''), maxInlineCharacters - note.length);
  if (hidden === 0 || place !== undefined) {
    shell.unread.advance(unread, unread.to);
  }
  return { text: text + note, namesLog };
}

function noteOf(hidden: number, place: string | undefined): string {
  if (hidden === 0) {
    return '';
  }
  const lines = hidden === 1 ? '1 line does' : `${hidden} lines do`;
  return place === undefined
    ? `…[${lines} not match the filter; nothing counts as read, because the output cannot be stored]\n`
    : `…[${lines} not match the filter; everything is in ${place}]\n`;
}

/** The beginning and the end of what matches. */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const mark = (count: number): string => `\n…[${count} characters omitted]…\n`;
  const budget = limit - mark(text.length).length;
  const head = Math.floor(budget / 3);
  return `${text.slice(0, head)}${mark(text.length - budget)}${text.slice(text.length - (budget - head))}`;
}
