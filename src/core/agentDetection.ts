import { GreenroomError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import { unexpectedError } from './errors.ts';
import type { Clock, Log } from './ports.ts';
import type { RuntimeKind } from './runtime.ts';
import type { ProbeContext, RuntimeProbe } from './runtimeProbe.ts';

/** A program that was found is not looked for again for this long, unless somebody asks. */
const goodForMs = 10 * 60_000;
/** A failure is kept only so that several who ask at once start one search. */
const badForMs = 3_000;

export interface AgentDetectionDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Throws where a setting is not valid. */
  readonly contextOf: (kind: RuntimeKind) => ProbeContext;
}

interface Found {
  readonly probe: RuntimeProbe;
  readonly at: number;
}

/** What is known of the agents on this machine. Nothing is looked for until somebody asks. */
export class AgentDetection {
  readonly #deps: AgentDetectionDeps;
  readonly #found = new Map<string, Found>();
  readonly #searches = new Map<string, Promise<RuntimeProbe | undefined>>();
  readonly #changed: Emitter<RuntimeKind>;
  /** What began under older settings must not be kept. */
  #generation = 0;

  constructor(deps: AgentDetectionDeps) {
    this.#deps = deps;
    this.#changed = new Emitter((error) => deps.log.error('a listener of the agents failed', error));
  }

  /** Something else is known of this kind, or a search for it has begun. */
  get onDidChange() {
    return this.#changed.event;
  }

  /** What is known now; undefined: nothing yet, or it is being looked for. */
  known(kind: RuntimeKind): RuntimeProbe | undefined {
    return this.#found.get(kind.id)?.probe;
  }

  /** What is known, or what a search finds. Undefined for a kind of which nothing can be missing. */
  ensure(kind: RuntimeKind): Promise<RuntimeProbe | undefined> {
    const found = this.#found.get(kind.id);
    if (found !== undefined) {
      const age = this.#deps.clock.monotonic() - found.at;
      if (age < (found.probe.problem === undefined ? goodForMs : badForMs)) {
        return Promise.resolve(found.probe);
      }
    }
    return this.refresh(kind);
  }

  /** Looks anew; several who ask at once share a search. What is known stays until something else is found. */
  refresh(kind: RuntimeKind): Promise<RuntimeProbe | undefined> {
    const running = this.#searches.get(kind.id);
    if (running !== undefined) {
      return running;
    }
    const generation = this.#generation;
    const search = this.#search(kind, generation).finally(() => {
      if (this.#searches.get(kind.id) === search) {
        this.#searches.delete(kind.id);
      }
    });
    this.#searches.set(kind.id, search);
    return search;
  }

  /** Settings or trust have changed: nothing that was found counts any more. */
  forget(): void {
    this.#generation += 1;
    this.#found.clear();
    this.#searches.clear();
  }

  async #search(kind: RuntimeKind, generation: number): Promise<RuntimeProbe | undefined> {
    if (kind.probe === undefined) {
      return undefined;
    }
    const probe = await this.#probe(kind, kind.probe);
    if (generation === this.#generation) {
      const before = this.#found.get(kind.id)?.probe;
      this.#found.set(kind.id, { probe, at: this.#deps.clock.monotonic() });
      if (JSON.stringify(before) !== JSON.stringify(probe)) {
        this.#deps.log.info(describe(kind, probe));
        this.#changed.fire(kind);
      }
    }
    return probe;
  }

  async #probe(kind: RuntimeKind, probe: NonNullable<RuntimeKind['probe']>): Promise<RuntimeProbe> {
    try {
      return await probe(this.#deps.contextOf(kind));
    } catch (error) {
      const problem = error instanceof GreenroomError ? error.info : unexpectedError(messageOf(error));
      return { state: 'broken', keyNames: [], problem };
    }
  }
}

function describe(kind: RuntimeKind, { state, path, version, keyNames }: RuntimeProbe): string {
  const facts = [state, version, path, ...keyNames].filter((fact) => fact !== undefined);
  return `${kind.displayName}: ${facts.join(', ')}`;
}
