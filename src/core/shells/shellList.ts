import type { Event } from '../../base/event.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import type { AgentShells, ListedShell } from './agentShells.ts';
import type { ShellChange, ShellRegistry } from './shellRegistry.ts';

/** All shells that people see: those of the registry, and those that agents run by their own means. */
export class ShellList {
  readonly #registry: Pick<ShellRegistry, 'list' | 'onDidChange'>;
  readonly #agents: Pick<AgentShells, 'list' | 'onDidChange'>;

  constructor(
    registry: Pick<ShellRegistry, 'list' | 'onDidChange'>,
    agents: Pick<AgentShells, 'list' | 'onDidChange'>,
  ) {
    this.#registry = registry;
    this.#agents = agents;
  }

  readonly onDidChange: Event<ShellChange> = (listener) => {
    const listening = [this.#registry.onDidChange(listener), this.#agents.onDidChange(listener)];
    return toDisposable(() => listening.forEach((each) => each.dispose()));
  };

  /** By their start, the newest last. */
  list(): readonly ListedShell[] {
    const agents = this.#agents.list();
    const own = this.#registry.list();
    return agents.length === 0 ? own : [...own, ...agents].toSorted((a, b) => a.startedAt - b.startedAt);
  }
}
