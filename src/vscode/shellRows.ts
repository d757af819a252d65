import * as vscode from 'vscode';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import type { ListedShell } from '../core/shells/agentShells.ts';
import type { ShellList } from '../core/shells/shellList.ts';
import { isShellActive } from '../core/shells/shellWords.ts';
import { shellItem } from './shellItem.ts';

/** Rows are drawn again at most this often: for what a shell says, and while one runs for its elapsed time. */
const refreshMs = 1_000;

/** A row of the tree: the same object for as long as the shell is in the list. */
export interface ShellNode {
  readonly kind: 'shell';
  /** As menus and commands are given it. */
  readonly shell: Pick<ListedShell, 'id' | 'sessionId' | 'isAgents'>;
}

export interface ShellRowsDeps {
  readonly shells: Pick<ShellList, 'list' | 'onDidChange'>;
  readonly clock: Clock;
  /** The rows of these shells say something else. */
  readonly refresh: (nodes: readonly ShellNode[]) => void;
  /** Rows came or went, or a status changed. */
  readonly rebuild: () => void;
}

/** The rows of shells below their sessions, and when they have to be drawn again. */
export class ShellRows implements Disposable {
  readonly #deps: ShellRowsDeps;
  readonly #store = new DisposableStore();
  readonly #timer = this.#store.add(new MutableDisposable<Disposable>());
  readonly #nodes = new Map<string, ShellNode>();
  readonly #dirty = new Set<string>();
  #isVisible = false;
  #shown = '';

  constructor(deps: ShellRowsDeps) {
    this.#deps = deps;
    this.#store.add(
      deps.shells.onDidChange(({ shellId, sessionId }) => {
        const shape = this.#shape();
        if (shape !== this.#shown) {
          this.#shown = shape;
          deps.rebuild();
        }
        this.#dirty.add(keyOf({ id: shellId, sessionId }));
        this.#schedule();
      }),
    );
    this.#shown = this.#shape();
  }

  setVisible(visible: boolean): void {
    this.#isVisible = visible;
    this.#schedule();
  }

  has(sessionId: string): boolean {
    return this.#deps.shells.list().some((info) => info.sessionId === sessionId);
  }

  /** In the order of their start. */
  of(sessionId: string): readonly ShellNode[] {
    const listed = this.#deps.shells.list();
    const known = new Set(listed.map(keyOf));
    for (const key of this.#nodes.keys()) {
      if (!known.has(key)) {
        this.#nodes.delete(key);
      }
    }
    return listed.filter((info) => info.sessionId === sessionId).map((info) => this.#nodeOf(info));
  }

  item(node: ShellNode): vscode.TreeItem {
    const key = keyOf(node.shell);
    const info = this.#deps.shells.list().find((shell) => keyOf(shell) === key);
    // Evicted between the list and its drawing: the tree is built anew in a moment.
    return info === undefined ? new vscode.TreeItem('') : shellItem(info);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #nodeOf(info: ListedShell): ShellNode {
    const key = keyOf(info);
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      return known;
    }
    const { id, sessionId, isAgents } = info;
    const node: ShellNode = { kind: 'shell', shell: { id, sessionId, ...(isAgents ? { isAgents } : {}) } };
    this.#nodes.set(key, node);
    return node;
  }

  /** What the tree has to be built anew for. */
  #shape(): string {
    return this.#deps.shells
      .list()
      .map((info) => `${keyOf(info)} ${info.status}`)
      .join('\n');
  }

  /** Nothing is drawn, and no time passes, for rows that nobody sees. */
  #schedule(): void {
    if (!this.#isVisible) {
      this.#timer.value = undefined;
      return;
    }
    this.#timer.value ??= this.#deps.clock.after(refreshMs, () => {
      this.#timer.value = undefined;
      const active = this.#deps.shells.list().filter(isShellActive);
      const keys = new Set([...this.#dirty, ...active.map(keyOf)]);
      this.#dirty.clear();
      const nodes = [...keys].flatMap((key) => this.#nodes.get(key) ?? []);
      if (nodes.length > 0) {
        this.#deps.refresh(nodes);
      }
      if (active.length > 0) {
        this.#schedule();
      }
    });
  }
}

/** Ids of agents are their own: two of them may say the same. */
function keyOf({ id, sessionId }: Pick<ListedShell, 'id' | 'sessionId'>): string {
  return `${sessionId} ${id}`;
}
