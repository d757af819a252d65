import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';

/**
 * The commands that a person types into the composer. They run at once, also while a turn runs, and are never sent to
 * the model. Any other `/word` goes to the runtime as text.
 */
export class ComposerCommands {
  readonly #commands: ReadonlyMap<string, () => Promise<string>> = new Map([
    ['/new', () => execute('greenroom.newSession')],
    ['/model', () => execute('greenroom.selectModel')],
    ['/runtime', () => execute('greenroom.selectRuntime')],
    ['/help', () => Promise.resolve(helpText())],
  ]);

  /** The answer to show, possibly empty; undefined if the text is no command of ours. */
  async run(text: string): Promise<string | undefined> {
    return this.#commands.get(text.trim())?.();
  }
}

async function execute(command: string): Promise<string> {
  await vscode.commands.executeCommand(command);
  return '';
}

function helpText(): string {
  return t(
    '/new starts a session, /runtime one with another agent, /model chooses the model of the next turn, /help shows this. Any other /command goes to the agent.',
  );
}
