import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { ageInWords } from '../core/age.ts';
import type { Clock, DeletedSession } from '../core/ports.ts';
import { summaryOf } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { messageCountText } from './messageCountText.ts';

const dayMs = 24 * 3_600_000;

interface Row extends vscode.QuickPickItem {
  readonly id: string;
}

type Choice = { readonly kind: 'restore' | 'delete'; readonly row: Row };

/** Lets the person choose one of the deleted sessions; on the way some can be deleted for good. */
export async function pickDeleted(manager: SessionManager, clock: Clock): Promise<string | undefined> {
  for (;;) {
    const deleted = await manager.listDeleted();
    if (deleted.length === 0) {
      void vscode.window.showInformationMessage(t('The trash is empty.'));
      return undefined;
    }
    const choice = await choose(deleted.map((session) => rowOf(session, clock.now())));
    if (choice?.kind !== 'delete') {
      return choice?.row.id;
    }
    await deleteForGood(manager, choice.row);
  }
}

function choose(rows: readonly Row[]): Promise<Choice | undefined> {
  const picker = vscode.window.createQuickPick<Row>();
  picker.placeholder = t('Which session is to be restored?');
  picker.matchOnDescription = true;
  picker.items = rows;
  return new Promise<Choice | undefined>((resolve) => {
    picker.onDidAccept(() => {
      const [row] = picker.selectedItems;
      resolve(row === undefined ? undefined : { kind: 'restore', row });
    });
    picker.onDidTriggerItemButton(({ item }) => resolve({ kind: 'delete', row: item }));
    picker.onDidHide(() => resolve(undefined));
    picker.show();
  }).finally(() => picker.dispose());
}

async function deleteForGood(manager: SessionManager, { id, label }: Row): Promise<void> {
  const remove = t('Delete Permanently');
  const answer = await vscode.window.showWarningMessage(
    t("Delete the session '{0}' permanently?", label),
    { modal: true, detail: t('Nothing of it can be restored then.') },
    remove,
  );
  if (answer === remove) {
    await manager.deleteForGood(id);
  }
}

function rowOf({ id, deletedAt, keptUntil, summary }: DeletedSession, now: number): Row {
  const daysLeft = Math.ceil((keptUntil - now) / dayMs);
  const description = [
    summary === undefined ? t('cannot be read') : messageCountText(summary.messageCount),
    t('deleted: {0}', ageInWords(deletedAt, now)),
    daysLeft <= 1 ? t('1 day left') : t('{0} days left', daysLeft),
  ];
  return {
    label: summaryOf(id, summary?.name ?? ''),
    description: description.join(' · '),
    buttons: [{ iconPath: new vscode.ThemeIcon('trash'), tooltip: t('Delete Permanently') }],
    id,
  };
}
