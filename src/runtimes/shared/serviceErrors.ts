import type { Action, ErrorInfo } from '../../base/errors.ts';
import { t } from '../../base/l10n.ts';
import { action } from '../../core/errors.ts';

/** `details` are shown on demand; they are redacted and bounded by the caller. */
export function errorInfo(code: string, message: string, actions: readonly Action[], details?: string): ErrorInfo {
  return details === undefined || details === '' ? { code, message, actions } : { code, message, actions, details };
}

/** No key is known for the service. */
export function keyMissing(service: string, runtime: string): ErrorInfo {
  return errorInfo('notLoggedIn', t('There is no API key for {0} yet.', service), [
    action.setApiKey(runtime),
    action.retry(),
    action.startDemo(),
  ]);
}

/** What is stored as a key cannot be sent as one: something else was pasted, or more than the key. */
export function keyUnfit(service: string, runtime: string): ErrorInfo {
  return errorInfo('notLoggedIn', t('The API key for {0} has characters in it that no key has.', service), [
    action.setApiKey(runtime),
    action.retry(),
  ]);
}

export function keyRefused(service: string, runtime: string, details?: string): ErrorInfo {
  return errorInfo(
    'notLoggedIn',
    t('{0} refused the API key: it is wrong, has been withdrawn, or may not do this.', service),
    [action.setApiKey(runtime), action.retry()],
    details,
  );
}

/** A key is not sent to an address that others can listen to. */
export function badAddress(setting: string, found: string): ErrorInfo {
  return errorInfo(
    'badSetting',
    t('The setting "{0}" does not fit: expected an address that begins with https://, found "{1}".', setting, found),
    [action.openSettings(setting)],
  );
}

/** Something else than the service answers at this address. */
export function notTheService(service: string, setting: string, address: string, details?: string): ErrorInfo {
  return errorInfo(
    'badSetting',
    t(
      'The address "{0}" answers, but not as the API of {1} does. Check the setting "{2}", and the proxy if there is one.',
      address,
      service,
      setting,
    ),
    [action.openSettings(setting), action.retry()],
    details,
  );
}

/** The account has to be paid before anything is served. */
export function accountUnpaid(service: string, details?: string): ErrorInfo {
  return errorInfo(
    'accountUnpaid',
    t('{0} serves nothing more on this account: its credit or its spending limit is used up.', service),
    [action.retry()],
    details,
  );
}

/** Nothing came for so long that the connection counts as dead. */
export function fellSilent(seconds: number): ErrorInfo {
  return errorInfo('inactive', t('The service said nothing for {0} seconds, so the request was ended.', seconds), [
    action.continue(),
    action.showLog(),
  ]);
}

/** An answer that broke off, again and again. */
export function streamBroke(details?: string): ErrorInfo {
  return errorInfo(
    'networkUnreachable',
    t('The connection to the service broke off in the middle of an answer.'),
    [action.retry()],
    details,
  );
}

export function networkUnreachable(details?: string): ErrorInfo {
  return errorInfo(
    'networkUnreachable',
    t('The service could not be reached. Check the network, and the proxy if there is one.'),
    [action.retry()],
    details,
  );
}

export function modelNotFound(model: string | undefined, details?: string): ErrorInfo {
  return errorInfo(
    'modelNotFound',
    model === undefined
      ? t('The chosen model does not exist, or this account may not use it.')
      : t('The model "{0}" does not exist, or this account may not use it.', model),
    [{ id: 'chooseModel', label: t('Choose a Model') }],
    details,
  );
}

export function rateLimited(details?: string): ErrorInfo {
  return errorInfo('rateLimited', t('The limit of this account is used up.'), [action.retry()], details);
}

export function overloaded(details?: string): ErrorInfo {
  return errorInfo(
    'overloaded',
    t('The service is overloaded or failing. Try again in a while.'),
    [action.retry()],
    details,
  );
}

export function promptTooLong(details?: string): ErrorInfo {
  return errorInfo(
    'promptTooLong',
    t('The conversation no longer fits into what the model can take in.'),
    [{ id: 'compact', label: t('Compact') }, action.newSession()],
    details,
  );
}

/** The service refused the request for a reason that has no code of its own. */
export function requestRefused(details: string): ErrorInfo {
  return errorInfo('apiError', t('The service refused the request.'), [action.retry(), action.showLog()], details);
}
