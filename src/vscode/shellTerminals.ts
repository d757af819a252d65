import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import type { Shell } from '../core/shells/shell.ts';
import { commandLabel } from '../core/shells/shellWords.ts';
import { ShellTerminal } from './shellTerminal.ts';

/** The terminals in which people look at shells: one for each shell, made anew when it was closed. */
export class ShellTerminals implements Disposable {
  readonly #clock: Clock;
  readonly #onProblem: (error: unknown) => void;
  readonly #store = new DisposableStore();
  readonly #open = new Map<string, { readonly terminal: vscode.Terminal; readonly view: ShellTerminal }>();

  constructor(clock: Clock, onProblem: (error: unknown) => void) {
    this.#clock = clock;
    this.#onProblem = onProblem;
    this.#store.add(
      vscode.window.onDidCloseTerminal((closed) => {
        for (const [id, { terminal, view }] of this.#open) {
          if (terminal === closed) {
            this.#open.delete(id);
            view.dispose();
          }
        }
      }),
    );
  }

  show(shell: Shell): void {
    let found = this.#open.get(shell.id);
    if (found === undefined) {
      const view = new ShellTerminal(shell, this.#clock, this.#onProblem);
      const terminal = vscode.window.createTerminal({
        name: commandLabel(shell.options.command),
        pty: view,
        iconPath: new vscode.ThemeIcon('terminal'),
        isTransient: true,
      });
      found = { terminal, view };
      this.#open.set(shell.id, found);
    }
    found.terminal.show();
  }

  dispose(): void {
    this.#store.dispose();
    for (const { terminal, view } of this.#open.values()) {
      view.dispose();
      terminal.dispose();
    }
    this.#open.clear();
  }
}
