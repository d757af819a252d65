import type { ModelState } from './modelState.ts';
import type { Durability, SessionLog } from './ports.ts';
import type { NumberedEvent } from './sessionEvents.ts';

/** A log whose file is made with its first event: a session that nobody used leaves none behind. */
export class LazySessionLog implements SessionLog {
  readonly #create: () => Promise<SessionLog>;
  readonly #early: NumberedEvent[] = [];
  #creating: Promise<SessionLog> | undefined;
  #log: SessionLog | undefined;

  constructor(create: () => Promise<SessionLog>) {
    this.#create = create;
  }

  append(event: NumberedEvent): void {
    if (this.#log !== undefined) {
      this.#log.append(event);
      return;
    }
    this.#early.push(event);
    // A failure is reported by `flush`, which tries again.
    this.#open().catch(() => undefined);
  }

  get isComplete(): boolean {
    return this.#log?.isComplete ?? true;
  }

  checkpoint(state: () => ModelState): void {
    this.#log?.checkpoint(state);
  }

  async flush(durability: Durability): Promise<void> {
    if (this.#log === undefined && this.#early.length === 0) {
      return;
    }
    await (await this.#open()).flush(durability);
  }

  async close(): Promise<void> {
    if (this.#log === undefined && this.#early.length === 0) {
      return;
    }
    await (await this.#open()).close();
  }

  #open(): Promise<SessionLog> {
    this.#creating ??= this.#create().then(
      (log) => {
        this.#log = log;
        for (const event of this.#early.splice(0)) {
          log.append(event);
        }
        return log;
      },
      (error: unknown) => {
        this.#creating = undefined;
        throw error;
      },
    );
    return this.#creating;
  }
}
