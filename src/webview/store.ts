import { isRecord } from '../base/json.ts';
import type { Held, HostMessage } from '../protocol/messages.ts';
import { applyPage, applyPatch, holdSnapshot, windowMessages } from '../protocol/messages.ts';
import { Changes } from './changes.ts';
import type { Post } from './host.ts';

/** A request for a snapshot is repeated after this time: the first may have been sent before the host listened. */
const snapshotRetryMs = 2_000;

/** Messages kept while the end is watched; older ones are fetched again when somebody scrolls up to them. */
const heldMessages = 4 * windowMessages;

/** A page that is not there by then is said to be slow. */
const slowPageMs = 5_000;

/** How it stands with the messages before those that are held. */
export type EarlierState =
  | { readonly kind: 'waiting' | 'slow' }
  /** They could not be read: why, in a sentence. */
  | { readonly kind: 'failed'; readonly message: string };

const waiting: EarlierState = { kind: 'waiting' };

export type Signal = Extract<HostMessage, { type: 'sent' | 'compose' | 'hint' | 'focus' | 'agent' }>;

export interface StoreListener {
  /** Called at most once per frame, with everything that changed since the last call. */
  readonly onChanges: (held: Held, changes: Changes, draft: string | undefined) => void;
  readonly onSignal: (signal: Signal) => void;
  readonly nextFrame: (run: () => void) => void;
  readonly after: (ms: number, run: () => void) => void;
}

/** Holds what the host told of the session, and says what changed, once per frame. */
export class Store {
  readonly #post: Post;
  readonly #listener: StoreListener;
  #held: Held | undefined;
  #changes = new Changes();
  #draft: string | undefined;
  #frameRequested = false;
  #awaitingSnapshot = false;
  #requestedPage: number | undefined;
  #pageRequests = 0;
  #earlier: EarlierState = waiting;

  constructor(post: Post, listener: StoreListener) {
    this.#post = post;
    this.#listener = listener;
  }

  get held(): Held | undefined {
    return this.#held;
  }

  needSnapshot(): void {
    if (this.#awaitingSnapshot) {
      return;
    }
    this.#awaitingSnapshot = true;
    const ask = (): void => {
      if (this.#awaitingSnapshot) {
        this.#post({ type: 'needSnapshot' });
        this.#listener.after(snapshotRetryMs, ask);
      }
    };
    ask();
  }

  get earlier(): EarlierState {
    return this.#earlier;
  }

  /** Asks for the messages before the window, once per window. */
  needPage(): void {
    const held = this.#held;
    if (held !== undefined && held.view.from > 0 && this.#requestedPage !== held.view.from) {
      this.#requestedPage = held.view.from;
      this.#pageRequests += 1;
      this.#post({ type: 'needPage', epoch: held.epoch, before: held.view.from, count: windowMessages });
      const request = this.#pageRequests;
      this.#listener.after(slowPageMs, () => {
        if (request === this.#pageRequests && this.#requestedPage !== undefined && this.#earlier === waiting) {
          this.#setEarlier({ kind: 'slow' });
        }
      });
    }
  }

  /** Asks once more for a page that is slow or could not be read. */
  retryPage(): void {
    this.#requestedPage = undefined;
    this.#setEarlier(waiting);
    this.needPage();
  }

  /** Forgets the oldest messages; only while nothing of them is shown. */
  forgetBefore(index: number): void {
    const view = this.#held?.view;
    if (view !== undefined && view.messages.length > heldMessages) {
      const count = Math.min(index - view.from, view.messages.length - heldMessages);
      if (count > 0) {
        view.messages.splice(0, count);
        view.from += count;
        this.#requestedPage = undefined;
        this.#setEarlier(waiting);
      }
    }
  }

  receive(data: unknown): void {
    if (!isRecord(data) || typeof data['type'] !== 'string') {
      return;
    }
    const message = data as unknown as HostMessage;
    switch (message.type) {
      case 'snapshot':
        this.#awaitingSnapshot = false;
        this.#requestedPage = undefined;
        this.#earlier = waiting;
        this.#held = holdSnapshot(message);
        this.#changes = new Changes();
        this.#changes.reset = true;
        this.#draft = message.draft;
        break;
      case 'patch':
        this.#patch(message);
        break;
      case 'page':
        if (this.#held !== undefined && applyPage(this.#held, message)) {
          this.#requestedPage = undefined;
          this.#earlier = waiting;
          this.#changes.earlier = true;
        }
        break;
      case 'pageFailed':
        if (message.epoch === this.#held?.epoch && message.before === this.#requestedPage) {
          this.#setEarlier({ kind: 'failed', message: message.message });
        }
        break;
      case 'sent':
      case 'compose':
      case 'hint':
      case 'focus':
      case 'agent':
        // What the host said before is drawn first: a sentence about a new session must not go with the old one.
        if (this.#frameRequested) {
          this.#listener.nextFrame(() => this.#listener.onSignal(message));
        } else {
          this.#listener.onSignal(message);
        }
        break;
    }
    this.#requestFrame();
  }

  #patch(patch: Extract<HostMessage, { type: 'patch' }>): void {
    const held = this.#held;
    if (held === undefined) {
      this.needSnapshot();
      return;
    }
    const { total } = held.view;
    const result = applyPatch(held, patch);
    if (result === 'applied') {
      this.#changes.note(patch.ops, total);
    } else if (result === 'gap') {
      this.needSnapshot();
    }
  }

  #setEarlier(state: EarlierState): void {
    if (state !== this.#earlier) {
      this.#earlier = state;
      this.#changes.earlier = true;
      this.#requestFrame();
    }
  }

  #requestFrame(): void {
    if (this.#frameRequested || this.#changes.isEmpty) {
      return;
    }
    this.#frameRequested = true;
    this.#listener.nextFrame(() => {
      this.#frameRequested = false;
      const held = this.#held;
      const changes = this.#changes;
      const draft = this.#draft;
      if (held !== undefined && !changes.isEmpty) {
        this.#changes = new Changes();
        this.#draft = undefined;
        this.#listener.onChanges(held, changes, draft);
      }
    });
  }
}
