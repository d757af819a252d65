import { showInvisible } from '../../base/visibleText.ts';
import { t } from '../../base/l10n.ts';
import { plainText } from './plainOutput.ts';
import type { CommandAnswer } from '../bgCommand.ts';
import type { ListedShell } from './agentShells.ts';
import { type ShellInfo, shortShellId } from './shellInfo.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const longestLabel = 60;

/** How a shell is, for people. */
export function shellStatusText(info: Pick<ShellInfo, 'status' | 'exitCode' | 'reason'>): string {
  switch (info.status) {
    case 'running':
      return t('running');
    case 'leftRunning':
      return t('left running');
    case 'exited':
      return info.exitCode === 0 ? t('exited') : t('exited with {0}', info.exitCode ?? -1);
    case 'killed':
      return t('killed');
    case 'failed':
      return info.reason === undefined ? t('failed') : t('failed: {0}', showInvisible(info.reason));
  }
}

/** A duration in its two largest units, such as `2m 5s`. */
export function durationInWords(durationMs: number): string {
  const rest = (unitMs: number, of: number): number => Math.floor((durationMs % of) / unitMs);
  if (durationMs < minuteMs) {
    return t('{0}s', Math.floor(durationMs / secondMs));
  }
  return durationMs < hourMs
    ? t('{0}m {1}s', Math.floor(durationMs / minuteMs), rest(secondMs, minuteMs))
    : t('{0}h {1}m', Math.floor(durationMs / hourMs), rest(minuteMs, hourMs));
}

/** A command in one line, for rows and titles: at most `longest` characters of it. */
export function commandLabel(command: string, longest = longestLabel): string {
  const line = showInvisible(command.replace(/\s+/g, ' ').trim());
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** What a shell said last, in one line without escape codes. */
export function lastLineText(info: Pick<ShellInfo, 'lastLine'>): string | undefined {
  const line = info.lastLine === undefined ? '' : showInvisible(plainText(info.lastLine)).trim();
  return line === '' ? undefined : line;
}

/** The shells of a window as a person lists them: those that run first, then the newest. */
export function tasksList(shells: readonly ListedShell[], nameOf: (sessionId: string) => string): CommandAnswer {
  if (shells.length === 0) {
    return { text: t('No background shells.') };
  }
  return {
    text: shells.length === 1 ? t('1 background shell') : t('{0} background shells', shells.length),
    table: {
      columns: ['ID', t('Status'), t('Time'), t('Session'), t('Command')],
      rows: orderForPeople(shells).map((info) => [
        shortShellId(info.id),
        shellStatusText(info),
        durationInWords(info.elapsedMs),
        nameOf(info.sessionId),
        commandLabel(info.command),
      ]),
    },
  };
}

export function isShellActive({ status }: Pick<ShellInfo, 'status'>): boolean {
  return status === 'running' || status === 'leftRunning';
}

export function orderForPeople(shells: readonly ListedShell[]): readonly ListedShell[] {
  return shells.toSorted((a, b) => Number(isShellActive(b)) - Number(isShellActive(a)) || b.startedAt - a.startedAt);
}
