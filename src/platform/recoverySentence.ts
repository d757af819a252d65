import { t } from '../base/l10n.ts';
import type { FoundProcess } from './ledgerRecords.ts';

/** More names than these would not be read. */
const maxNames = 5;

/** What the person is told of processes that have outlived their host; undefined if there is nothing to tell. */
export function recoverySentence(found: readonly FoundProcess[], left: readonly number[]): string | undefined {
  const isLeft = new Set(left);
  const ended = found.filter(({ pid }) => !isLeft.has(pid));
  const sentences: string[] = [];
  if (ended.length === 1) {
    sentences.push(t('A process of an earlier window was still running; it was ended: {0}.', namesOf(ended)));
  } else if (ended.length > 1) {
    sentences.push(
      t('{0} processes of an earlier window were still running; they were ended: {1}.', ended.length, namesOf(ended)),
    );
  }
  if (left.length > 0) {
    sentences.push(t('Processes of an earlier window could not be ended: {0}.', left.join(', ')));
  }
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function namesOf(processes: readonly FoundProcess[]): string {
  const names = [...new Set(processes.map(({ name }) => name))];
  const shown = names.slice(0, maxNames).join(', ');
  return names.length > maxNames ? t('{0} and {1} more', shown, names.length - maxNames) : shown;
}
