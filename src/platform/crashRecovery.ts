import type { Disposable } from '../base/lifecycle.ts';
import { t } from '../base/l10n.ts';
import { commandLabel } from '../core/shells/shellWords.ts';
import { expireForgotten } from './keptHosts.ts';
import { keptPatienceMs } from './keptLedgers.ts';
import { recoverProcesses } from './ledgerRecovery.ts';
import { recoverySentence } from './recoverySentence.ts';
import { type TakeBackOptions, takeBackShells } from './takeBack.ts';

export interface CrashRecoveryOptions extends Omit<TakeBackOptions, 'graceMs'> {
  readonly graceMs?: number;
  readonly patienceMs?: number;
  /** Told to the person: what goes on, and what was ended. */
  readonly inform: (sentence: string) => void;
  readonly warn: (sentence: string) => void;
  /** Keeps what waits until the window closes. */
  readonly own: (waiting: Disposable) => void;
}

const defaultGraceMs = 2000;
/** More would not be read. */
const maxCommands = 5;
/** What has just expired is found by the next look. */
const slackMs = 100;

/** What dead windows have left running is taken back, where that is wanted, or ended. Never rejects. */
export async function recoverAfterCrash(options: CrashRecoveryOptions): Promise<void> {
  const { log, inform, warn, graceMs = defaultGraceMs } = options;
  try {
    const { commands, found, left } = await takeBackShells({ ...options, graceMs });
    const taken = takenSentence(commands);
    if (taken !== undefined) {
      log.info(taken);
      inform(taken);
    }
    const ended = recoverySentence(found, left);
    if (ended !== undefined) {
      warn(ended);
    }
  } catch (error) {
    log.error('the shells of earlier windows could not be taken back', error);
  }
  await endSurvivors(options);
}

async function endSurvivors(options: CrashRecoveryOptions): Promise<void> {
  const { ledgers, clock, log, warn, own, graceMs = defaultGraceMs, patienceMs = keptPatienceMs } = options;
  const nextMs = await expireForgotten({ ledgers, clock, log, patienceMs }).catch((error: unknown) => {
    log.error('what waits for other windows could not be looked at', error);
    return undefined;
  });
  const sentence = await recoverProcesses({ folder: ledgers, clock, log, graceMs });
  if (sentence !== undefined) {
    warn(sentence);
  }
  if (nextMs !== undefined) {
    own(clock.after(nextMs + slackMs, () => void endSurvivors(options)));
  }
}

function takenSentence(commands: readonly string[]): string | undefined {
  const labels = commands.map((command) => commandLabel(command));
  const shown = labels.slice(0, maxCommands).join(', ');
  const names = labels.length > maxCommands ? t('{0} and {1} more', shown, labels.length - maxCommands) : shown;
  if (labels.length === 0) {
    return undefined;
  }
  return labels.length === 1
    ? t('A shell went on after the crash and is shown again: {0}', names)
    : t('{0} shells went on after the crash and are shown again: {1}', labels.length, names);
}
