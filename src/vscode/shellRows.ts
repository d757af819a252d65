import * as vscode from 'vscode';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import type { ShellRegistry } from '../core/shells/shellRegistry.ts';
import { isShellActive } from '../core/shells/shellWords.ts';
import { shellItem } from './shellItem.ts';

/** Rows are drawn again at most this often: for what a shell says, and while one runs for its elapsed time. */
const refreshMs = 1_000;

/** A row of the tree: the same object for as long as the shell is in the list. */
export interface ShellNode {
  readonly kind: 'shell';
  /** As menus and commands are given it. */
  readonly shell: { readonly id: string };
}

export interface ShellRowsDeps {
  readonly registry: Pick<ShellRegistry, 'list' | 'get' | 'onDidChange'>;
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
      deps.registry.onDidChange(({ shellId }) => {
        const shape = this.#shape();
        if (shape !== this.#shown) {
          this.#shown = shape;
          deps.rebuild();
        }
        this.#dirty.add(shellId);
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
    return this.#deps.registry.list(sessionId).length > 0;
  }

  /** In the order of their start. */
  of(sessionId: string): readonly ShellNode[] {
    const listed = this.#deps.registry.list();
    const known = new Set(listed.map(({ id }) => id));
    for (const id of this.#nodes.keys()) {
      if (!known.has(id)) {
        this.#nodes.delete(id);
      }
    }
    return listed.filter((info) => info.sessionId === sessionId).map(({ id }) => this.#nodeOf(id));
  }

  item(node: ShellNode): vscode.TreeItem {
    const shell = this.#deps.registry.get(node.shell.id);
    // Evicted between the list and its drawing: the tree is built anew in a moment.
    return shell === undefined ? new vscode.TreeItem('') : shellItem(shell.info);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #nodeOf(id: string): ShellNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) {
      return known;
    }
    const node: ShellNode = { kind: 'shell', shell: { id } };
    this.#nodes.set(id, node);
    return node;
  }

  /** What the tree has to be built anew for. */
  #shape(): string {
    return this.#deps.registry
      .list()
      .map(({ id, status }) => `${id} ${status}`)
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
      const active = this.#deps.registry.list().filter(isShellActive);
      const ids = new Set([...this.#dirty, ...active.map(({ id }) => id)]);
      this.#dirty.clear();
      const nodes = [...ids].flatMap((id) => this.#nodes.get(id) ?? []);
      if (nodes.length > 0) {
        this.#deps.refresh(nodes);
      }
      if (active.length > 0) {
        this.#schedule();
      }
    });
  }
}
