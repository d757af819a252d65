/** While one stream floods, it may give this much before others have their turn. */
const aloneBytes = 1024 * 1024;
/** While several flood, they share this much, and wait for the next tick. */
const sharedBytes = 512 * 1024;
/** What the system gives at a time: less would be no turn at all. */
const leastBytes = 64 * 1024;
const tickMs = 4;

interface Paced {
  readonly source: Pausable;
  usedBytes: number;
}

/** A stream, or what stands for one. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * Lets streams be read without keeping everything else waiting. Each has a budget of bytes per tick; the more of them
 * flood, the smaller it is. Nothing is lost: whoever writes faster than that waits.
 */
export class ReadPacer {
  readonly #touched = new Set<Paced>();
  readonly #waiting = new Set<Paced>();
  #budget = aloneBytes;
  #isScheduled = false;

  /** To be called with the length of each piece that `source` gives. */
  source(source: Pausable): { took(bytes: number): void; end(): void } {
    const paced: Paced = { source, usedBytes: 0 };
    return {
      took: (bytes) => {
        paced.usedBytes += bytes;
        if (paced.usedBytes < leastBytes) {
          // No tick for what keeps nobody waiting.
          return;
        }
        this.#touched.add(paced);
        if (paced.usedBytes >= this.#budget) {
          this.#waiting.add(paced);
          source.pause();
        }
        this.#schedule();
      },
      end: () => {
        this.#touched.delete(paced);
        this.#waiting.delete(paced);
      },
    };
  }

  #schedule(): void {
    if (this.#isScheduled) {
      return;
    }
    this.#isScheduled = true;
    if (this.#budget === aloneBytes) {
      setImmediate(() => this.#tick());
    } else {
      setTimeout(() => this.#tick(), tickMs);
    }
  }

  #tick(): void {
    this.#isScheduled = false;
    const flooding = this.#waiting.size;
    this.#budget = flooding <= 1 ? aloneBytes : Math.max(leastBytes, Math.floor(sharedBytes / flooding));
    for (const paced of this.#touched) {
      paced.usedBytes = 0;
    }
    this.#touched.clear();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { source } of waiting) {
      source.resume();
    }
  }
}
