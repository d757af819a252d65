import { type ErrorInfo, GreenroomError } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { shortShellId } from './shellInfo.ts';
import type { Refusal } from './shellRegistry.ts';

function info(code: string, message: string): ErrorInfo {
  return { code, message, actions: [] };
}

/** Refusals for people and other extensions; models are told in words of their own. */
export const shellErrors = {
  unknownShell: (id: string) =>
    new GreenroomError(
      info('unknownShell', t("There is no shell with id '{0}'. It may have been evicted.", shortShellId(id))),
    ),
  refused: (refusal: Refusal) => {
    switch (refusal.refused) {
      case 'capReached':
      case 'tooMany':
        return new GreenroomError(
          info('shellCapReached', t('background shell cap reached ({0} running). Kill one first.', refusal.running)),
          { max: refusal.running },
        );
      case 'closing':
        return new GreenroomError(info('sessionClosed', t('The session is being closed: it starts no more shells.')));
      case 'duplicate':
        return new GreenroomError(info('unknownShell', t('There is a shell with this id already.')));
    }
  },
  notStopped: (command: string) =>
    new GreenroomError(info('shellNotStopped', t("The agent did not end its shell '{0}'.", command))),
  survived: (id: string, pids: readonly number[]) =>
    new GreenroomError(
      info(
        'shellSurvived',
        t('Could not end all processes of shell {0}. Still alive: {1}', shortShellId(id), pids.join(', ')),
      ),
    ),
} as const;
