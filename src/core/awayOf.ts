import { t } from '../base/l10n.ts';
import type { Away } from '../protocol/messages.ts';
import type { PendingItem, View } from '../protocol/view.ts';
import type { Absence } from './absences.ts';
import { durationText } from './durationText.ts';

/** A cent: less would be shown as nothing. */
const leastCostUsd = 0.005;

/**
 * What happened behind the person's back; undefined if nothing did. Where all that is new is in the message that was
 * being written when they left, that one is where it begins.
 */
export function awayOf(absence: Absence, view: View | undefined, now: number): Away | undefined {
  const { seen, grew } = absence;
  const text = awayText(absence, view?.header.pending ?? [], now);
  return text === undefined ? undefined : { text, seen: grew && seen === view?.total ? seen - 1 : seen };
}

function awayText(absence: Absence, pending: readonly PendingItem[], now: number): string | undefined {
  const { turns, failed, toolCalls, costUsd, asks } = absence;
  // What waited already when they left is no news.
  const approvals = asks > 0 ? pending.filter(({ kind }) => kind !== 'question').length : 0;
  const questions = asks > 0 ? pending.length - approvals : 0;
  if (turns === 0 && toolCalls === 0 && approvals + questions === 0) {
    return undefined;
  }
  const parts = [
    counted(turns, t('1 turn'), (count) => t('{0} turns', count)),
    counted(failed, t('1 failed'), (count) => t('{0} failed', count)),
    counted(toolCalls, t('1 tool call'), (count) => t('{0} tool calls', count)),
    counted(approvals, t('1 approval waits'), (count) => t('{0} approvals wait', count)),
    counted(questions, t('1 question waits'), (count) => t('{0} questions wait', count)),
    costUsd < leastCostUsd ? undefined : `$${costUsd.toFixed(2)}`,
    durationText(now - absence.since),
  ];
  return t(
    'While you were away: {0}.',
    parts.filter((part) => part !== undefined).reduce((line, part) => t('{0}, {1}', line, part)),
  );
}

function counted(count: number, one: string, many: (count: number) => string): string | undefined {
  return count === 0 ? undefined : count === 1 ? one : many(count);
}
