import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { SessionManager } from '../core/sessionManager.ts';

/** Keeps the `greenroom.*` context keys, which menus and keybindings depend on, in step with the foreground. */
export class ContextKeys implements Disposable {
  readonly #store = new DisposableStore();
  readonly #values = new Map<string, boolean>();

  constructor(manager: SessionManager) {
    this.#store.add(manager.onDidChange(() => this.#update(manager)));
    this.#store.add(manager.onDidStage(() => this.#update(manager)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #update(manager: SessionManager): void {
    const header = manager.foreground?.model.view.header;
    this.#set('greenroom.approvalPending', header?.pending.some((item) => item.kind !== 'question') ?? false);
    this.#set('greenroom.turnRunning', header?.state === 'running' || header?.state === 'pending');
  }

  #set(key: string, value: boolean): void {
    if (this.#values.get(key) !== value) {
      this.#values.set(key, value);
      vscode.commands.executeCommand('setContext', key, value).then(undefined, () => undefined);
    }
  }
}
