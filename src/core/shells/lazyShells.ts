import { Emitter } from '../../base/event.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Log, SessionShells } from '../ports.ts';
import type { Shell } from './shell.ts';
import type { ShellInfo } from './shellInfo.ts';
import type { ShellChange, ShellRegistry } from './shellRegistry.ts';

/** The shells of a window before there are any: the registry is loaded with the first. */
export class LazyShells implements SessionShells {
  readonly #load: () => Promise<ShellRegistry>;
  readonly #wakes: () => boolean;
  readonly #changed: Emitter<ShellChange>;
  readonly #ended: Emitter<Shell>;
  readonly #store = new DisposableStore();
  #registry: ShellRegistry | undefined;
  #loading: Promise<ShellRegistry> | undefined;
  /** How long what runs gets to end by itself, once the window closes. */
  #closingGraceMs: number | undefined;

  /** `wakes`: the end of a shell begins a turn of its session, if nothing else goes on there. */
  constructor(load: () => Promise<ShellRegistry>, log: Log, wakes: () => boolean) {
    this.#load = load;
    this.#wakes = wakes;
    const onListenerError = (error: unknown): void => log.error('a listener of the shells failed', error);
    this.#changed = new Emitter(onListenerError);
    this.#ended = new Emitter(onListenerError);
  }

  /** As those of the registry. */
  get onDidChange() {
    return this.#changed.event;
  }

  get onDidEnd() {
    return this.#ended.event;
  }

  /** What each session's model is to be told. */
  readonly notes = {
    wakes: (): boolean => this.#wakes(),
    has: (sessionId: string): boolean => this.#registry?.completions.has(sessionId) === true,
    take: (sessionId: string): string | undefined => this.#registry?.completions.take(sessionId),
    giveBack: (sessionId: string): void => this.#registry?.completions.giveBack(sessionId),
  };

  /** The registry itself. A failure to load it is not kept. */
  open(): Promise<ShellRegistry> {
    this.#loading ??= this.#load().then(
      (registry) => {
        this.#registry = registry;
        this.#store.add(registry.onDidChange((change) => this.#changed.fire(change)));
        this.#store.add(registry.onDidEnd((shell) => this.#ended.fire(shell)));
        if (this.#closingGraceMs !== undefined) {
          registry.closeNow(this.#closingGraceMs);
        }
        return registry;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  list(sessionId?: string): readonly ShellInfo[] {
    return this.#registry?.list(sessionId) ?? [];
  }

  get(id: string): Shell | undefined {
    return this.#registry?.get(id);
  }

  has(sessionId: string): boolean {
    return this.#registry?.has(sessionId) === true;
  }

  logFolder(sessionId: string): string | undefined {
    return this.#registry?.logFolder(sessionId);
  }

  async closeSession(sessionId: string): Promise<void> {
    await this.#registry?.closeSession(sessionId);
  }

  async forgetSession(sessionId: string): Promise<void> {
    await this.#registry?.forgetSession(sessionId);
  }

  /** See `ShellRegistry.closeNow`; a registry that is loaded later is closed from the beginning. */
  closeNow(graceMs: number): void {
    this.#closingGraceMs = graceMs;
    this.#registry?.closeNow(graceMs);
  }

  async close(): Promise<void> {
    await this.#registry?.close();
    this.#store.dispose();
  }
}
