import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import {
  bgDroppedText,
  bgHelp,
  bgList,
  bgMovedText,
  bgResumedText,
  type CommandAnswer,
  parseBgCommand,
} from '../core/bgCommand.ts';
import type { Clock } from '../core/ports.ts';
import { shortIdOf } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { ShellList } from '../core/shells/shellList.ts';
import { tasksList } from '../core/shells/shellWords.ts';

/**
 * The commands that a person types into the composer. They run at once, also while a turn runs, and are never sent to
 * the model. Any other `/word` goes to the runtime as text.
 */
export class ComposerCommands {
  readonly #manager: SessionManager;
  readonly #clock: Clock;
  readonly #shells: Pick<ShellList, 'list'>;
  readonly #commands = new Map<string, (argument: string) => Promise<CommandAnswer>>([
    ['/new', () => execute('greenroom.newSession')],
    ['/model', () => execute('greenroom.selectModel')],
    ['/runtime', () => execute('greenroom.selectRuntime')],
    ['/bg', (argument) => this.#background(argument)],
    ['/tasks', () => Promise.resolve(this.#tasks())],
    ['/help', () => Promise.resolve({ text: helpText() })],
  ]);

  constructor(manager: SessionManager, clock: Clock, shells: Pick<ShellList, 'list'>) {
    this.#manager = manager;
    this.#clock = clock;
    this.#shells = shells;
  }

  /** What the text asks to be done, if it is a command of ours; gives the answer to show, its text possibly empty. */
  find(text: string): (() => Promise<CommandAnswer>) | undefined {
    const [, word = '', argument = ''] = /^(\/\S+)(?:\s+([^]*))?$/.exec(text.trim()) ?? [];
    const takesArgument = word === '/bg';
    const command = argument !== '' && !takesArgument ? undefined : this.#commands.get(word);
    return command === undefined ? undefined : () => command(argument);
  }

  #tasks(): CommandAnswer {
    return tasksList(this.#shells.list(), (id) => this.#manager.info(id)?.summary ?? shortIdOf(id));
  }

  async #background(argument: string): Promise<CommandAnswer> {
    const manager = this.#manager;
    const command = parseBgCommand(argument);
    switch (command.kind) {
      case 'background': {
        const moved = await manager.moveToBackground();
        return { text: bgMovedText(manager.foregroundId ?? '', moved, this.#clock.now()) };
      }
      case 'list':
        return bgList(
          manager.placed().filter(({ place }) => place === 'background'),
          this.#clock.now(),
        );
      case 'resume': {
        const { slot, session, previous } = await manager.resume(command.slot);
        return { text: bgResumedText(slot, session.id, previous) };
      }
      case 'drop':
        return { text: bgDroppedText(command.slot, (await manager.drop(command.slot)).id) };
      case 'help':
        return { text: bgHelp() };
    }
  }
}

async function execute(command: string): Promise<CommandAnswer> {
  await vscode.commands.executeCommand(command);
  return { text: '' };
}

function helpText(): string {
  return t(
    '/bg sends this session to the background (/bg help says more), /tasks lists the background shells, /new starts a session, /runtime one with another agent, /model chooses the model of the next turn, /help shows this. Any other /command goes to the agent.',
  );
}
