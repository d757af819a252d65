import * as vscode from 'vscode';
import { asRecord, asString, isRecord } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import { coreErrors } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { Redactor } from '../core/redact.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { AgentShell, ListedShell } from '../core/shells/agentShells.ts';
import { endOfOutput } from '../core/shells/plainOutput.ts';
import { readStoredOutput } from '../core/shells/readStoredOutput.ts';
import type { Shell } from '../core/shells/shell.ts';
import type { LazyShells } from '../core/shells/lazyShells.ts';
import { shellErrors } from '../core/shells/shellErrors.ts';
import type { ShellList } from '../core/shells/shellList.ts';
import {
  commandLabel,
  durationInWords,
  isShellActive,
  lastLineText,
  orderForPeople,
  shellStatusText,
} from '../core/shells/shellWords.ts';
import type { ChatViews } from './chatViews.ts';
import type { Problems } from './problems.ts';
import { ShellTerminals } from './shellTerminals.ts';

/** What the agent is handed of a shell's output: as much as a model is told of one that has ended, twice. */
const handedCharacters = 8_192;
const handedBytes = 128 * 1024;

export interface ShellCommandDeps {
  readonly manager: SessionManager;
  readonly shells: LazyShells;
  /** Those of `shells`, and those that agents run by their own means. */
  readonly list: Pick<ShellList, 'list'>;
  readonly clock: Clock;
  readonly chat: ChatViews;
  readonly redactor: Redactor;
  readonly problems: Problems;
}

interface ShellRow extends vscode.QuickPickItem {
  readonly info: ListedShell;
}

/** What people can do with shells. Each command takes a shell's id or its row of the tree, or asks for one. */
export class ShellCommands implements Disposable {
  readonly #deps: ShellCommandDeps;
  readonly #terminals: ShellTerminals;

  constructor(deps: ShellCommandDeps) {
    this.#deps = deps;
    this.#terminals = new ShellTerminals(deps.clock, (error) => deps.problems.show(error));
  }

  /** A command line, `{command, cwd?, tty?}`, or nothing: then the person is asked. Answers the shell's id. */
  async startShell(argument: unknown): Promise<string | undefined> {
    const { manager, shells } = this.#deps;
    const record = asRecord(argument);
    const asked = typeof argument === 'string' ? argument : asString(record['command']);
    const command = asked ?? (await askForCommand());
    if (command === undefined || command.trim() === '') {
      return undefined;
    }
    const session = await manager.ensureForeground(() => undefined);
    if (session === undefined) {
      throw coreErrors.noFolder();
    }
    if (!vscode.workspace.isTrusted) {
      throw coreErrors.untrustedWorkspace();
    }
    const started = (await shells.open()).start({
      command,
      cwd: asString(record['cwd']) ?? session.model.identity.cwd,
      tty: record['tty'] !== false,
      sessionId: session.id,
    });
    if (!('shell' in started)) {
      throw shellErrors.refused(started);
    }
    this.#terminals.show(started.shell);
    await started.launched;
    return started.shell.id;
  }

  async showShell(argument: unknown): Promise<void> {
    const shell = this.#given(argument) ?? (await this.#choose(t('Which shell do you want to see?'), () => true));
    if (shell !== undefined && 'isAgents' in shell) {
      // What it says is in the chat, as far as the agent looks at it.
      await this.#deps.manager.open(shell.sessionId);
      await this.#deps.chat.open();
    } else if (shell !== undefined) {
      this.#terminals.show(shell);
    }
  }

  /** True if a running shell was killed. */
  async killShell(argument: unknown): Promise<boolean> {
    const shell = this.#given(argument) ?? (await this.#choose(t('Which shell is to be killed?'), isShellActive));
    if (shell !== undefined && 'isAgents' in shell) {
      return this.#stop(shell);
    }
    const outcome = await shell?.kill();
    if (shell !== undefined && outcome?.kind === 'survived') {
      throw shellErrors.survived(shell.id, outcome.pids);
    }
    return outcome?.kind === 'ended';
  }

