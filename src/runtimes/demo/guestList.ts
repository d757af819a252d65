import { t } from '../../base/l10n.ts';
import { showInvisible } from '../../base/visibleText.ts';
import type { DemoCall } from './modelStep.ts';
import { guestFile } from './demoFiles.ts';

const names: readonly string[] = [
  'Ada Lovelace',
  'Barbara Liskov',
  'Edsger Dijkstra',
  'Frances Allen',
  'Katherine Johnson',
  'Margaret Hamilton',
  'Radia Perlman',
  'Tony Hoare',
];
const longestName = 60;

export function guestsOf(text: string): readonly string[] {
  return text.split(/\r?\n/u).filter((line) => line.trim() !== '');
}

/** So many names that are not on the list yet. */
export function newGuests(list: readonly string[], count: number): readonly string[] {
  const known = new Set(list);
  const free = names.filter((name) => !known.has(name)).slice(0, count);
  for (let number = list.length + 1; free.length < count; number++) {
    const name = t('Guest {0}', number);
    if (!known.has(name)) {
      free.push(name);
    }
  }
  return free;
}

/** What a person typed as a name, as one line that shows what it holds. */
export function guestName(answer: string): string | undefined {
  const name = [...showInvisible(answer.replace(/\s+/gu, ' ')).trim()].slice(0, longestName).join('').trim();
  return name === '' ? undefined : name;
}

/** The edit that puts `guest` at the end of the list `text`. */
export function addingGuest(text: string, guest: string): DemoCall {
  const oldText = uniqueTail(text);
  const lineEnd = oldText === '' || oldText.endsWith('\n') ? '' : '\n';
  return { tool: 'Edit', file: guestFile, oldText, newText: `${oldText}${lineEnd}${guest}\n` };
}

/** The fewest last lines that stand nowhere else in the text. */
function uniqueTail(text: string): string {
  const lines = text.split(/(?<=\n)/u);
  for (let from = lines.length - 1; from > 0; from--) {
    const tail = lines.slice(from).join('');
    if (tail.trim() !== '' && text.indexOf(tail) === text.length - tail.length) {
      return tail;
    }
  }
  return text;
}
