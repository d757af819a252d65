import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand('greenroom.openChat', () =>
      vscode.commands.executeCommand('greenroom.chat.focus'),
    ),
  );
}
