import { GreenroomError } from '../base/errors.ts';
import type { RuntimeKind } from '../core/runtime.ts';

/** The kinds of agents there are, by id. */
export class RuntimeRegistry {
  readonly #kinds = new Map<string, RuntimeKind>();

  register(kind: RuntimeKind): void {
    if (this.#kinds.has(kind.id)) {
      throw new Error(`the runtime '${kind.id}' is registered already`);
    }
    this.#kinds.set(kind.id, kind);
  }

  /** In the order of registration. */
  get ids(): readonly string[] {
    return [...this.#kinds.keys()];
  }

  get kinds(): readonly RuntimeKind[] {
    return [...this.#kinds.values()];
  }

  /** Throws `unknownRuntime`. The sentence is part of the exported API, so it is not translated. */
  get(id: string): RuntimeKind {
    const kind = this.#kinds.get(id);
    if (kind === undefined) {
      const registered = this.ids;
      const message = `unknown agent runtime '${id}'; registered: ${registered.join(', ')}`;
      throw new GreenroomError({ code: 'unknownRuntime', message, actions: [] }, { registered });
    }
    return kind;
  }
}
