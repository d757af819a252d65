import * as vscode from 'vscode';
import { GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import { coreErrors } from '../core/errors.ts';
import { resolvePath } from '../core/paths.ts';
import type { FileAccess, SessionCatalog } from '../core/ports.ts';
import type { EditResult } from '../core/sessionEvents.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { SessionModels } from '../core/sessionModels.ts';
import type { ReadOnlyDocuments } from './readOnlyDocuments.ts';

export interface ChatFilesDeps {
  readonly manager: SessionManager;
  readonly catalog: Pick<SessionCatalog, 'readBlob'> & Pick<SessionModels, 'findEvent'>;
  readonly files: FileAccess;
  readonly documents: ReadOnlyDocuments;
}

/** Opens what the chat refers to: files, edits in the diff editor, outputs that were too long to show. */
export class ChatFiles {
  readonly #deps: ChatFilesDeps;

  constructor(deps: ChatFilesDeps) {
    this.#deps = deps;
  }

  async openFile(path: string, line: number | undefined): Promise<void> {
    const uri = await this.#find(path);
    const position = line === undefined ? undefined : new vscode.Position(Math.max(0, line - 1), 0);
    await vscode.window.showTextDocument(uri, {
      preview: true,
      ...(position === undefined ? {} : { selection: new vscode.Range(position, position) }),
    });
  }

  async openBlob(sessionId: string, blob: string, title: string): Promise<void> {
    await this.#deps.documents.open(title, await this.#deps.catalog.readBlob(sessionId, blob));
  }

  /** The edit that a tool call made: the file before it beside the file after it. */
  async openDiff(sessionId: string, toolCallId: string): Promise<void> {
    const edit = await this.#editOf(sessionId, toolCallId);
    const before =
      edit?.before ??
      (edit?.spilledBefore === undefined
        ? undefined
        : await this.#deps.catalog.readBlob(sessionId, edit.spilledBefore.blob));
    if (edit === undefined || before === undefined) {
      throw notOpenable(t('The text before this edit is not known.'));
    }
    const { applyHunks } = await import('../core/proposedEdit.ts');
    const after = applyHunks(before, edit.hunks);
    if (after === undefined) {
      throw notOpenable(t('This edit does not fit the text that it was made to.'));
    }
    await this.#deps.documents.diff(edit.path, before, after, t('{0} (edited by the agent)', baseName(edit.path)));
  }

  /** An edit that waits for approval: the file as it is beside what it would become. */
  async openProposedDiff(approvalId: string): Promise<void> {
    const session = this.#deps.manager.sessionOfRequest(approvalId);
    const request = session?.desk.requestOf(approvalId);
    if (session === undefined || request?.change === undefined) {
      throw coreErrors.unknownApproval();
    }
    const path = resolvePath(session.model.identity.cwd, request.change.path);
    const before = (await this.#deps.files.readText(path)) ?? '';
    const { applyChange } = await import('../core/proposedEdit.ts');
    const after = applyChange(before, request.change);
    if (after === undefined) {
      throw notOpenable(t('This edit does not fit the file as it is now: what it replaces is not there.'));
    }
    await this.#deps.documents.diff(path, before, after, t('{0} (proposed)', baseName(path)));
  }

  async #editOf(sessionId: string, toolCallId: string): Promise<EditResult | undefined> {
    // The view keeps the hunks; the text before the edit is only in the log.
    await this.#deps.manager.live(sessionId)?.flush();
    const result = await this.#deps.catalog.findEvent(
      sessionId,
      (event) => event.type === 'toolResult' && event.id === toolCallId,
    );
    return result?.type === 'toolResult' ? result.edit : undefined;
  }

  async #find(path: string): Promise<vscode.Uri> {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const cwd = this.#deps.manager.foreground?.model.identity.cwd;
    const bases = [...(cwd === undefined ? [] : [cwd]), ...folders.map((folder) => folder.uri.fsPath)];
    for (const base of bases) {
      const uri = vscode.Uri.file(resolvePath(base, path));
      try {
        await vscode.workspace.fs.stat(uri);
        return uri;
      } catch {
        // Not in this folder: the next may have it.
      }
    }
    throw notOpenable(t('There is no such file: {0}', path));
  }
}

function notOpenable(message: string): GreenroomError {
  return new GreenroomError({ code: 'notOpenable', message, actions: [] });
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
