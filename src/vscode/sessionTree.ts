import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock } from '../base/clock.ts';
import { ageInWords } from '../core/age.ts';
import type { SessionInfo } from '../core/sessionInfo.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { stateText } from './stateText.ts';

/** Stored sessions that are listed before "Show more". */
const storedPageSize = 50;
/** Changes are shown at most this often: a session that streams must not keep the tree busy. */
const refreshDelayMs = 150;

export type TreeNode =
  | { readonly kind: 'session'; readonly info: SessionInfo }
  | { readonly kind: 'more'; readonly hidden: number };

/** The tree of sessions: the one on stage, the slots in their order, then the stored ones, newest first. */
export class SessionTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #manager: SessionManager;
  readonly #clock: Clock;
  readonly #store = new DisposableStore();
  readonly #timer: MutableDisposable<Disposable>;
  readonly #changed: vscode.EventEmitter<TreeNode | undefined>;
  readonly #view: vscode.TreeView<TreeNode>;
  #storedShown = storedPageSize;
  #listed = false;

  constructor(manager: SessionManager, clock: Clock, onProblem: (message: string) => void) {
    this.#manager = manager;
    this.#clock = clock;
    this.#timer = this.#store.add(new MutableDisposable<Disposable>());
    this.#changed = this.#store.add(new vscode.EventEmitter<TreeNode | undefined>());
    this.#view = this.#store.add(
      vscode.window.createTreeView('greenroom.sessions', { treeDataProvider: this, showCollapseAll: false }),
    );
    this.#store.add(manager.onDidChange(() => this.#scheduleRefresh()));
    this.#store.add(
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible && !this.#listed) {
          this.#listed = true;
          manager.refreshStored().then(
            (problems) => problems.forEach(onProblem),
            (error: unknown) => onProblem(String(error)),
          );
        }
      }),
    );
  }

  get onDidChangeTreeData(): vscode.Event<TreeNode | undefined> {
    return this.#changed.event;
  }

  showMore(): void {
    this.#storedShown += storedPageSize;
    this.#changed.fire(undefined);
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (node !== undefined) {
      return [];
    }
    const all = this.#manager.list().filter((info) => info.place !== 'foreground' || !this.#manager.isEmpty(info.id));
    const placed = all.filter((info) => info.place !== 'stored');
    const stored = all.filter((info) => info.place === 'stored');
    const hidden = stored.length - this.#storedShown;
    return [
      ...[...placed, ...stored.slice(0, this.#storedShown)].map((info): TreeNode => ({ kind: 'session', info })),
      ...(hidden > 0 ? [{ kind: 'more', hidden } as const] : []),
    ];
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return node.kind === 'more' ? moreItem(node.hidden) : sessionItem(node.info, this.#clock.now());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #scheduleRefresh(): void {
    this.#timer.value ??= this.#clock.after(refreshDelayMs, () => {
      this.#timer.value = undefined;
      this.#changed.fire(undefined);
      const needing = this.#manager.placed().filter((info) => info.attention.includes('needsApproval')).length;
      this.#view.badge =
        needing === 0
          ? undefined
          : { value: needing, tooltip: needing === 1 ? t('1 session needs you') : t('{0} sessions need you', needing) };
    });
  }
}

function sessionItem(info: SessionInfo, now: number): vscode.TreeItem {
  const state = stateText(info);
  const item = new vscode.TreeItem(info.summary, vscode.TreeItemCollapsibleState.None);
  item.id = info.id;
  item.description = [info.slot === undefined ? undefined : `#${info.slot}`, state, ageInWords(info.createdAt, now)]
    .filter((part) => part !== undefined)
    .join(' · ');
  item.iconPath = iconOf(info);
  item.contextValue = `session ${info.place}`;
  item.accessibilityInformation = { label: t('{0}, {1}, {2}', info.summary, placeText(info), state) };
  item.tooltip = tooltipOf(info, state);
  item.command = { command: 'greenroom.openStoredSession', title: t('Show'), arguments: [info.id] };
  return item;
}

function moreItem(hidden: number): vscode.TreeItem {
  const item = new vscode.TreeItem(t('Show more ({0})', hidden), vscode.TreeItemCollapsibleState.None);
  item.id = 'greenroom.more';
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'greenroom.showMoreSessions', title: t('Show more ({0})', hidden) };
  return item;
}

function placeText(info: SessionInfo): string {
  switch (info.place) {
    case 'foreground':
      return t('on stage');
    case 'background':
      return t('background slot {0}', info.slot ?? 0);
    case 'stored':
      return t('stored');
  }
}

function tooltipOf(info: SessionInfo, state: string): string {
  const { usage } = info;
  return [
    `${info.summary} (${info.shortId})`,
    t('{0}, {1}', placeText(info), state),
    info.reason,
    info.rateLimitedUntil === undefined
      ? undefined
      : t('Until {0}', new Date(info.rateLimitedUntil).toLocaleString(vscode.env.language)),
    t('Runtime: {0}', info.runtime),
    info.model === undefined ? undefined : t('Model: {0}', info.model),
    usage === undefined
      ? undefined
      : t(
          'Tokens: {0} in, {1} out',
          exact(usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens),
          exact(usage.outputTokens),
        ),
    usage?.costUsd === undefined ? undefined : t('Cost: ${0}', usage.costUsd.toFixed(4)),
    t('Folder: {0}', info.cwd),
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

function exact(count: number): string {
  return count.toLocaleString(vscode.env.language);
}

function iconOf(info: SessionInfo): vscode.ThemeIcon {
  if (info.attention.includes('needsApproval')) {
    return new vscode.ThemeIcon('bell-dot', new vscode.ThemeColor('list.warningForeground'));
  }
  if (info.attention.includes('rateLimited')) {
    return new vscode.ThemeIcon('watch');
  }
  switch (info.state) {
    case 'running':
    case 'pending':
      return new vscode.ThemeIcon('loading~spin');
    case 'error':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    case 'cancelled':
      return new vscode.ThemeIcon('circle-slash');
    case 'done':
      return new vscode.ThemeIcon(info.attention.includes('unread') ? 'circle-filled' : 'pass');
    case 'idle':
      return new vscode.ThemeIcon('comment');
  }
}
