import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';

/** Texts that are kept for open editors; the oldest go first. */
const maxTexts = 64;

/** Shows texts that are no files (a side of a diff, a tool's whole output) in read-only editors. */
export class ReadOnlyDocuments implements vscode.TextDocumentContentProvider, Disposable {
  static readonly scheme = 'greenroom-text';
  readonly #texts = new Map<string, string>();
  readonly #registration: vscode.Disposable;
  #next = 1;

  constructor() {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(ReadOnlyDocuments.scheme, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.query) ?? t('This text is no longer kept. Open it again from the chat.');
  }

  /** `path` only names the document, so that VS Code finds its language. */
  add(path: string, text: string): vscode.Uri {
    const key = String(this.#next++);
    this.#texts.set(key, text);
    const oldest = this.#texts.keys().next().value;
    if (this.#texts.size > maxTexts && oldest !== undefined) {
      this.#texts.delete(oldest);
    }
    return vscode.Uri.from({
      scheme: ReadOnlyDocuments.scheme,
      path: path.startsWith('/') ? path : `/${path.replaceAll('\\', '/')}`,
      query: key,
    });
  }

  async open(path: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(this.add(path, text), { preview: true });
  }

  async diff(path: string, before: string, after: vscode.Uri | string, title: string): Promise<void> {
    const right = typeof after === 'string' ? this.add(path, after) : after;
    await vscode.commands.executeCommand('vscode.diff', this.add(path, before), right, title, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#texts.clear();
  }
}
