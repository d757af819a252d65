import type { Clock } from '../../src/base/clock.ts';
import { type Disposable, DisposableStore } from '../../src/base/lifecycle.ts';
import { ChatFeed } from '../../src/core/chatFeed.ts';
import type { Session } from '../../src/core/session.ts';
import type { SessionManager } from '../../src/core/sessionManager.ts';
import type { HostMessage } from '../../src/protocol/messages.ts';
import type { View } from '../../src/protocol/view.ts';
import { Store } from '../../src/webview/store.ts';
import { noOlderMessages } from './noOlderMessages.ts';

export interface ChatPanelOptions {
  readonly manager: SessionManager;
  readonly clock: Clock;
  /** Shows this session whatever is on stage. */
  readonly pinned?: Session;
}

/**
 * The chat panel without a browser: the host's feed and the webview's store, wired as the extension wires them. What
 * crosses between them crosses as JSON, as it does between the processes.
 */
export class ChatPanel implements Disposable {
  readonly feed: ChatFeed;
  /** How many messages of each kind the host has posted. */
  readonly posted = new Map<HostMessage['type'], number>();
  readonly #subscriptions = new DisposableStore();
  #store: Store;
  #frames: (() => void)[] = [];

  constructor({ manager, clock, pinned }: ChatPanelOptions) {
    this.feed = this.#subscriptions.add(
      new ChatFeed({
        clock,
        post: (message) => this.#post(message),
        draftOf: () => '',
        awayOf: () => undefined,
        ...noOlderMessages,
      }),
    );
    this.#store = this.#load();
    this.#subscriptions.add(manager.onDidAppend(({ sessionId, ops }) => this.feed.changed(sessionId, ops)));
    const shown = pinned ?? manager.foreground;
    if (pinned === undefined) {
      this.#subscriptions.add(manager.onDidStage((session) => this.feed.show(session.id, session.model.view)));
    }
    if (shown !== undefined) {
      this.feed.show(shown.id, shown.model.view);
    }
    this.feed.setVisible(true);
    this.#store.needSnapshot();
  }

  /** What the webview holds; undefined until it was sent a snapshot. */
  get view(): View | undefined {
    return this.#store.held?.view;
  }

  get sessionId(): string | undefined {
    return this.#store.held?.sessionId;
  }

  setVisible(visible: boolean): void {
    this.feed.setVisible(visible);
  }

  /** The webview is thrown away and made anew. */
  reload(): void {
    this.feed.reset();
    this.#store = this.#load();
    this.#store.needSnapshot();
  }

  /** Somebody scrolls to the top of what is held. */
  pageUp(): void {
    this.#store.needPage();
  }

  /** The end is watched again: the webview forgets what is far above. */
  forget(): void {
    const { view } = this;
    if (view !== undefined) {
      this.#store.forgetBefore(view.total);
    }
  }

  /** The webview draws. */
  draw(): void {
    for (const run of this.#frames.splice(0)) {
      run();
    }
  }

  /** Everything from the first message on, as somebody finds it who scrolls all the way up. */
  whole(): View | undefined {
    for (let from = this.view?.from ?? 0; from > 0; from = this.view?.from ?? 0) {
      this.#store.needPage();
      if (this.view?.from === from) {
        throw new Error(`no page came before message ${from}`);
      }
    }
    return this.view;
  }

  count(type: HostMessage['type']): number {
    return this.posted.get(type) ?? 0;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #post(message: HostMessage): void {
    const copy = JSON.parse(JSON.stringify(message)) as HostMessage;
    this.posted.set(message.type, this.count(message.type) + 1);
    this.#store.receive(copy);
  }

  #load(): Store {
    this.#frames = [];
    return new Store(
      (message) => {
        switch (message.type) {
          case 'needSnapshot':
            this.feed.needSnapshot();
            break;
          case 'needPage':
            void this.feed.needPage(message.epoch, message.before, message.count);
            break;
          default:
            throw new Error(`not expected: ${message.type}`);
        }
      },
      {
        onChanges: () => undefined,
        onSignal: () => undefined,
        nextFrame: (run) => this.#frames.push(run),
        after: (ms, run) => void setTimeout(run, ms),
      },
    );
  }
}
