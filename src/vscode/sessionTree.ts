import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import { needOf, needsSentence } from '../core/attention.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import type { PendingItem } from '../protocol/view.ts';
import type { AgentWatch } from './agentWatch.ts';
import { sessionItem } from './sessionItem.ts';
import type { ShellNode, ShellRows, ShellRowsDeps } from './shellRows.ts';
import { registerStageDecoration } from './stageDecoration.ts';

/** Stored sessions that are listed before "Show more". */
const storedPageSize = 50;
/** Changes are shown at most this often: a session that streams must not keep the tree busy. */
const refreshDelayMs = 150;
/** VS Code tells of a selection within a few milliseconds. */
const selectionPatienceMs = 500;
/** A click means a row, however long a busy window needs to draw it. */
const clickPatienceMs = 3_000;
const pollMs = 20;
/**
 * What a click on a row runs. It has no arguments: VS Code forgets those of a row whenever the row is drawn anew, and a click
 * in that moment would fail. The row is the selected one, of which VS Code tells before it runs the command.
 */
const openRowCommand = 'greenroom.openRow';
/** Requests that a tooltip names. */
const maxAsks = 3;
/** Of a request, as much as a tooltip shows. */
const maxAskLength = 200;
/** The ages that rows show are in minutes at the least. */
const ageRefreshMs = 60_000;

export type TreeNode =
  | { readonly kind: 'session'; readonly info: SessionInfo }
  | ShellNode
  | { readonly kind: 'more'; readonly hidden: number };

export interface SessionTreeDeps {
  readonly manager: SessionManager;
  readonly clock: Clock;
  readonly shells: ShellRowsDeps['shells'];
  readonly agents: Pick<AgentWatch, 'look' | 'label' | 'onDidChange'>;
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly onProblem: (message: string) => void;
}

