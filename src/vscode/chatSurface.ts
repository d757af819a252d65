import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { Log } from '../base/log.ts';
import { awayOf } from '../core/awayOf.ts';
import { ChatFeed } from '../core/chatFeed.ts';
import type { SessionCatalog } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { SessionModels } from '../core/sessionModels.ts';
import { type Away, type HostMessage, parseWebviewMessage, type WebviewMessage } from '../protocol/messages.ts';
import type { AgentWatch } from './agentWatch.ts';
import type { ChatFiles } from './chatFiles.ts';
import type { ComposerCommands } from './composerCommands.ts';
import type { ModeSwitch } from './modeSwitch.ts';
import { infoOf, type Problems, type RunAction } from './problems.ts';

export interface ChatSurfaceDeps {
  readonly manager: SessionManager;
  readonly catalog: Pick<SessionCatalog, 'readDraft' | 'saveDraft'> & Pick<SessionModels, 'loadMessages'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: Problems;
  readonly runAction: RunAction;
  readonly chatFiles: ChatFiles;
  readonly composerCommands: ComposerCommands;
  readonly agents: AgentWatch;
  readonly modes: ModeSwitch;
  /** Whether this webview has the keyboard. */
  readonly onFocus?: (surface: ChatSurface, focused: boolean) => void;
}

/** A page that asks so soon after it was given the keyboard is a new one: VS Code loads it again when it moves the view. */
const reloadMs = 3_000;

/**
 * One webview that shows the session on stage: keeps it up to date and does what it asks. There can be two, the view in
 * a side bar and the one in an editor.
 */
export class ChatSurface implements Disposable {
  readonly #deps: ChatSurfaceDeps;
  readonly #webview: vscode.Webview;
  readonly #feed: ChatFeed;
  readonly #store = new DisposableStore();
  #badMessages = 0;
  #focusedAt = -Infinity;

