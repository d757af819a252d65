import type { Action, ErrorInfo } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { action } from '../../core/errors.ts';
import { errorInfo } from '../shared/serviceErrors.ts';

const install = (): Action => ({ id: 'openInstallPage', label: t('How to Install') });

export function cliNotFound(command: string): ErrorInfo {
  return errorInfo(
    'cliNotFound',
    t('Claude Code was not found: there is no program "{0}". Install it, or set its path.', command),
    [install(), action.openSettings('greenroom.runtimes.claudeCode.command'), action.startDemo()],
  );
}

export function cliTooOld(option: string, details: string): ErrorInfo {
  return errorInfo(
    'cliTooOld',
    t(
      'This version of Claude Code is too old: it does not know the option "{0}". Update it with "claude update".',
      option,
    ),
    [{ id: 'updateCli', label: t('Update') }, install()],
    details,
  );
}

export function versionTooOld(version: string, oldest: string): ErrorInfo {
  return errorInfo('cliTooOld', t('Claude Code {0} is too old: at least {1} is needed.', version, oldest), [
    { id: 'updateCli', label: t('Update') },
    install(),
  ]);
}

export function notLoggedIn(details?: string): ErrorInfo {
  return errorInfo(
    'notLoggedIn',
    t('Claude Code is not logged in, or its login was refused.'),
    [{ id: 'login', label: t('Log In') }, action.retry()],
    details,
  );
}

export function badSetting(key: string, expected: string, found: string, details?: string): ErrorInfo {
  return errorInfo(
    'badSetting',
    t('The setting "{0}" does not fit: expected {1}, found "{2}".', key, expected, found),
    [action.openSettings(key)],
    details,
  );
}

export function crashed(code: number, details: string): ErrorInfo {
  const message =
    code > 128
      ? t('Claude Code was ended by signal {0} before its turn was over.', code - 128)
      : t('Claude Code ended with exit code {0} before its turn was over.', code);
  return errorInfo('crashed', message, [action.retry(), action.showLog()], details);
}

/** The process could not be started, or does not speak as it should. */
export function notStarted(reason: string, details?: string): ErrorInfo {
  return errorInfo(
    'crashed',
    t('Claude Code could not be started: {0}', reason),
    [action.retry(), action.showLog()],
    details,
  );
}

export function inactive(seconds: number): ErrorInfo {
  return errorInfo('inactive', t('Claude Code said nothing for {0} seconds, so it was ended.', seconds), [
    action.continue(),
    action.showLog(),
  ]);
}

export function sessionInUse(): ErrorInfo {
  return errorInfo('sessionInUse', t('Another process is working on this conversation.'), [action.retry()]);
}