/** The tree of sessions: the one on stage, the slots in their order, then the stored ones, newest first. */
export class SessionTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #deps: SessionTreeDeps;
  readonly #store = new DisposableStore();
  readonly #timer: MutableDisposable<Disposable>;
  readonly #ageTimer: MutableDisposable<Disposable>;
  readonly #changed: vscode.EventEmitter<TreeNode | TreeNode[] | undefined>;
  /** Loaded with the first shell. */
  #shells: ShellRows | undefined;
  readonly #view: vscode.TreeView<TreeNode>;
  #storedShown = storedPageSize;
  #listed = false;
  readonly #drawing: MutableDisposable<Disposable>;
  /** All rows were given up, and VS Code has not asked for the new ones yet. */
  #isDrawing = false;

  constructor(deps: SessionTreeDeps) {
    this.#deps = deps;
    this.#timer = this.#store.add(new MutableDisposable<Disposable>());
    this.#ageTimer = this.#store.add(new MutableDisposable<Disposable>());
    this.#drawing = this.#store.add(new MutableDisposable<Disposable>());
    this.#changed = this.#store.add(new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>());
    const firstShell = this.#store.add(new MutableDisposable<Disposable>());
    firstShell.value = deps.shells.onDidChange(() => {
      firstShell.value = undefined;
      this.#loadShells().catch((error: unknown) => deps.onProblem(String(error)));
    });
    this.#view = this.#store.add(
      vscode.window.createTreeView('greenroom.sessions', { treeDataProvider: this, showCollapseAll: false }),
    );
    this.#store.add(registerStageDecoration());
    this.#store.add(vscode.commands.registerCommand(openRowCommand, () => this.#openSelected()));
    this.#store.add(deps.manager.onDidChange(() => this.#scheduleRefresh()));
    this.#store.add(deps.agents.onDidChange(() => this.#describe()));
    this.#store.add(this.#view.onDidChangeVisibility(({ visible }) => this.#shown(visible)));
  }

  get onDidChangeTreeData(): vscode.Event<TreeNode | TreeNode[] | undefined> {
    return this.#changed.event;
  }

  /**
   * The session on the row that has the keyboard. VS Code tells extensions only what is selected, and the arrow keys move
   * without selecting: so the row is selected for a moment, and what changed by that is it.
   */
  async focusedId(): Promise<string | undefined> {
    const before = await this.#selection();
    const after = await this.#toggleSelection();
    const has = (nodes: readonly TreeNode[], wanted: TreeNode): boolean =>
      nodes.some((node) => keyOf(node) === keyOf(wanted));
    const added = after.find((node) => !has(before, node));
    const focused = added ?? before.find((node) => !has(after, node));
    if (added === undefined) {
      await this.#toggleSelection();
    }
    return focused?.kind === 'session' ? focused.info.id : undefined;
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (node !== undefined) {
      return node.kind === 'session' ? [...(this.#shells?.of(node.info.id) ?? [])] : [];
    }
    // VS Code knows them when it has made rows of them.
    this.#drawing.value = this.#deps.clock.after(pollMs, () => (this.#isDrawing = false));
    const all = this.#sessions();
    const placed = all.filter((info) => info.place !== 'stored');
    const stored = all.filter((info) => info.place === 'stored');
    const hidden = stored.length - this.#storedShown;
    return [
      ...[...placed, ...stored.slice(0, this.#storedShown)].map((info): TreeNode => ({ kind: 'session', info })),
      ...(hidden > 0 ? [{ kind: 'more', hidden } as const] : []),
    ];
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const item = this.#itemOf(node);
    item.command = { command: openRowCommand, title: t('Show') };
    return item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #itemOf(node: TreeNode): vscode.TreeItem {
    const { manager, clock } = this.#deps;
    switch (node.kind) {
      case 'more':
        return moreItem(node.hidden);
      case 'shell':
        return this.#shells?.item(node) ?? new vscode.TreeItem('');
      case 'session': {
        const item = sessionItem(node.info, {
          runtimeName: this.#runtimeName(node.info.runtime),
          asks: (manager.live(node.info.id)?.model.view.header.pending ?? []).slice(0, maxAsks).map(requestInWords),
          now: clock.now(),
        });
        if (this.#shells?.has(node.info.id) === true) {
          item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
          // For the workbench another row: one that had nothing below it would stay folded.
          item.id = `${node.info.id} with shells`;
        }
        return item;
      }
    }
  }

  async #openSelected(): Promise<void> {
    const node = await this.#clicked();
    switch (node?.kind) {
      case 'session':
        await vscode.commands.executeCommand('greenroom.openStoredSession', node.info.id);
        break;
      case 'shell':
        await vscode.commands.executeCommand('greenroom.showShell', node);
        break;
      case 'more':
        this.#storedShown += storedPageSize;
        this.#drawAnew();
        break;
      case undefined:
        break;
    }
  }

  /**
   * The row that was clicked, which selects it. Nothing is selected while VS Code makes rows anew, level by level: then it
   * is waited for.
   */
  async #clicked(): Promise<TreeNode | undefined> {
    await this.#poll(() => this.#view.selection.length > 0, clickPatienceMs);
    return this.#view.selection[0];
  }

  /** What is selected. While the whole tree is drawn anew, VS Code knows no row: then it is waited for, for a moment. */
  async #selection(): Promise<readonly TreeNode[]> {
    await this.#poll(() => !this.#isDrawing, selectionPatienceMs);
    return this.#view.selection;
  }

  /** Until it is so, or for so long: VS Code does not tell when it has made its rows. */
  async #poll(isSo: () => boolean, patienceMs: number): Promise<void> {
    for (let waitedMs = 0; !isSo() && waitedMs < patienceMs; waitedMs += pollMs) {
      await new Promise<void>((resolve) => void this.#deps.clock.after(pollMs, resolve));
    }
  }

  #drawAnew(): void {
    this.#isDrawing = this.#view.visible;
    this.#changed.fire(undefined);
  }

  async #toggleSelection(): Promise<readonly TreeNode[]> {
    const changed = new Promise<void>((resolve) => {
      const listening = this.#view.onDidChangeSelection(() => done());
      const timer = this.#deps.clock.after(selectionPatienceMs, () => done());
      const done = (): void => {
        listening.dispose();
        timer.dispose();
        resolve();
      };
    });
    await vscode.commands.executeCommand('list.toggleSelection');
    await changed;
    return this.#selection();
  }

  #sessions(): readonly SessionInfo[] {
    const { manager } = this.#deps;
    return manager.list().filter((info) => info.place !== 'foreground' || !manager.isEmpty(info.id));
  }

  #runtimeName(runtime: string): string {
    try {
      return this.#deps.kindOf(runtime).displayName;
    } catch {
      // Stored by a version that knew more kinds.
      return runtime;
    }
  }

  #shown(visible: boolean): void {
    const { manager, onProblem } = this.#deps;
    this.#ageTimer.value = undefined;
    this.#shells?.setVisible(visible);
    if (!visible) {
      return;
    }
    this.#keepAges();
    if (!this.#listed) {
      this.#listed = true;
      manager.refreshStored().then(
        (problems) => problems.forEach(onProblem),
        (error: unknown) => onProblem(String(error)),
      );
    }
    this.#describe();
    if (this.#sessions().length === 0) {
      this.#deps.agents.look();
    }
  }

  async #loadShells(): Promise<void> {
    const { ShellRows } = await import('./shellRows.ts');
    const { shells, clock } = this.#deps;
    this.#shells = this.#store.add(
      new ShellRows({
        shells,
        clock,
        refresh: (nodes) => this.#changed.fire([...nodes]),
        rebuild: () => this.#scheduleRefresh(),
      }),
    );
    this.#shells.setVisible(this.#view.visible);
    this.#scheduleRefresh();
  }

  #keepAges(): void {
    this.#ageTimer.value = this.#deps.clock.after(ageRefreshMs, () => {
      this.#drawAnew();
      this.#keepAges();
    });
  }

  /** Beside the title of an empty tree: the agent that was found. */
  #describe(): void {
    this.#view.description = (this.#sessions().length === 0 ? this.#deps.agents.label() : undefined) ?? '';
  }

  #scheduleRefresh(): void {
    this.#timer.value ??= this.#deps.clock.after(refreshDelayMs, () => {
      this.#timer.value = undefined;
      this.#drawAnew();
      this.#describe();
      this.#showBadge();
    });
  }

  /** What is on screen needs no badge: the person sees it. */
  #showBadge(): void {
    const { manager } = this.#deps;
    const needing = manager.active().filter((info) => needOf(info) !== undefined && info.id !== manager.onScreenId);
    const tooltip = needsSentence(needing);
    this.#view.badge = tooltip === undefined ? undefined : { value: needing.length, tooltip };
  }
}

/** The same for the same row, however often it is drawn. */
function keyOf(node: TreeNode): string {
  switch (node.kind) {
    case 'session':
      return node.info.id;
    case 'shell':
      return `shell ${node.shell.sessionId} ${node.shell.id}`;
    case 'more':
      return 'more';
  }
}

function requestInWords(item: PendingItem): string {
  switch (item.kind) {
    case 'approval': {
      const { toolName, subject } = item;
      return t('Waits for your approval: {0}', `${toolName}: ${subject.slice(0, maxAskLength)}`);
    }
    case 'plan':
      return t('Waits for you to approve its plan');
    case 'question':
      return t('Waits for your answer: {0}', (item.questions[0]?.question ?? '').slice(0, maxAskLength));
  }
}

function moreItem(hidden: number): vscode.TreeItem {
  const item = new vscode.TreeItem(t('Show more ({0})', hidden), vscode.TreeItemCollapsibleState.None);
  item.id = 'greenroom.more';
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  return item;
}
