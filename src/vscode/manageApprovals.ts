import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { showInvisible } from '../base/visibleText.ts';
import { ageInWords } from '../core/age.ts';
import type { AlwaysApproved } from '../core/approvalPolicy.ts';
import type { Clock } from '../core/ports.ts';

/** Shows what is always approved in this workspace; what the person selects asks again. */
export async function manageApprovals(always: AlwaysApproved, clock: Clock): Promise<void> {
  const grants = (await always.list()).toReversed();
  if (grants.length === 0) {
    const settings = t('Open Settings');
    const message = t('Nothing is always approved in this workspace. Rules for every workspace are in the settings.');
    if ((await vscode.window.showInformationMessage(message, settings)) === settings) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'greenroom.approvals');
    }
    return;
  }
  const items = grants.map(({ key, scope, at }) => ({
    label: showInvisible(labelOf(key)),
    description: ageInWords(at, clock.now()),
    detail: scope,
    key,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    title: t('Always Approved in This Workspace'),
    placeHolder: t('Select what is to be asked again'),
    canPickMany: true,
    matchOnDetail: true,
  });
  if (chosen !== undefined && chosen.length > 0) {
    await always.remove(chosen.map(({ key }) => key));
  }
}

/** What was allowed, without the kind of grant in front. */
function labelOf(key: string): string {
  return key.slice(key.indexOf(':') + 1).replaceAll('\n', ' \u23CE ');
}
