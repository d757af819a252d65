import type { Action, ErrorInfo } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { action } from '../../core/errors.ts';

const install = (): Action => ({ id: 'openInstallPage', label: t('How to Install') });

/** `details` are shown on demand; they are redacted and bounded by the caller. */
function info(code: string, message: string, actions: readonly Action[], details?: string): ErrorInfo {
  return details === undefined || details === '' ? { code, message, actions } : { code, message, actions, details };
}

export function cliNotFound(command: string): ErrorInfo {
  return info(
    'cliNotFound',
    t('Claude Code was not found: there is no program "{0}". Install it, or set its path.', command),
    [install(), action.openSettings('greenroom.runtimes.claudeCode.command'), action.startDemo()],
  );
}

export function cliTooOld(option: string, details: string): ErrorInfo {
  return info(
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
  return info('cliTooOld', t('Claude Code {0} is too old: at least {1} is needed.', version, oldest), [
    { id: 'updateCli', label: t('Update') },
    install(),
  ]);
}

export function notLoggedIn(details?: string): ErrorInfo {
  return info(
    'notLoggedIn',
    t('Claude Code is not logged in, or its login was refused.'),
    [{ id: 'login', label: t('Log In') }, action.retry()],
    details,
  );
}

export function networkUnreachable(details?: string): ErrorInfo {
  return info(
    'networkUnreachable',
    t('The service could not be reached. Check the network, and the proxy if there is one.'),
    [action.retry()],
    details,
  );
}

export function modelNotFound(model: string | undefined, details?: string): ErrorInfo {
  return info(
    'modelNotFound',
    model === undefined
      ? t('The chosen model does not exist, or this account may not use it.')
      : t('The model "{0}" does not exist, or this account may not use it.', model),
    [{ id: 'chooseModel', label: t('Choose a Model') }],
    details,
  );
}

export function rateLimited(details?: string): ErrorInfo {
  return info('rateLimited', t('The limit of this account is used up.'), [action.retry()], details);
}

export function overloaded(details?: string): ErrorInfo {
  return info(
    'overloaded',
    t('The service is overloaded or failing. Try again in a while.'),
    [action.retry()],
    details,
  );
}

export function promptTooLong(details?: string): ErrorInfo {
  return info(
    'promptTooLong',
    t('The conversation no longer fits into what the model can take in.'),
    [{ id: 'compact', label: t('Compact') }, action.newSession()],
    details,
  );
}

export function badSetting(key: string, expected: string, found: string, details?: string): ErrorInfo {
  return info(
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
  return info('crashed', message, [action.retry(), action.showLog()], details);
}

/** The process could not be started, or does not speak as it should. */
export function notStarted(reason: string, details?: string): ErrorInfo {
  return info(
    'crashed',
    t('Claude Code could not be started: {0}', reason),
    [action.retry(), action.showLog()],
    details,
  );
}

/** The service refused the request for a reason that has no code of its own. */
export function requestRefused(details: string): ErrorInfo {
  return info('apiError', t('The service refused the request.'), [action.retry(), action.showLog()], details);
}

export function inactive(seconds: number): ErrorInfo {
  return info('inactive', t('Claude Code said nothing for {0} seconds, so it was ended.', seconds), [
    action.continue(),
    action.showLog(),
  ]);
}

export function sessionInUse(): ErrorInfo {
  return info('sessionInUse', t('Another process is working on this conversation.'), [action.retry()]);
}
