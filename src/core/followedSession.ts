import { messageOf } from '../base/errors.ts';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock, Log } from './ports.ts';
import type { Session } from './session.ts';
import type { SessionModels } from './sessionModels.ts';

/** How often the session that is on screen is compared with its file. */
const lookMs = 1_000;
/** More events at a time are read in the next look. */
const eventsPerLook = 2_000;

export interface FollowedSessionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: Pick<SessionModels, 'revisionOf' | 'loadEvents'>;
  /** The session that the person can see now. */
  readonly onScreen: () => Session | undefined;
}

/** Shows what another window adds to the session that is only read here, for as long as somebody looks at it. */
export class FollowedSession implements Disposable {
  readonly #deps: FollowedSessionDeps;
  readonly #store = new DisposableStore();
  readonly #timer = this.#store.add(new MutableDisposable<Disposable>());
  #session: Session | undefined;
  #revision = '';
  #isReading = false;

  constructor(deps: FollowedSessionDeps) {
    this.#deps = deps;
  }

  /** What is on screen may have changed. */
  look(): void {
    const session = this.#deps.onScreen();
    const followed = session?.isReadOnly === true ? session : undefined;
    if (followed !== this.#session) {
      this.#session = followed;
      this.#revision = '';
    }
    if (followed === undefined) {
      this.#timer.value = undefined;
    } else {
      this.#schedule();
    }
  }

  dispose(): void {
    this.#session = undefined;
    this.#store.dispose();
  }

  #schedule(): void {
    this.#timer.value ??= this.#deps.clock.after(lookMs, () => {
      this.#timer.value = undefined;
      void this.#read();
    });
  }

  async #read(): Promise<void> {
    const { catalog, log } = this.#deps;
    const session = this.#session;
    if (session === undefined || this.#isReading) {
      return;
    }
    this.#isReading = true;
    try {
      const revision = catalog.revisionOf(session.id);
      if (revision !== this.#revision) {
        const events = await catalog.loadEvents(session.id, session.model.lastSeq, eventsPerLook);
        if (session === this.#session) {
          session.follow(events);
          this.#revision = events.length < eventsPerLook ? revision : '';
        }
      }
    } catch (error) {
      log.warn(`what another window adds to session ${session.id} cannot be read: ${messageOf(error)}`);
    } finally {
      this.#isReading = false;
      this.look();
    }
  }
}
