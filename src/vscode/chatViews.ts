import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { chatHtml, chatResourceRoots } from './chatHtml.ts';
import { ChatSurface, type ChatSurfaceDeps } from './chatSurface.ts';

const viewId = 'greenroom.chat';
const panelType = 'greenroom.chatEditor';

/**
 * The two places of the chat: the view in a side bar and the tab in an editor. Both show the session on stage; what is
 * moved, hidden or reloaded is built anew from a snapshot.
 */
export class ChatViews implements vscode.WebviewViewProvider, vscode.WebviewPanelSerializer, Disposable {
  readonly #deps: ChatSurfaceDeps;
  readonly #extensionUri: vscode.Uri;
  readonly #l10n: Readonly<Record<string, string>>;
  readonly #store = new DisposableStore();
  readonly #surfaces = new Map<ChatSurface, boolean>();
  /** The one that has the keyboard: what a click takes from one may be told before what it gives to the other. */
  #focused: ChatSurface | undefined;
  #panel: vscode.WebviewPanel | undefined;
  #focusWhenShown = false;

  constructor(deps: ChatSurfaceDeps, extensionUri: vscode.Uri, l10n: Readonly<Record<string, string>>) {
    this.#deps = { ...deps, onFocus: (surface, focused) => this.#setFocused(surface, focused) };
    this.#extensionUri = extensionUri;
    this.#l10n = l10n;
    this.#store.add(
      vscode.window.registerWebviewViewProvider(viewId, this, { webviewOptions: { retainContextWhenHidden: true } }),
    );
    this.#store.add(vscode.window.registerWebviewPanelSerializer(panelType, this));
    this.#store.add(this.#deps.manager.onDidStage(() => this.#tellWhatIsOnScreen()));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const surface = this.#attach(view.webview);
    const update = (): void => this.#setVisible(surface, view.visible);
    view.onDidChangeVisibility(update);
    view.onDidDispose(() => this.#detach(surface));
    update();
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#adoptPanel(panel);
    return Promise.resolve();
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
    this.#adoptPanel(
      vscode.window.createWebviewPanel(panelType, t('Greenroom Chat'), vscode.ViewColumn.Active, options),
    );
  }

  dispose(): void {
    this.#store.dispose();
    for (const surface of this.#surfaces.keys()) {
      surface.dispose();
    }
    this.#surfaces.clear();
  }

  #adoptPanel(panel: vscode.WebviewPanel): void {
    this.#panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, 'media', 'greenroom.svg');
    const surface = this.#attach(panel.webview);
    const update = (): void => this.#setVisible(surface, panel.visible);
    panel.onDidChangeViewState(update);
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#detach(surface);
    });
    update();
  }

  #attach(webview: vscode.Webview): ChatSurface {
    webview.options = { enableScripts: true, localResourceRoots: chatResourceRoots(this.#extensionUri) };
    const surface = new ChatSurface(this.#deps, webview);
    this.#surfaces.set(surface, false);
    webview.html = chatHtml(webview, this.#extensionUri, crypto.randomUUID().replaceAll('-', ''), this.#l10n);
    return surface;
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
    surface.dispose();
    this.#tellWhatIsOnScreen();
  }

  #setVisible(surface: ChatSurface, visible: boolean): void {
    this.#surfaces.set(surface, visible);
    surface.setVisible(visible);
    this.#tellWhatIsOnScreen();
    if (visible && this.#focusWhenShown) {
      this.#focusComposer();
    }
  }

  #focusComposer(): void {
    for (const [surface, visible] of this.#surfaces) {
      if (visible) {
        this.#focusWhenShown = false;
        surface.focusComposer();
      }
    }
  }

  #tellWhatIsOnScreen(): void {
    const visible = [...this.#surfaces.values()].includes(true);
    this.#deps.manager.setOnScreen(visible ? this.#deps.manager.foregroundId : undefined);
  }
}
