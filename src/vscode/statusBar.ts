import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { SessionManager } from '../core/sessionManager.ts';

/** The agents that run or need the person, in the status bar; hidden while there are none. */
export class AgentStatus implements Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  #shown = '';

  constructor(manager: SessionManager) {
    this.#item = this.#store.add(vscode.window.createStatusBarItem('agents', vscode.StatusBarAlignment.Left, 50));
    this.#item.name = t('Greenroom agents');
    this.#store.add(manager.onDidChange(() => this.#update(manager)));
    this.#update(manager);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(manager: SessionManager): void {
    const placed = manager.placed();
    const needing = placed.filter((info) => info.attention.includes('needsApproval')).length;
    const running = placed.filter((info) => info.state === 'running' || info.state === 'pending').length;
    const shown = `${running} ${needing}`;
    if (shown === this.#shown) {
      return;
    }
    this.#shown = shown;
    vscode.commands.executeCommand('setContext', 'greenroom.needsYou', needing > 0).then(undefined, () => undefined);
    if (running === 0 && needing === 0) {
      this.#item.hide();
      return;
    }
    const needs = needing === 1 ? t('1 session needs you') : t('{0} sessions need you', needing);
    const runs = running === 1 ? t('1 agent runs') : t('{0} agents run', running);
    this.#item.text = needing > 0 ? `$(bell-dot) ${needing}` : `$(loading~spin) ${running}`;
    this.#item.tooltip =
      needing > 0 ? t('{0}, {1}. Click to go there.', needs, runs) : t('{0}. Click to open the chat.', runs);
    this.#item.accessibilityInformation = { label: `Greenroom: ${needing > 0 ? needs : runs}` };
    this.#item.command = needing > 0 ? 'greenroom.nextNeedsYou' : 'greenroom.openChat';
    this.#item.backgroundColor = needing > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.show();
  }
}
