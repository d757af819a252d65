import * as vscode from 'vscode';
import { messageOf } from '../base/errors.ts';
import { isInside, normalizePath } from '../core/paths.ts';
import type { EditorResult, OpenEditors } from '../core/tools/workFiles.ts';

/** Files that are open in an editor: what is edited there can be undone there. */
export const openEditors: OpenEditors = {
  text: (path) => documentOf(path)?.getText(),

  unsaved: (folder) =>
    documents()
      .filter((document) => document.isDirty && isInside(folder, normalizePath(document.uri.fsPath)))
      .map((document) => ({ path: normalizePath(document.uri.fsPath), text: document.getText() })),

  async replace(path, before, after): Promise<EditorResult> {
    const document = documentOf(path);
    if (document === undefined) {
      return { kind: 'notOpen' };
    }
    try {
      if (document.getText() !== before) {
        return { kind: 'failed', reason: 'it was changed meanwhile' };
      }
      const edit = new vscode.WorkspaceEdit();
      const { start, end, text } = difference(before, after);
      edit.replace(document.uri, new vscode.Range(document.positionAt(start), document.positionAt(end)), text);
      if (text !== '' || start !== end) {
        if (!(await vscode.workspace.applyEdit(edit))) {
          return { kind: 'failed', reason: 'the editor refused the change' };
        }
      }
      return (await document.save()) || !document.isDirty
        ? { kind: 'saved', text: document.getText() }
        : { kind: 'failed', reason: 'it was changed, but could not be saved' };
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error) };
    }
  },
};

function documents(): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(({ uri, isClosed }) => uri.scheme === 'file' && !isClosed);
}

function documentOf(path: string): vscode.TextDocument | undefined {
  return documents().find(({ uri }) => normalizePath(uri.fsPath) === path);
}

/** What is different in the middle: the rest of the document, with its cursors and marks, stays as it is. */
function difference(
  before: string,
  after: string,
): { readonly start: number; readonly end: number; readonly text: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start += 1;
  }
  let tail = 0;
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail += 1;
  }
  // Not between the two halves of a line end or of a character.
  if (/[\r\ud800-\udbff]/.test(before.charAt(start - 1))) {
    start -= 1;
  }
  if (tail > 0 && /[\n\udc00-\udfff]/.test(before.charAt(before.length - tail))) {
    tail -= 1;
  }
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}
