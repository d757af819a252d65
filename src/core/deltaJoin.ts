import { appendToSame, type Delta, isDelta } from './deltaMerger.ts';
import type { RuntimeEvent } from './sessionEvents.ts';

/** More is not joined: what becomes of a delta stays small. */
const maxCharacters = 4_096;

/**
 * Passes a runtime's events on, and joins neighbouring deltas of one part that came in one go, such as all of one piece
 * that was read from a pipe or a socket: a burst costs little more than its last delta. Nothing is held back beyond the
 * current task, and the order stays.
 */
export class DeltaJoin {
  readonly #emit: (event: RuntimeEvent) => void;
  readonly #texts: string[] = [];
  #open: Delta | undefined;
  #characters = 0;
  #isFlushing = false;

  constructor(emit: (event: RuntimeEvent) => void) {
    this.#emit = emit;
  }

  push(event: RuntimeEvent): void {
    if (event.type === 'agentJson' || event.type === 'rawOutput') {
      // For the log of the run, which has no deltas.
      this.#emit(event);
      return;
    }
    if (!isDelta(event)) {
      this.flush();
      this.#emit(event);
      return;
    }
    const open = this.#open;
    if (open === undefined || this.#characters + event.text.length > maxCharacters || !appendToSame(open, event)) {
      this.flush();
      this.#open = event;
    }
    this.#texts.push(event.text);
    this.#characters += event.text.length;
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => {
        this.#isFlushing = false;
        this.flush();
      });
    }
  }

  /** Passes on what is being joined: before something else happens that has to come after it. */
  flush(): void {
    const open = this.#open;
    if (open === undefined) {
      return;
    }
    const event = this.#texts.length === 1 ? open : { ...open, text: this.#texts.join('') };
    this.#open = undefined;
    this.#texts.length = 0;
    this.#characters = 0;
    this.#emit(event);
  }
}
