import * as vscode from 'vscode';
import type { OpenDocuments } from '../core/overlayFiles.ts';

export const openDocuments: OpenDocuments = {
  unsavedText(path) {
    const document = vscode.workspace.textDocuments.find(
      (candidate) => candidate.isDirty && candidate.uri.scheme === 'file' && candidate.uri.fsPath === path,
    );
    return document?.getText();
  },
};

/** Documents with unsaved changes that belong to a file below `folder`. */
export function unsavedBelow(folder: string): readonly vscode.TextDocument[] {
  const root = vscode.Uri.file(folder).path.replace(/\/$/, '');
  return vscode.workspace.textDocuments.filter(
    (document) => document.isDirty && document.uri.scheme === 'file' && document.uri.path.startsWith(`${root}/`),
  );
}
