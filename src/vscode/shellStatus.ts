import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { ShellList } from '../core/shells/shellList.ts';
import { commandLabel, isShellActive } from '../core/shells/shellWords.ts';

/** How many shells run, in the status bar; hidden while none does. Opens the list of shells. */
export class ShellStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #shown = '';

  constructor(shells: Pick<ShellList, 'list' | 'onDidChange'>) {
    this.#item = this.#store.add(vscode.window.createStatusBarItem('shells', vscode.StatusBarAlignment.Left, 49));
    this.#item.name = t('Greenroom shells');
    this.#item.command = 'greenroom.showShell';
    this.#store.add(shells.onDidChange(() => this.#update(shells)));
    this.#update(shells);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(shells: Pick<ShellList, 'list'>): void {
    const active = shells.list().filter(isShellActive);
    const shown = active.map(({ sessionId, id }) => `${sessionId} ${id}`).join('\n');
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    if (active.length === 0) {
      this.#item.hide();
      return;
    }
    const sentence = active.length === 1 ? t('1 background shell runs') : t('{0} background shells run', active.length);
    this.#item.text = `$(terminal) ${active.length}`;
    this.#item.accessibilityInformation = { label: `Greenroom: ${sentence}` };
    const markdown = new vscode.MarkdownString();
    markdown.appendMarkdown('**').appendText(sentence).appendMarkdown('**\n\n');
    for (const info of active) {
      markdown.appendMarkdown('- ').appendText(commandLabel(info.command)).appendMarkdown('\n');
    }
    this.#item.tooltip = markdown;
    this.#item.show();
  }
}
