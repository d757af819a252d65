import { t } from '../../base/l10n.ts';
import type { Decision, PendingItem } from '../../protocol/view.ts';

/** Of what a call would do, as much as is told again. */
const maxToldLength = 400;

/** What the agent is told of a decision whose turn is gone: the person's own words, and shown as such. */
export function decisionInWords(
  item: Extract<PendingItem, { kind: 'approval' | 'plan' }>,
  decision: Decision,
  note: string,
): string {
  if (item.kind === 'plan') {
    return decision === 'reject'
      ? t('You were cut off. I do not approve the plan. {0}', note).trim()
      : t('You were cut off. I approve the plan: carry it out.');
  }
  const what = `${item.toolName}: ${item.subject.length > maxToldLength ? `${item.subject.slice(0, maxToldLength)}…` : item.subject}`;
  return decision === 'reject'
    ? `${t('You were cut off. I reject this call, go on without it: {0}', what)}${note === '' ? '' : `\n\n${note}`}`
    : t('You were cut off before this call was made. I approve it, continue with it: {0}', what);
}

export function answersInWords(answers: Readonly<Record<string, string | readonly string[]>>): string {
  const lines = Object.entries(answers).map(
    ([question, answer]) => `- ${question} ${typeof answer === 'string' ? answer : answer.join(', ')}`,
  );
  return lines.length === 0
    ? t('You were cut off. I do not want to answer your question; go on as you think best.')
    : `${t('You were cut off. My answers to your questions:')}\n${lines.join('\n')}`;
}

/** What the agent is told of a call that the person refused. */
export function rejection(note: string): string {
  return note === ''
    ? t('The user rejected this call. Ask what to do instead, or go on without it.')
    : t('The user rejected this call: {0}', note);
}