  /** Answers how many were killed. */
  async killAllShells(_argument?: unknown): Promise<number> {
    const { shells, list } = this.#deps;
    const agents = list.list().filter((info) => info.isAgents === true);
    const stopped = await Promise.all(agents.filter(isShellActive).map((shell) => this.#stop(shell)));
    const count = (await (await shells.open()).killAll()) + stopped.filter(Boolean).length;
    say(count === 1 ? t('1 shell was killed.') : t('{0} shells were killed.', count));
    const left = shells.list().find(({ status }) => status === 'leftRunning');
    if (left !== undefined) {
      const status = shells.get(left.id)?.status;
      throw shellErrors.survived(left.id, status?.kind === 'leftRunning' ? status.pids : []);
    }
    return count;
  }

  /** Puts what a shell said last into the composer of its session. */
  async handShellOutput(argument: unknown): Promise<void> {
    const { manager, chat, redactor } = this.#deps;
    const isOurs = ({ isAgents }: ListedShell): boolean => isAgents !== true;
    const shell = this.#given(argument) ?? (await this.#choose(t('Whose output is the agent to see?'), isOurs));
    if (shell === undefined || 'isAgents' in shell) {
      return;
    }
    const { info } = shell;
    const output = endOfOutput(await storedEnd(shell), handedCharacters, redactor);
    const heading = t('Output of `{0}` ({1}):', commandLabel(info.command).replaceAll('`', "'"), shellStatusText(info));
    await manager.open(shell.sessionId);
    manager.compose(shell.sessionId, `${heading}\n\n${fenced(output)}\n`);
    await chat.open();
  }

  dispose(): void {
    this.#terminals.dispose();
  }

  async #stop(shell: AgentShell): Promise<boolean> {
    if ((await this.#deps.manager.live(shell.sessionId)?.stopTask(shell.id)) !== true) {
      throw shellErrors.notStopped(commandLabel(shell.command));
    }
    return true;
  }

  #given(argument: unknown): Shell | AgentShell | undefined {
    const { id: given, sessionId, isAgents } = infoIn(argument);
    const id = typeof argument === 'string' ? argument : asString(given);
    if (id === undefined) {
      return undefined;
    }
    const shell =
      isAgents === true ? this.#agentShell({ id, sessionId: asString(sessionId) ?? '' }) : this.#deps.shells.get(id);
    if (shell === undefined) {
      throw shellErrors.unknownShell(id);
    }
    return shell;
  }

  #agentShell({ id, sessionId }: Pick<ListedShell, 'id' | 'sessionId'>): AgentShell | undefined {
    const found = this.#deps.list.list().find((info) => info.id === id && info.sessionId === sessionId);
    return found?.isAgents === true ? found : undefined;
  }

  async #choose(
    placeHolder: string,
    isWanted: (info: ListedShell) => boolean,
  ): Promise<Shell | AgentShell | undefined> {
    const { manager, shells, list } = this.#deps;
    const rows = orderForPeople(list.list())
      .filter(isWanted)
      .map((info): ShellRow => ({
        label: `$(${isShellActive(info) ? 'terminal' : 'circle-outline'}) ${commandLabel(info.command)}`,
        description: [shellStatusText(info), durationInWords(info.elapsedMs), manager.info(info.sessionId)?.summary]
          .filter((part) => part !== undefined)
          .join(' · '),
        detail: info.isAgents === true ? t('Run by the agent itself') : (lastLineText(info) ?? ''),
        info,
      }));
    if (rows.length === 0) {
      say(t('No background shells.'));
      return undefined;
    }
    const chosen = await vscode.window.showQuickPick(rows, { placeHolder, matchOnDescription: true });
    return chosen?.info.isAgents === true ? chosen.info : shells.get(chosen?.info.id ?? '');
  }
}

/** The last of what a shell has said: of one that has ended it is on the disk only. */
async function storedEnd(shell: Shell): Promise<string> {
  const pieces: Uint8Array[] = [];
  const { end } = shell.output;
  for (let offset = Math.max(0, end - handedBytes); offset < end;) {
    const read = await readStoredOutput(shell, offset, handedBytes);
    if (read === undefined || read.bytes.length === 0) {
      break;
    }
    pieces.push(read.bytes);
    offset = read.from + read.bytes.length;
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

/** A tree item's shell, or an object with an id. */
function infoIn(argument: unknown): Record<string, unknown> {
  const record = asRecord(argument);
  return isRecord(record['shell']) ? record['shell'] : record;
}

async function askForCommand(): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: t('Start a Background Shell'),
    prompt: t('Which command? It runs until it ends or you kill it, and the agent of this session can read it.'),
    placeHolder: 'npm run dev',
    ignoreFocusOut: true,
  });
}

/** As a code block, whatever fences the text has in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** For a moment, where it does not have to be clicked away. */
function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 6_000);
}
