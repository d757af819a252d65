import { t } from '../base/l10n.ts';
import type { Table } from '../protocol/messages.ts';
import { ageInWords } from './age.ts';
import { type SessionInfo, shortIdOf } from './sessionInfo.ts';
import { stateInWords, stateText } from './stateText.ts';

/** What `/bg` was told to do. */
export type BgCommand =
  | { readonly kind: 'background' }
  | { readonly kind: 'list' }
  | { readonly kind: 'resume'; readonly slot: number }
  | { readonly kind: 'drop'; readonly slot: number }
  | { readonly kind: 'help' };

/** Decimal digits, with or without a plus sign; what is too large to hold is no number. */
function wholeNumber(word: string): number | undefined {
  if (!/^\+?[0-9]+$/.test(word)) {
    return undefined;
  }
  const value = Number(word);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Reads the argument of `/bg`. Whatever is not one of its forms asks for help. Case counts. */
export function parseBgCommand(argument: string): BgCommand {
  const words = argument.trim().split(/\s+/);
  const [first = '', second] = words;
  if (words.length === 2 && first === 'drop' && second !== undefined) {
    const slot = wholeNumber(second);
    return slot === undefined ? { kind: 'help' } : { kind: 'drop', slot };
  }
  if (words.length > 1) {
    return { kind: 'help' };
  }
  if (first === '') {
    return { kind: 'background' };
  }
  if (first === 'list' || first === 'ls') {
    return { kind: 'list' };
  }
  const slot = wholeNumber(first);
  return slot === undefined ? { kind: 'help' } : { kind: 'resume', slot };
}

/** The five forms. */
export function bgHelp(): string {
  return [
    t('/bg — send this session to the background; it goes on working'),
    t('/bg list — list the background sessions'),
    t('/bg N — take background session N back'),
    t('/bg drop N — drop background session N'),
    t('/bg help — show this'),
  ].join('\n');
}

/** What a command answers: a text of one or more lines, and a table below it. */
export interface CommandAnswer {
  readonly text: string;
  readonly table?: Table;
}

/** The background sessions in the order of their slots. */
export function bgList(sessions: readonly SessionInfo[], now: number): CommandAnswer {
  if (sessions.length === 0) {
    return { text: t('No background sessions.') };
  }
  return {
    text: sessions.length === 1 ? t('1 background session') : t('{0} background sessions', sessions.length),
    table: {
      columns: ['#', 'ID', t('State'), t('Created'), t('Summary')],
      rows: sessions.map((info) => [
        String(info.slot ?? 0),
        info.shortId,
        stateInWords(info, now),
        ageInWords(info.createdAt, now),
        info.summary,
      ]),
    },
  };
}

export function bgMovedText(foregroundId: string, moved: SessionInfo, now: number): string {
  return [
    t('New foreground session [{0}]', shortIdOf(foregroundId)),
    t('Background: [#{0}] {1} (state: {2})', moved.slot ?? 0, moved.shortId, stateText(moved, now)),
  ].join('\n');
}

/** `previous`: the session that was on stage before, where it has a slot now. */
export function bgResumedText(slot: number, resumedId: string, previous: SessionInfo | undefined): string {
  const resumed = t('Resumed background [#{0}] {1}', slot, shortIdOf(resumedId));
  return previous?.slot === undefined
    ? resumed
    : `${resumed}\n${t('Previous foreground moved to [#{0}]', previous.slot)}`;
}

export function bgDroppedText(slot: number, droppedId: string): string {
  return t('Dropped background [#{0}] {1}', slot, shortIdOf(droppedId));
}
