import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('The extension in VS Code', () => {
  it('is found, activates, and has registered every command of its manifest', async () => {
    const extension = vscode.extensions.getExtension('greenroom.greenroom');
    assert.ok(extension, 'greenroom.greenroom is not installed');
    await extension.activate();

    const declared: string[] = extension.packageJSON.contributes.commands.map(
      ({ command }: { command: string }) => command,
    );
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = declared.filter((command) => !registered.has(command));
    assert.deepEqual({ isActive: extension.isActive, missing }, { isActive: true, missing: [] });
  });
});
