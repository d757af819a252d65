import * as vscode from 'vscode';
import { type Action, type ErrorInfo, GreenroomError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { action, unexpectedError } from '../core/errors.ts';

/** Does what an action's button says. */
export type RunAction = (chosen: Action) => void | Promise<void>;

export function infoOf(error: unknown): ErrorInfo {
  return error instanceof GreenroomError ? error.info : unexpectedError(messageOf(error));
}

/** Shows failures to the person: the sentence, and a button for each thing that can be done. */
export class Problems {
  readonly #log: Log;
  readonly #runAction: RunAction;

  constructor(log: Log, runAction: RunAction) {
    this.#log = log;
    this.#runAction = runAction;
  }

  show(error: unknown): void {
    const info = infoOf(error);
    this.#log.error(info.message, error instanceof GreenroomError ? undefined : error);
    this.#offer(vscode.window.showErrorMessage(info.message, ...info.actions.map((item) => item.label)), info.actions);
  }

  warn(message: string, actions: readonly Action[] = [action.showLog()]): void {
    this.#log.warn(message);
    this.#offer(vscode.window.showWarningMessage(message, ...actions.map((item) => item.label)), actions);
  }

  /** Runs what an event of VS Code started: a failure is shown, nothing is thrown into VS Code. */
  guard(task: () => unknown): void {
    void (async () => task())().catch((error: unknown) => this.show(error));
  }

  #offer(chosen: Thenable<string | undefined>, actions: readonly Action[]): void {
    chosen.then(
      (label) => {
        const found = actions.find((item) => item.label === label);
        if (found !== undefined) {
          this.guard(() => this.#runAction(found));
        }
      },
      (error: unknown) => this.#log.error('a message could not be shown', error),
    );
  }
}
