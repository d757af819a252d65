import * as vscode from 'vscode';
import { asRecord, asString, isRecord } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import { coreErrors } from '../core/errors.ts';
import type { Redactor } from '../core/redact.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { endOfOutput } from '../core/shells/plainOutput.ts';
import type { Shell } from '../core/shells/shell.ts';
import type { ShellRegistry } from '../core/shells/shellRegistry.ts';
import { shellErrors } from '../core/shells/shellErrors.ts';
import {
  commandLabel,
  durationInWords,
  isShellActive,
  lastLineText,
  orderForPeople,
  shellStatusText,
} from '../core/shells/shellWords.ts';
import type { ChatViews } from './chatViews.ts';
import type { ShellTerminals } from './shellTerminals.ts';

/** What the agent is handed of a shell's output: as much as a model is told of one that has ended, twice. */
const handedCharacters = 8_192;
const handedBytes = 128 * 1024;

export interface ShellCommandDeps {
  readonly manager: SessionManager;
  readonly registry: ShellRegistry;
  readonly terminals: ShellTerminals;
  readonly chat: ChatViews;
  readonly redactor: Redactor;
}

interface ShellRow extends vscode.QuickPickItem {
  readonly id?: string;
}

/** What people can do with shells. */
export function registerShellCommands(
  { manager, registry, terminals, chat, redactor }: ShellCommandDeps,
  register: (name: string, run: (argument: unknown) => unknown) => void,
): void {
  const given = (argument: unknown): Shell | undefined => {
    const id = typeof argument === 'string' ? argument : asString(infoIn(argument)['id']);
    if (id === undefined) {
      return undefined;
    }
    const shell = registry.get(id);
    if (shell === undefined) {
      throw shellErrors.unknownShell(id);
    }
    return shell;
  };
  const choose = async (placeHolder: string, isWanted: (shell: Shell) => boolean): Promise<Shell | undefined> => {
    const rows = orderForPeople(registry.list())
      .filter(({ id }) => isWanted(registry.get(id) as Shell))
      .map((info): ShellRow => ({
        label: `$(${isShellActive(info) ? 'terminal' : 'circle-outline'}) ${commandLabel(info.command)}`,
        description: [shellStatusText(info), durationInWords(info.elapsedMs), manager.info(info.sessionId)?.summary]
          .filter((part) => part !== undefined)
          .join(' · '),
        detail: lastLineText(info) ?? '',
        id: info.id,
      }));
    if (rows.length === 0) {
      say(t('No background shells.'));
      return undefined;
    }
    const chosen = await vscode.window.showQuickPick(rows, { placeHolder, matchOnDescription: true });
    return chosen?.id === undefined ? undefined : registry.get(chosen.id);
  };

  register('startShell', async (argument) => {
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
    const started = registry.start({
      command,
      cwd: asString(record['cwd']) ?? session.model.identity.cwd,
      tty: record['tty'] !== false,
      sessionId: session.id,
    });
    if (!('shell' in started)) {
      throw shellErrors.refused(started);
    }
    terminals.show(started.shell);
    await started.launched;
    return started.shell.id;
  });
  register('showShell', async (argument) => {
    const shell = given(argument) ?? (await choose(t('Which shell do you want to see?'), () => true));
    if (shell !== undefined) {
      terminals.show(shell);
    }
  });
  register('killShell', async (argument) => {
    const shell = given(argument) ?? (await choose(t('Which shell is to be killed?'), ({ isActive }) => isActive));
    const outcome = await shell?.kill();
    if (shell !== undefined && outcome?.kind === 'survived') {
      throw shellErrors.survived(shell.id, outcome.pids);
    }
    return outcome?.kind === 'ended';
  });
  register('killAllShells', async () => {
    const count = await registry.killAll();
    say(count === 1 ? t('1 shell was killed.') : t('{0} shells were killed.', count));
    const left = registry.list().find(({ status }) => status === 'leftRunning');
    if (left !== undefined) {
      const shell = registry.get(left.id);
      throw shellErrors.survived(left.id, shell?.status.kind === 'leftRunning' ? shell.status.pids : []);
    }
    return count;
  });
  register('handShellOutput', async (argument) => {
    const shell = given(argument) ?? (await choose(t('Whose output is the agent to see?'), () => true));
    if (shell === undefined) {
      return;
    }
    const { info } = shell;
    const output = endOfOutput(shell.endText(handedBytes), handedCharacters, redactor);
    const heading = t('Output of `{0}` ({1}):', commandLabel(info.command).replaceAll('`', "'"), shellStatusText(info));
    await manager.open(shell.sessionId);
    manager.compose(shell.sessionId, `${heading}\n\n${fenced(output)}\n`);
    await chat.open();
  });
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
