import { GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import { action } from './errors.ts';

/** Failures of keeping sessions on disk. */
export const storeErrors = {
  unknownSession: (id: string) =>
    new GreenroomError({
      code: 'unknownSession',
      message: t("There is no stored session with id '{0}'.", id),
      actions: [],
    }),
  newerVersion: (id: string, format: number) =>
    new GreenroomError(
      {
        code: 'newerVersion',
        message: t(
          'This session was written by a newer version of Greenroom. Update Greenroom to open it; nothing was changed.',
        ),
        actions: [action.newSession()],
      },
      { id, format },
    ),
  damagedSession: (id: string, details: string) =>
    new GreenroomError(
      {
        code: 'damagedSession',
        message: t('The file of this session is damaged, and nothing of it can be read. It was left as it is.'),
        actions: [action.showLog()],
        details,
      },
      { id },
    ),
  sessionLocked: (id: string, pid: number | undefined) =>
    lease('sessionLocked', t('Another window works in this session. Here it can only be read.'), id, pid),
  noAnswer: (id: string, pid: number | undefined) =>
    lease(
      'noAnswer',
      t('The other window does not answer. If it hangs, close it, and then take the session over.'),
      id,
      pid,
    ),
  notHandedOver: (id: string, pid: number | undefined) =>
    lease(
      'notHandedOver',
      t('The other window was asked and could not let the session go. Perhaps it cannot save it: look there.'),
      id,
      pid,
    ),
  sessionInUse: (id: string) =>
    new GreenroomError(
      { code: 'sessionLocked', message: t('This session is already open in this window.'), actions: [] },
      { id },
    ),
  deleteFailed: (id: string, details: string) =>
    new GreenroomError(
      {
        code: 'deleteFailed',
        message: t('The session could not be deleted completely: {0}', details),
        actions: [action.showLog()],
        details,
      },
      { id },
    ),
  missingText: (details: string) =>
    new GreenroomError({
      code: 'missingText',
      message: t(
        'The complete text can no longer be read: its file is missing or damaged. Its beginning and its end are in the transcript.',
      ),
      actions: [action.showLog()],
      details,
    }),
  saveFailed: (cause: string | undefined, path: string, details: string) =>
    new GreenroomError(
      {
        code: 'saveFailed',
        message: t(
          'Your sessions cannot be saved right now: {0} Nothing is lost; saving is tried again and again.',
          reasonOf(cause, path),
        ),
        actions: [action.showLog()],
        details,
      },
      { path, ...(cause === undefined ? {} : { cause }) },
    ),
  saveOverflow: (cause: string | undefined, path: string) =>
    new GreenroomError(
      {
        code: 'saveFailed',
        message: t(
          'Your sessions cannot be saved: {0} What comes from now on is lost when this window closes.',
          reasonOf(cause, path),
        ),
        actions: [action.showLog()],
      },
      { path, overflow: true, ...(cause === undefined ? {} : { cause }) },
    ),
} as const;

/** Somebody else has the session. */
function lease(code: string, message: string, id: string, pid: number | undefined): GreenroomError {
  return new GreenroomError(
    { code, message, actions: [action.takeOver(id)] },
    { id, ...(pid === undefined ? {} : { pid }) },
  );
}

/** What went wrong and what to do about it, by the system's name for the error. */
function reasonOf(cause: string | undefined, path: string): string {
  switch (cause) {
    case 'ENOSPC':
      return t('the disk is full. Free some space.');
    case 'EDQUOT':
      return t('your quota on the disk is used up. Free some space.');
    case 'EROFS':
      return t('the disk is read-only ({0}). Make it writable.', path);
    case 'EACCES':
    case 'EPERM':
      return t('the permission to write is missing ({0}). Restore it.', path);
    case 'ENOENT':
    case 'ENOTDIR':
      return t('the folder is gone ({0}). Restore it.', path);
    case 'EIO':
    case 'ENXIO':
      return t('the disk reports an error. Check the disk.');
    case 'EMFILE':
    case 'ENFILE':
      return t('too many files are open. Close some programs.');
    case 'ELOOP':
    case 'EISDIR':
    case 'EEXIST':
      return t('something else is in the place of the file ({0}). Remove it.', path);
    default:
      return t('the system refused to write ({0}: {1}).', cause ?? '?', path);
  }
}
