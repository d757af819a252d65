import { type Action, type ErrorInfo, GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';

/** Buttons, by what they do. */
export const action = {
  showLog: (): Action => ({ id: 'showLog', label: t('Show Log') }),
  retry: (): Action => ({ id: 'retry', label: t('Try Again') }),
  continue: (): Action => ({ id: 'continue', label: t('Continue') }),
  newSession: (): Action => ({ id: 'newSession', label: t('New Session') }),
  trustWorkspace: (): Action => ({ id: 'trustWorkspace', label: t('Manage Workspace Trust') }),
  startDemo: (): Action => ({ id: 'startDemo', label: t('Try the Demo') }),
  takeOver: (sessionId: string): Action => ({ id: 'takeOver', label: t('Take Over'), argument: sessionId }),
  checkAgents: (): Action => ({ id: 'checkAgents', label: t('Check Again') }),
  setApiKey: (runtime: string): Action => ({ id: 'setApiKey', label: t('Set API Key'), argument: runtime }),
  openFolder: (): Action => ({ id: 'openFolder', label: t('Open Folder') }),
  openSettings: (key: string): Action => ({ id: 'openSettings', label: t('Open Settings'), argument: key }),
} as const;

function info(code: string, message: string, actions: readonly Action[] = []): ErrorInfo {
  return { code, message, actions };
}

/** Refusals of the core; codes as in the exported API. */
export const coreErrors = {
  unknownSession: (id: string) =>
    new GreenroomError(info('unknownSession', t("There is no session with id '{0}'.", id))),
  unknownApproval: () =>
    new GreenroomError(
      info('unknownApproval', t('This request is no longer open: it was answered, or its turn has ended.')),
    ),
  untrustedWorkspace: () =>
    new GreenroomError(
      info(
        'untrustedWorkspace',
        t('No agent runs in a workspace that you do not trust. Stored sessions can be read.'),
        [action.trustWorkspace(), action.startDemo()],
      ),
    ),
  slotLimit: (max: number) =>
    new GreenroomError(info('slotLimit', t('background slot limit reached ({0})', max)), { max }),
  invalidSlot: (slot: number, available: number) =>
    new GreenroomError(info('invalidSlot', t('invalid background slot {0} (available: {1})', slot, available)), {
      slot,
      available,
    }),
  notYetAvailable: (what: string) =>
    new GreenroomError(info('notYetAvailable', t('{0} is not available in this version yet.', what))),
  badRule: (setting: string, rule: string, problem: string) =>
    new GreenroomError(
      info('badSetting', t("The rule {0} in the setting 'greenroom.{1}' is not valid: {2}.", rule, setting, problem), [
        action.openSettings(`greenroom.${setting}`),
      ]),
    ),
  notConfigured: (message: string) => new GreenroomError(info('notConfigured', message)),
  emptyMessage: () => new GreenroomError(info('emptyMessage', t('There is nothing to send: the message is empty.'))),
  queueFull: (max: number) =>
    new GreenroomError(info('queueFull', t('{0} messages wait already. Let the turn end, or cancel it.', max)), {
      max,
    }),
  /** The session may only be read, for the reason given. */
  readOnly: (reason: string, actions: readonly Action[]) => new GreenroomError(info('sessionLocked', reason, actions)),
  emptyConversation: () =>
    new GreenroomError(info('emptyConversation', t('Nothing of this conversation can be read any more.'))),
  sessionClosed: () => new GreenroomError(info('sessionClosed', t('The session has been closed.'))),
  noFolder: () => new GreenroomError(info('notConfigured', t('Open a folder first: an agent works in a directory.'))),
  folderGone: (path: string) =>
    new GreenroomError(
      info('folderGone', t("The session's folder no longer exists: {0}. Restore it, or start a new session.", path), [
        action.newSession(),
      ]),
    ),
} as const;

export const interruptedCode = 'interrupted';

/** The turn was cut off because the extension host ended. */
export function interruptedError(): ErrorInfo {
  return info(interruptedCode, t('This turn was cut off when the window closed or reloaded.'), [action.continue()]);
}

/** A run ended without ending its turn. */
export function runEndedError(): ErrorInfo {
  return info('crashed', t('The agent ended before its turn did.'), [action.retry(), action.showLog()]);
}

export function unexpectedError(message: string): ErrorInfo {
  return info('unexpected', t('Something went wrong inside Greenroom: {0}', message), [action.showLog()]);
}