  constructor(deps: ChatSurfaceDeps, webview: vscode.Webview) {
    this.#deps = deps;
    this.#webview = webview;
    this.#feed = this.#store.add(
      new ChatFeed({
        clock: deps.clock,
        post: (message) => this.#post(message),
        draftOf: (id) => deps.catalog.readDraft(id),
        loadMessages: (id, before, count) => deps.catalog.loadMessages(id, before, count),
        problemOf: (error) => {
          const { code, message } = infoOf(error);
          deps.log.warn(`older messages could not be read (${code}): ${message}`);
          return message;
        },
        awayOf: (id) => this.#awayOf(id),
      }),
    );
    this.#store.add(deps.manager.onDidAppend(({ sessionId, ops }) => this.#feed.changed(sessionId, ops)));
    this.#store.add(deps.manager.onDidStage((session) => this.#show(session)));
    this.#store.add(
      deps.manager.onDidReturnText(({ sessionId, text }) => {
        if (sessionId === this.#feed.sessionId) {
          this.#post({ type: 'compose', text });
        }
      }),
    );
    this.#store.add(deps.agents.onDidChange(() => this.#tellAgent()));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => this.#receive(message)));
    const { foreground } = deps.manager;
    if (foreground !== undefined) {
      this.#show(foreground);
    }
  }

  get sessionId(): string | undefined {
    return this.#feed.sessionId;
  }

  setVisible(visible: boolean): void {
    this.#feed.setVisible(visible);
  }

  focusComposer(): void {
    this.#focusedAt = this.#deps.clock.monotonic();
    this.#post({ type: 'focus' });
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(session: Session): void {
    this.#feed.show(session.id, session.model.view);
  }

  #awayOf(id: string): Away | undefined {
    const { manager, clock } = this.#deps;
    const missed = manager.missed(id);
    return missed === undefined ? undefined : awayOf(missed, manager.live(id)?.model.view, clock.now());
  }

  /** Only an empty chat shows it; one with messages does not need to look. */
  #tellAgent(): void {
    const { manager, agents } = this.#deps;
    const { foregroundId } = manager;
    if (foregroundId === undefined || manager.isEmpty(foregroundId)) {
      agents.look();
      this.#post({ type: 'agent', notice: agents.notice() });
    }
  }

  #post(message: HostMessage): void {
    // Never awaited: a webview that is gone answers false, and one that comes back asks for a snapshot.
    this.#webview
      .postMessage(message)
      .then(undefined, (error: unknown) => this.#deps.log.warn(`a message did not reach the chat: ${String(error)}`));
  }

  #receive(value: unknown): void {
    const message = parseWebviewMessage(value);
    if (message === undefined) {
      this.#badMessages += 1;
      this.#deps.log.warn(`the chat sent something that is no message (${this.#badMessages} so far)`);
      return;
    }
    this.#deps.problems.guard(() => this.#handle(message));
  }

  async #handle(message: WebviewMessage): Promise<void> {
    const { manager, catalog, chatFiles } = this.#deps;
    switch (message.type) {
      case 'needSnapshot':
        await manager.ensureForeground((problem) => this.#deps.problems.warn(problem));
        this.#feed.needSnapshot();
        this.#tellAgent();
        if (this.#deps.clock.monotonic() - this.#focusedAt < reloadMs) {
          this.#post({ type: 'focus' });
        }
        break;
      case 'needPage':
        await this.#feed.needPage(message.epoch, message.before, message.count);
        break;
      case 'send':
        await this.#send(message);
        break;
      case 'unqueue':
        await manager.live(message.sessionId)?.unqueue(message.messageId);
        break;
      case 'cancelTurn':
        await manager.live(message.sessionId)?.cancel();
        break;
      case 'decide':
        await manager.decide(message.approvalId, message.decision, message.message, message.mode);
        break;
      case 'answer':
        await manager.answer(message.questionId, message.answers);
        break;
      case 'draft':
        catalog.saveDraft(message.sessionId, message.text);
        break;
      case 'setMode':
        if (manager.foreground !== undefined) {
          await this.#deps.modes.change(manager.foreground, message.mode);
        }
        break;
      case 'chooseMode':
        await vscode.commands.executeCommand('greenroom.selectMode');
        break;
      case 'chooseModel':
        await vscode.commands.executeCommand('greenroom.selectModel');
        break;
      case 'focusChanged':
        this.#deps.onFocus?.(this, message.focused);
        break;
      case 'openDiff':
        await chatFiles.openDiff(message.sessionId, message.toolCallId);
        break;
      case 'openProposedDiff':
        await chatFiles.openProposedDiff(message.approvalId);
        break;
      case 'openBlob':
        await chatFiles.openBlob(message.sessionId, message.blob, message.title);
        break;
      case 'openFile':
        await chatFiles.openFile(message.path, message.line);
        break;
      case 'action':
        await this.#deps.runAction({
          id: message.action,
          label: '',
          ...(message.argument === undefined ? {} : { argument: message.argument }),
        });
        break;
    }
  }

  /** The text stays in the composer until this is answered: nothing that was typed is lost by a refusal. */
  async #send({ requestId, sessionId, text }: Extract<WebviewMessage, { type: 'send' }>): Promise<void> {
    const { manager, catalog, composerCommands, log } = this.#deps;
    const command = composerCommands.find(text);
    try {
      if (command === undefined) {
        await (await manager.get(sessionId)).send(text);
        catalog.saveDraft(sessionId, '');
        this.#post({ type: 'sent', requestId });
        return;
      }
      // A command is no draft: a session that holds nothing else is empty, and a move may let it go.
      catalog.saveDraft(sessionId, '');
      const answer = await command();
      this.#post({ type: 'sent', requestId });
      if (answer.text !== '') {
        this.#post({ type: 'hint', ...answer, level: 'info' });
      }
    } catch (error) {
      const { code, message } = infoOf(error);
      log.warn(`a message was not accepted (${code}): ${message}`);
      catalog.saveDraft(sessionId, text);
      this.#post({ type: 'sent', requestId, refused: message });
    }
  }
}
