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

/** The agents' own conversations: those from elsewhere are taken in, and one of ours goes on in a terminal. */
export class NativeConversations implements Disposable {
  readonly #manager: SessionManager;
  readonly #kinds: () => readonly RuntimeKind[];
  readonly #clock: Clock;
  readonly #store = new DisposableStore();

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
    const now = this.#clock.now();
    const listed = this.#kinds().flatMap((kind) =>
      kind.conversations === undefined
        ? []
        : [
            kind.conversations.list(cwd).then((found) =>
              found.map(({ nativeSessionId, title, messageCount, updatedAt }) => ({
                label: title,
                description: `${ageInWords(updatedAt, now)} · ${messageCountText(messageCount)} · ${kind.displayName}`,
                runtime: kind.id,
                nativeSessionId,
              })),
            ),
          ],
    );
    const items = Promise.all(listed).then((lists) => lists.flat());
    items.then(
      (all) => {
        if (all.length === 0) {
          void vscode.window.showInformationMessage(t('The agents have no conversations of their own in this folder.'));
        }
      },
      () => undefined,
    );
    const chosen = await vscode.window.showQuickPick(items, {
      placeHolder: t('Which conversation is to be imported?'),
      matchOnDescription: true,
    });
    return chosen === undefined
      ? undefined
      : this.#manager.importConversation(chosen.runtime, cwd, chosen.nativeSessionId);
  }

  /** Our process ends first, and the session waits until the terminal is closed: a conversation has one process. */
  async continueInTerminal(id: string): Promise<void> {
    const session = await this.#manager.get(id);
    const { identity, nativeSessionId } = session.model;
    const kind = this.#kinds().find((candidate) => candidate.id === identity.runtime);
    const resume = kind?.terminal?.resume;
    if (resume === undefined || nativeSessionId === undefined) {
      throw coreErrors.notConfigured(t('This session has no conversation that a terminal could continue.'));
    }
    session.assertWritable();
    if (session.isBusy) {
      const stop = t('Stop and Continue');
      const answer = await vscode.window.showWarningMessage(
        t('The session is at work. To continue in a terminal, its turn is stopped.'),
        { modal: true },
        stop,
      );
      if (answer !== stop) {
        return;
      }
    }
    session.warn(
      'continuedInTerminal',
      t('This conversation goes on in a terminal. What is said there is not shown here.'),
    );
    session.makeReadOnly(t('This conversation goes on in a terminal. Close the terminal to go on here.'), undefined);
    await session.stop();
    const settings = runtimeConfig(kind?.settingsSection);
    const terminal = vscode.window.createTerminal({
      name: `${kind?.displayName ?? ''}: ${session.model.view.header.name}`,
      cwd: identity.cwd,
      env: settingOr(settings.env, {}),
      // A terminal that came back after a reload would run beside our own process.
      isTransient: true,
    });
    const following = new DisposableStore();
    this.#store.add(following);
    following.add(
      vscode.window.onDidCloseTerminal((closed) => {
        if (closed === terminal) {
          following.dispose();
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
    terminal.show();
    terminal.sendText(resume(nativeSessionId, settingOr(settings.command, '')));
  }

  dispose(): void {
    this.#store.dispose();
  }
}
