import * as vscode from 'vscode';
import { asRecord, asString } from '../base/json.ts';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { coreErrors } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { Session } from '../core/session.ts';
import type { CreateOptions, SessionManager } from '../core/sessionManager.ts';
import { approvalModes } from '../protocol/modes.ts';
import type { AlwaysApproved } from '../core/approvalPolicy.ts';
import { startInBackground } from '../core/startWithPrompt.ts';
import type { ApiKeys } from './apiKeys.ts';
import type { ChatViews } from './chatViews.ts';
import type { ExportCommandDeps } from './exportCommand.ts';
import { givenSession } from './givenSession.ts';
import { type Register, registerLate } from './lateCommands.ts';
import type { ModeSwitch } from './modeSwitch.ts';
import type { NativeConversations } from './nativeConversations.ts';
import type { SessionPicker } from './pickSession.ts';
import type { Problems } from './problems.ts';
import type { SessionTree } from './sessionTree.ts';

export interface CommandDeps {
  readonly manager: SessionManager;
  readonly problems: Problems;
  readonly chat: ChatViews;
  readonly tree: SessionTree;
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly kinds: () => readonly RuntimeKind[];
  readonly clock: Clock;
  readonly loadPicker: () => Promise<SessionPicker>;
  readonly loadNative: () => Promise<NativeConversations>;
  readonly exporting: ExportCommandDeps;
  readonly apiKeys: ApiKeys;
  readonly showLog: () => void;
  readonly modes: ModeSwitch;
  readonly always: AlwaysApproved;
  /** More commands, whose failures are shown in the same way. */
  readonly registerOthers: (register: Register) => void;
}

/** Everything that the palette, the menus, keybindings and other extensions can call. */
export function registerCommands(deps: CommandDeps): Disposable {
  const store = new DisposableStore();
  const { manager, problems, chat } = deps;
  // A command's failure is shown, and the caller (a keybinding, another extension) gets it too.
  const register: Register = (name, run) => {
    const shown = async (argument: unknown): Promise<unknown> => {
      try {
        return await run(argument);
      } catch (error) {
        problems.show(error);
        return undefined;
      }
    };
    store.add(vscode.commands.registerCommand(`greenroom.${name}`, shown));
  };

  register('newSession', async (argument) => {
    const { prompt, ...options } = startArguments(argument);
    const session = await manager.create(options);
    await chat.open();
    await sendIfAny(session, prompt);
    return session.id;
  });
  register('startInBackground', async (argument) => {
    const { prompt, ...options } = startArguments(argument);
    const text = prompt ?? (await askForPrompt());
    if (text === undefined) {
      return undefined;
    }
    return (await startInBackground(manager, options, text)).id;
  });
  register('startDemo', async () => {
    const session = await manager.create({ runtime: 'demo' });
    await chat.open();
    await sendIfAny(session, deps.kindOf('demo').firstMessage);
    return session.id;
  });
  register('openChat', () => chat.open());
  register('openChatInEditor', () => chat.openInEditor());
  register('send', async (argument) => {
    const text = typeof argument === 'string' ? argument : await askForPrompt();
    if (text !== undefined) {
      await (await stage(manager)).send(text);
    }
  });
  register('cancelTurn', async (argument) => {
    const id = givenSession(argument);
    await (id === undefined ? manager.foreground : manager.live(id))?.cancel();
  });
  register('approve', () => decideFirst(manager, 'allowOnce'));
  register('reject', () => decideFirst(manager, 'reject'));
  registerLate(
    register,
    ['moveToBackground', 'listBackground', 'resumeSlot', 'dropSlot', 'nextNeedsYou'],
    async () => new (await import('./slotCommands.ts')).SlotCommands(deps),
  );
  register('openStoredSession', async (argument) => {
    const id =
      givenSession(argument) ?? (await (await deps.loadPicker()).pick(t('A name, or something that was said'), true));
    if (id !== undefined) {
      await chat.whileBusy(t('Opening the session…'), () => manager.open(id));
      await chat.open();
    }
  });
  register('takeOver', async (argument) => {
    const id = givenSession(argument) ?? manager.foregroundId;
    if (id !== undefined) {
      await vscode.window.withProgress(
        { location: { viewId: 'greenroom.sessions' }, title: t('Asking the other window…') },
        () => manager.takeOver(id),
      );
    }
  });
  register('renameSession', async (argument) => {
    const id = await sessionArgument(deps, argument, t('Which session is to be renamed?'));
    const info = id === undefined ? undefined : manager.info(id);
    if (id === undefined || info === undefined) {
      return;
    }
    const name = await vscode.window.showInputBox({
      title: t('Rename Session'),
      value: info.name,
      validateInput: (value) => (value.length > 200 ? t('At most 200 characters.') : undefined),
    });
    if (name !== undefined) {
      await (await manager.get(id)).rename(name.trim());
    }
  });
  register('deleteSession', async (argument) => {
    const id = await sessionArgument(deps, argument, t('Which session is to be deleted?'));
    const info = id === undefined ? undefined : manager.info(id);
    if (id === undefined || info === undefined) {
      return;
    }
    const isAtWork = info.state === 'running' || info.state === 'pending';
    const remove = t('Delete');
    const answer = isAtWork
      ? await vscode.window.showWarningMessage(
          t("The session '{0}' is at work. Deleting it ends its processes.", info.summary),
          { modal: true },
          remove,
        )
      : remove;
    if (answer !== remove) {
      return;
    }
    await manager.delete(id);
    const undo = t('Undo');
    const said = t("The session '{0}' was deleted. It is kept in the trash for 30 days.", info.summary);
    // Whoever called goes on: the offer stays as long as the person leaves it there.
    problems.guard(async () => {
      if ((await vscode.window.showInformationMessage(said, undo)) === undo) {
        await manager.restoreDeleted(id);
      }
    });
  });
  register('restoreSession', async (argument) => {
    const id = givenSession(argument) ?? (await (await import('./restoreDeleted.ts')).pickDeleted(manager, deps.clock));
    if (id !== undefined) {
      await manager.restoreDeleted(id);
      await manager.open(id);
      await chat.open();
    }
  });
  register('importSession', async () => {
    if ((await (await deps.loadNative()).import()) !== undefined) {
      await chat.open();
    }
  });
  register('continueInTerminal', async (argument) => {
    const id = givenSession(argument) ?? manager.foregroundId;
    if (id !== undefined) {
      await (await deps.loadNative()).continueInTerminal(id);
    }
  });
  register('exportSession', async (argument) => {
    const id =
      givenSession(argument) ?? (await (await deps.loadPicker()).pick(t('Which session is to be exported?'), false));
    if (id !== undefined) {
      await manager.live(id)?.flush();
      const { exportToFile } = await import('./exportCommand.ts');
      await exportToFile(deps.exporting, id);
    }
  });
  register('selectMode', async (argument) => {
    const session = await stage(manager);
    const mode = approvalModes.find((candidate) => candidate === argument);
    await (mode === undefined ? deps.modes.choose(session) : deps.modes.change(session, mode));
  });
  register('manageApprovals', async () => {
    const { manageApprovals } = await import('./manageApprovals.ts');
    await manageApprovals(deps.always, deps.clock);
  });
  register('selectModel', async (argument) => {
    const session = await stage(manager);
    const model =
      typeof argument === 'string'
        ? argument
        : await (
            await import('./pickModel.ts')
          ).pickModel(session, deps.kindOf(session.model.identity.runtime), problems);
    if (model !== undefined) {
      await session.setModel(model === '' ? undefined : model);
    }
  });
  register('selectRuntime', async (argument) => {
    const runtime = typeof argument === 'string' ? argument : await pickRuntime(deps.kinds());
    if (runtime !== undefined) {
      await manager.create({ runtime: deps.kindOf(runtime).id });
      await chat.open();
    }
  });
  register('setApiKey', (argument) => deps.apiKeys.set(asString(argument)));
  register('clearApiKey', (argument) => deps.apiKeys.clear(asString(argument)));
  register('showLog', () => deps.showLog());
  register('copySessionId', async (argument) => {
    const id = await sessionArgument(deps, argument, t('Which session?'));
    if (id !== undefined) {
      await vscode.env.clipboard.writeText(id);
    }
  });
  deps.registerOthers(register);
  return store;
}

