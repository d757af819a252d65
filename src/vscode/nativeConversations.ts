import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { ageInWords } from '../core/age.ts';
import { coreErrors } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { Session } from '../core/session.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { runtimeConfig, settingOr } from './config.ts';
import { messageCountText } from './messageCountText.ts';
import { assertFolder } from './prepareRun.ts';

/** The agents' own conversations: those from elsewhere are taken in, and one of ours goes on in a terminal. */
export class NativeConversations implements Disposable {
  readonly #manager: SessionManager;
  readonly #kinds: () => readonly RuntimeKind[];
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  /** The open terminals, by the session that each goes on with. */
  readonly #terminals = new Map<string, vscode.Terminal>();

  constructor(manager: SessionManager, kinds: () => readonly RuntimeKind[], clock: Clock) {
    this.#manager = manager;
    this.#kinds = kinds;
    this.#clock = clock;
  }

  /** The session that a chosen conversation became; undefined if none was chosen. */
  async import(): Promise<Session | undefined> {
    const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    if (cwd === undefined) {
      throw coreErrors.noFolder();
    }
    const nothing = new vscode.CancellationTokenSource();
    const items = this.#list(cwd).then((rows) => {
      if (rows.length === 0) {
        nothing.cancel();
        void vscode.window.showInformationMessage(t('The agents have no conversations of their own in this folder.'));
      }
      return rows;
    });
    try {
      const options = { placeHolder: t('Which conversation is to be imported?'), matchOnDescription: true };
      const chosen = await vscode.window.showQuickPick(items, options, nothing.token);
      return chosen === undefined
        ? undefined
        : await this.#manager.importConversation(chosen.runtime, cwd, chosen.nativeSessionId, chosen.env);
    } finally {
      nothing.dispose();
    }
  }

  /** The newest first, whichever agent had them. */
  async #list(cwd: string) {
    const now = this.#clock.now();
    const lists = this.#kinds().map(async ({ id, displayName, settingsSection, conversations }) => {
      const env = settingOr(runtimeConfig(settingsSection).env, {});
      const found = (await conversations?.(env).list(cwd)) ?? [];
      return found.map(({ nativeSessionId, title, messageCount, updatedAt }) => ({
        label: title,
        description: [ageInWords(updatedAt, now), messageCountText(messageCount), displayName].join(' · '),
        runtime: id,
        nativeSessionId,
        env,
        updatedAt,
      }));
    });
    return (await Promise.all(lists)).flat().sort((a, b) => b.updatedAt - a.updatedAt);
  }

  /** Our process ends first, and the session waits until the terminal is closed: a conversation has one process. */
  async continueInTerminal(id: string): Promise<void> {
    const open = this.#terminals.get(id);
    if (open !== undefined) {
      open.show();
      return;
    }
    const session = await this.#manager.get(id);
    const { identity, nativeSessionId } = session.model;
    const kind = this.#kinds().find((candidate) => candidate.id === identity.runtime);
    if (kind?.terminal?.resume === undefined || nativeSessionId === undefined) {
      throw coreErrors.notConfigured(t('This session has no conversation that a terminal could continue.'));
    }
    session.assertWritable();
    if (kind.capabilities.needsTrust && !vscode.workspace.isTrusted) {
      throw coreErrors.untrustedWorkspace();
    }
    await assertFolder(identity.cwd);
    const settings = runtimeConfig(kind.settingsSection);
    const program = await kind.terminal.resume(nativeSessionId, {
      command: settings.command(),
      env: settings.env(),
      mode: session.model.view.header.mode,
      permissionMode: settings.permissionMode(),
      model: session.model.chosenModel ?? settings.model(),
    });
    if (session.isBusy && !(await mayStop())) {
      return;
    }
    session.makeReadOnly(t('This conversation goes on in a terminal. Close the terminal to go on here.'), undefined);
    await session.stop();
    session.warn(
      'continuedInTerminal',
      t('This conversation goes on in a terminal. What is said there is not shown here.'),
    );
    const terminal = vscode.window.createTerminal({
      name: `${kind.displayName}: ${session.model.view.header.name}`,
      cwd: identity.cwd,
      // In place of a shell: nothing has to be quoted, and the terminal ends with the conversation.
      shellPath: program.path,
      shellArgs: [...program.args],
      env: { ...program.env },
      iconPath: new vscode.ThemeIcon('comment-discussion'),
      // A terminal that came back after a reload would run beside our own process.
      isTransient: true,
    });
    this.#follow(session, terminal);
    terminal.show();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The session can be written again once the terminal is closed; the terminal goes with the session. */
  #follow(session: Session, terminal: vscode.Terminal): void {
    const { id } = session;
    const following = this.#store.add(new DisposableStore());
    this.#terminals.set(id, terminal);
    following.add(
      vscode.window.onDidCloseTerminal((closed) => {
        if (closed === terminal) {
          this.#terminals.delete(id);
          this.#store.delete(following);
          if (this.#manager.live(id) === session) {
            session.makeWritable();
          }
        }
      }),
    );
    following.add(
      this.#manager.onDidChange(() => {
        if (this.#manager.live(id) !== session) {
          terminal.dispose();
        }
      }),
    );
  }
}

async function mayStop(): Promise<boolean> {
  const stop = t('Stop and Continue');
  const answer = await vscode.window.showWarningMessage(
    t('The session is at work. To continue in a terminal, its turn is stopped.'),
    { modal: true },
    stop,
  );
  return answer === stop;
}
