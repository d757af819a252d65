import * as vscode from 'vscode';
import type { Log } from '../base/log.ts';

const stateKey = 'chatWasShown';

/**
 * Shows the chat once, when Greenroom has just been installed: some hosts leave its place in the secondary side bar empty
 * until somebody asks for it. The keyboard stays where it is, and whoever closes the chat is not asked again.
 */
export async function showChatOnce(context: vscode.ExtensionContext, log: Log): Promise<void> {
  const state = context.globalState;
  // Tests inside VS Code show what they want.
  if (state.get(stateKey) === true || context.extensionMode === vscode.ExtensionMode.Test) {
    return;
  }
  try {
    await state.update(stateKey, true);
    await vscode.commands.executeCommand('greenroom.chat.focus', { preserveFocus: true });
  } catch (error) {
    log.warn(`the chat could not be shown: ${String(error)}`);
  }
}
