import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { chatHtml, chatResourceRoots } from './chatHtml.ts';
import type { ChatSurface } from './chatSurface.ts';
import type { NewChatSurface } from './chatSurfaces.ts';
import type { Problems } from './problems.ts';

const viewId = 'greenroom.chat';
const panelType = 'greenroom.chatEditor';

export interface ChatViewsDeps {
  readonly manager: SessionManager;
  readonly problems: Problems;
  readonly loadSurfaces: () => Promise<NewChatSurface>;
}

/** A place that the workbench gave to a chat: the view, or a tab. */
interface Place {
  readonly visible: boolean;
  readonly webview: vscode.Webview;
  readonly onDidDispose: vscode.Event<void>;
  readonly onDidChange: vscode.Event<unknown>;
}

/**
 * The two places of the chat: the view in a side bar and the tab in an editor. Both show the session on stage; what is
 * moved, hidden or reloaded is built anew from a snapshot.
 */
export class ChatViews implements vscode.WebviewViewProvider, vscode.WebviewPanelSerializer, Disposable {
  readonly #deps: ChatViewsDeps;
  readonly #extensionUri: vscode.Uri;
  readonly #l10n: Readonly<Record<string, string>>;
  readonly #store = new DisposableStore();
  /** Whether each is visible. */
  readonly #surfaces = new Map<ChatSurface, boolean>();
  /** The one in the view, which is where the chat is opened. */
  #viewSurface: ChatSurface | undefined;
  /** The one that has the keyboard: what a click takes from one may be told before what it gives to the other. */
  #focused: ChatSurface | undefined;
  #panel: vscode.WebviewPanel | undefined;
  #focusWhenShown = false;
  #newSurface: NewChatSurface | undefined;

  constructor(deps: ChatViewsDeps, extensionUri: vscode.Uri, l10n: Readonly<Record<string, string>>) {
    this.#deps = deps;
    this.#extensionUri = extensionUri;
    this.#l10n = l10n;
    this.#store.add(
      vscode.window.registerWebviewViewProvider(viewId, this, { webviewOptions: { retainContextWhenHidden: true } }),
    );
    this.#store.add(vscode.window.registerWebviewPanelSerializer(panelType, this));
    this.#store.add(this.#deps.manager.onDidStage(() => this.#tellWhatIsOnScreen()));
  }

  resolveWebviewView(view: vscode.WebviewView): Promise<void> {
    return this.#attach(
      {
        get visible() {
          return view.visible;
        },
        webview: view.webview,
        onDidDispose: (listener, ...more) => view.onDidDispose(listener, ...more),
        onDidChange: (listener, ...more) => view.onDidChangeVisibility(listener, ...more),
      },
      true,
    );
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    return this.#adoptPanel(panel);
  }

  async open(): Promise<void> {
    this.#focusWhenShown = true;
    await vscode.commands.executeCommand(`${viewId}.focus`);
    this.#focusComposer();
  }

  /** Shows that something takes its time, where the chat is. */
  whileBusy<T>(title: string, task: () => Promise<T>): Thenable<T> {
    return vscode.window.withProgress({ location: { viewId }, title }, task);
  }

  openInEditor(): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal();
      return;
    }
    const options = {
      enableScripts: true,
      localResourceRoots: chatResourceRoots(this.#extensionUri),
      retainContextWhenHidden: true,
    };
    const panel = vscode.window.createWebviewPanel(panelType, t('Greenroom Chat'), vscode.ViewColumn.Active, options);
    this.#deps.problems.guard(() => this.#adoptPanel(panel));
  }

  dispose(): void {
    this.#store.dispose();
    for (const surface of this.#surfaces.keys()) {
      surface.dispose();
    }
    this.#surfaces.clear();
  }

  #adoptPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, 'media', 'greenroom.svg');
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    return this.#attach(
      {
        get visible() {
          return panel.visible;
        },
        webview: panel.webview,
        onDidDispose: (listener, ...more) => panel.onDidDispose(listener, ...more),
        onDidChange: (listener, ...more) => panel.onDidChangeViewState(listener, ...more),
      },
      false,
    );
  }

  async #attach(place: Place, isView: boolean): Promise<void> {
    const { webview } = place;
    let isGone = false;
    place.onDidDispose(() => {
      isGone = true;
    });
    webview.options = { enableScripts: true, localResourceRoots: chatResourceRoots(this.#extensionUri) };
    this.#newSurface ??= await this.#deps.loadSurfaces();
    if (isGone || this.#store.isDisposed) {
      return;
    }
    const surface = this.#newSurface(webview, (focusing, focused) => this.#setFocused(focusing, focused));
    this.#surfaces.set(surface, false);
    if (isView) {
      this.#viewSurface = surface;
    }
    // Only now: whoever listens has to be there before the page says something.
    webview.html = chatHtml(webview, this.#extensionUri, crypto.randomUUID().replaceAll('-', ''), this.#l10n);
    const update = (): void => this.#setVisible(surface, place.visible);
    place.onDidChange(update);
    place.onDidDispose(() => this.#detach(surface));
    update();
  }

  #setFocused(surface: ChatSurface, focused: boolean): void {
    if (!focused && this.#focused !== surface) {
      return;
    }
    this.#focused = focused ? surface : undefined;
    vscode.commands.executeCommand('setContext', 'greenroom.chatFocus', focused).then(undefined, () => undefined);
  }

  #detach(surface: ChatSurface): void {
    this.#setFocused(surface, false);
    this.#surfaces.delete(surface);
    if (this.#viewSurface === surface) {
      this.#viewSurface = undefined;
    }
    surface.dispose();
    this.#tellWhatIsOnScreen();
  }

  #setVisible(surface: ChatSurface, visible: boolean): void {
    this.#surfaces.set(surface, visible);
    surface.setVisible(visible);
    this.#tellWhatIsOnScreen();
    if (this.#focusWhenShown) {
      this.#focusComposer();
    }
  }

  /** Of the view, if it is shown: one in an editor must not take the keyboard from it. */
  #focusComposer(): void {
    const surface = this.#viewSurface;
    if (surface !== undefined && this.#surfaces.get(surface) === true) {
      this.#focusWhenShown = false;
      surface.focusComposer();
    }
  }

  #tellWhatIsOnScreen(): void {
    const visible = [...this.#surfaces.values()].includes(true);
    this.#deps.manager.setOnScreen(visible ? this.#deps.manager.foregroundId : undefined);
  }
}
