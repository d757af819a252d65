import * as vscode from 'vscode';
import type { ErrorInfo } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';

/** Tells the person while sessions cannot be saved: a status item for as long as it lasts, and a message when it begins. */
export class SaveNotices implements Disposable {
  readonly #log: Log;
  #item: vscode.StatusBarItem | undefined;
  #last: ErrorInfo | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The last trouble of this window, and whether it is over. */
  get lastTrouble(): { readonly message: string; readonly isOver: boolean } | undefined {
    return this.#last === undefined ? undefined : { message: this.#last.message, isOver: this.#item === undefined };
  }

  changed(error: ErrorInfo | undefined): void {
    this.#last = error ?? this.#last;
    if (error === undefined) {
      this.#log.info('sessions are saved again');
      this.#item?.dispose();
      this.#item = undefined;
      return;
    }
    this.#log.error(error.message);
    const isNew = this.#item === undefined;
    this.#item ??= vscode.window.createStatusBarItem('saveTrouble', vscode.StatusBarAlignment.Left, 49);
    this.#item.name = t('Greenroom: sessions are not saved');
    this.#item.text = `$(warning) ${t('Sessions not saved')}`;
    this.#item.tooltip = error.message;
    this.#item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
    this.#item.command = 'greenroom.doctor';
    this.#item.show();
    if (isNew) {
      vscode.window.showErrorMessage(error.message).then(undefined, () => undefined);
    }
  }

  dispose(): void {
    this.#item?.dispose();
  }
}