async function stage(manager: SessionManager): Promise<Session> {
  const session = await manager.ensureForeground(() => undefined);
  if (session === undefined) {
    throw coreErrors.noFolder();
  }
  return session;
}

async function sendIfAny(session: Session, prompt: string | undefined): Promise<void> {
  if (prompt !== undefined) {
    await session.send(prompt);
  }
}

function startArguments(argument: unknown): CreateOptions & { readonly prompt?: string } {
  const record = asRecord(argument);
  const [runtime, model, prompt] = [asString(record['runtime']), asString(record['model']), asString(record['prompt'])];
  if (record['worktree'] === true) {
    throw coreErrors.notYetAvailable(t('A worktree of its own'));
  }
  return {
    ...(runtime === undefined ? {} : { runtime }),
    ...(model === undefined ? {} : { model }),
    ...(prompt === undefined ? {} : { prompt }),
  };
}

async function askForPrompt(): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Greenroom',
    prompt: t('What should the agent do?'),
    ignoreFocusOut: true,
  });
  return text === undefined || text.trim() === '' ? undefined : text;
}

async function decideFirst(manager: SessionManager, decision: 'allowOnce' | 'reject'): Promise<void> {
  const pending = manager.foreground?.model.view.header.pending.find((item) => item.kind !== 'question');
  if (pending === undefined) {
    throw coreErrors.unknownApproval();
  }
  await manager.decide(pending.id, decision);
}

/** A session id, a tree item, or the person's choice from a list with a filter. */
async function sessionArgument(deps: CommandDeps, argument: unknown, placeholder: string): Promise<string | undefined> {
  const given = givenSession(argument);
  // A keybinding is given no item: it asks for the row that has the keyboard.
  const wanted = given ?? (asRecord(argument)['focused'] === true ? await deps.tree.focusedId() : undefined);
  if (wanted !== undefined) {
    return wanted;
  }
  return (await deps.loadPicker()).pick(placeholder, false);
}

/** A session keeps its runtime: another one is another session. */
async function pickRuntime(kinds: readonly RuntimeKind[]): Promise<string | undefined> {
  const items = kinds.map(({ id, displayName }) => ({ label: displayName, description: id, id }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('A new session with which agent?') }))?.id;
}
