import * as vscode from 'vscode';
import type { Action } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { RepositoryConsent } from './repositoryConsent.ts';

export interface ActionDeps {
  readonly manager: SessionManager;
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly consent: RepositoryConsent;
}

/** What the buttons of errors and notices do. */
export async function runAction(deps: ActionDeps, action: Action): Promise<void> {
  const session = deps.manager.foreground;
  const kind = session === undefined ? undefined : deps.kindOf(session.model.identity.runtime);
  switch (action.id) {
    case 'openInstallPage':
      if (kind !== undefined) {
        await vscode.env.openExternal(vscode.Uri.parse(kind.homepage));
      }
      break;
    case 'openSettings':
      await vscode.commands.executeCommand(
        'workbench.action.openSettings',
        action.argument ?? '@ext:greenroom.greenroom',
      );
      break;
    case 'login':
      runInTerminal(t('Log in'), kind?.terminal?.login, session?.model.identity.cwd);
      break;
    case 'updateCli':
      runInTerminal(t('Update'), kind?.terminal?.update, session?.model.identity.cwd);
      break;
    case 'chooseModel':
      await vscode.commands.executeCommand('greenroom.selectModel');
      break;
    case 'showLog':
      await vscode.commands.executeCommand('greenroom.showLog');
      break;
    case 'retry':
      await session?.retry();
      break;
    case 'continue':
      if (session?.isBusy === false) {
        await session.send(t('Continue where you left off.'));
      }
      break;
    case 'compact':
      await session?.send('/compact');
      break;
    case 'newSession':
      await vscode.commands.executeCommand('greenroom.newSession');
      break;
    case 'trustWorkspace':
      await vscode.commands.executeCommand('workbench.trust.manage');
      break;
    case 'reviewProjectSettings':
      await deps.consent.review();
      break;
    case 'takeOver':
      await vscode.commands.executeCommand('greenroom.takeOver', action.argument);
      break;
    case 'startDemo':
      await vscode.commands.executeCommand('greenroom.startDemo');
      break;
    case 'checkAgents':
      await vscode.commands.executeCommand('greenroom.checkAgents');
      break;
    case 'setApiKey':
      await vscode.commands.executeCommand('greenroom.setApiKey', action.argument);
      break;
    case 'openFolder':
      await vscode.commands.executeCommand('vscode.openFolder');
      break;
  }
}

export function runInTerminal(name: string, command: string | undefined, cwd: string | undefined): void {
  if (command === undefined) {
    return;
  }
  const terminal = vscode.window.createTerminal({ name, ...(cwd === undefined ? {} : { cwd }) });
  terminal.show();
  terminal.sendText(command);
}
