import type { Clock } from '../base/clock.ts';
import { type Disposable, MutableDisposable } from '../base/lifecycle.ts';
import { type Away, type HostMessage, windowMessages } from '../protocol/messages.ts';
import type { Op, View } from '../protocol/view.ts';
import type { MessageRange } from './sessionModels.ts';

/** One frame of a 60 Hz display: changes are sent at most this often. */
const frameMs = 16;
/** More waiting changes than this are dropped for a snapshot, which is smaller by then. */
const maxWaitingOps = 4_000;
const maxPageMessages = 120;

export interface ChatFeedOptions {
  readonly clock: Clock;
  /** Hands a message to the webview; never awaited. */
  readonly post: (message: HostMessage) => void;
  readonly draftOf: (sessionId: string) => string;
  /** Reads messages that are not in memory; see `SessionModels.loadMessages`. */
  readonly loadMessages: (sessionId: string, before: number, count: number) => Promise<MessageRange>;
  /** Why messages could not be read, in a sentence for the person. */
  readonly problemOf: (error: unknown) => string;
  /** What the person missed of the session. */
  readonly awayOf: (sessionId: string) => Away | undefined;
}

interface PageRequest {
  readonly epoch: number;
  readonly before: number;
  readonly count: number;
}

/**
 * Keeps one webview up to date with one session: a snapshot first, then numbered patches, coalesced per frame. A hidden
 * webview is sent nothing; it gets a snapshot when it is shown.
 */
export class ChatFeed implements Disposable {
  readonly #options: ChatFeedOptions;
  readonly #frame = new MutableDisposable<Disposable>();
  #source: { readonly sessionId: string; readonly view: View } | undefined;
  #epoch = 0;
  #seq = 0;
  #waiting: Op[] = [];
  #visible = false;
  /** The webview has asked for a snapshot since it was loaded. */
  #listening = false;
  /** The webview holds the current epoch. */
  #current = false;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #reading: PageRequest | undefined;
  #nextPage: PageRequest | undefined;
  /** Patches sent so far, for measurements. */
  patchesSent = 0;
  /** Snapshots that were sent because too much waited. */
  overflows = 0;

  constructor(options: ChatFeedOptions) {
    this.#options = options;
  }

  get sessionId(): string | undefined {
    return this.#source?.sessionId;
  }

  show(sessionId: string, view: View): void {
    if (this.#source?.sessionId === sessionId && this.#source.view === view) {
      return;
    }
    this.#source = { sessionId, view };
    this.#invalidate();
    this.#sendSnapshotIfShown();
  }

  setVisible(visible: boolean): void {
    if (visible === this.#visible) {
      return;
    }
    this.#visible = visible;
    this.#invalidate();
    this.#sendSnapshotIfShown();
  }

  /** The webview was thrown away: whatever replaces it has to ask first. */
  reset(): void {
    this.#listening = false;
    this.#invalidate();
  }

  needSnapshot(): void {
    this.#listening = true;
    this.#invalidate();
    this.#sendSnapshotIfShown();
  }

  /** Sends messages before the index `before`, or says why it cannot. Never rejects. */
  async needPage(epoch: number, before: number, count: number): Promise<void> {
    const source = this.#source;
    if (source === undefined || !this.#isCurrent(epoch)) {
      return;
    }
    this.#flush();
    const { view } = source;
    const end = Math.min(Math.max(0, Math.floor(before)), view.total);
    const wanted = Math.min(Math.max(1, Math.floor(count)), maxPageMessages);
    if (end > view.from) {
      const from = Math.max(view.from, end - wanted);
      const messages = view.messages.slice(from - view.from, end - view.from);
      this.#options.post({ type: 'page', epoch, from, messages });
    } else if (end > 0) {
      await this.#readPage(source.sessionId, { epoch, before: end, count: wanted });
    }
  }

  /** One at a time: of what is asked for meanwhile, the last is read next. */
  async #readPage(sessionId: string, request: PageRequest): Promise<void> {
    if (this.#reading?.epoch === request.epoch) {
      this.#nextPage = request;
      return;
    }
    this.#reading = request;
    for (let next: PageRequest | undefined = request; next !== undefined && this.#reading === request;) {
      const answer = await this.#load(sessionId, next);
      if (this.#isCurrent(request.epoch)) {
        this.#options.post(answer);
      }
      const waiting: PageRequest | undefined = this.#nextPage;
      this.#nextPage = undefined;
      next = waiting?.epoch === request.epoch && waiting.before !== next.before ? waiting : undefined;
    }
    if (this.#reading === request) {
      this.#reading = undefined;
    }
  }

  async #load(sessionId: string, { epoch, before, count }: PageRequest): Promise<HostMessage> {
    try {
      return { type: 'page', epoch, ...(await this.#options.loadMessages(sessionId, before, count)) };
    } catch (error) {
      return { type: 'pageFailed', epoch, before, message: this.#options.problemOf(error) };
    }
  }

  /** The webview holds what was sent in this epoch. */
  #isCurrent(epoch: number): boolean {
    return this.#current && epoch === this.#epoch;
  }

  /** The session's view has changed by `ops`; they have been applied to it already. */
  changed(sessionId: string, ops: readonly Op[]): void {
    if (!this.#current || sessionId !== this.#source?.sessionId) {
      return;
    }
    for (const op of ops) {
      const last = this.#waiting.at(-1);
      const merged = last === undefined ? undefined : mergeOps(last, op);
      if (merged === undefined) {
        this.#waiting.push(op);
      } else {
        this.#waiting[this.#waiting.length - 1] = merged;
      }
    }
    if (this.#waiting.length > maxWaitingOps) {
      this.overflows += 1;
      this.#invalidate();
      // Later, as a patch would be: the view may hold changes already that are still to be told, and would be sent twice.
      this.#frame.value = this.#options.clock.after(frameMs, () => this.#sendSnapshotIfShown());
      return;
    }
    if (this.#waiting.length > 0 && this.#frame.value === undefined) {
      const sinceLast = this.#options.clock.monotonic() - this.#lastSentAt;
      this.#frame.value = this.#options.clock.after(Math.max(0, frameMs - sinceLast), () => this.#flush());
    }
  }

  dispose(): void {
    this.#invalidate();
    this.#source = undefined;
    this.#frame.dispose();
  }

  #invalidate(): void {
    this.#current = false;
    this.#waiting = [];
    this.#frame.value = undefined;
  }

  #flush(): void {
    this.#frame.value = undefined;
    const ops = this.#waiting;
    if (ops.length === 0 || !this.#current) {
      return;
    }
    this.#waiting = [];
    this.#seq += 1;
    this.patchesSent += 1;
    this.#lastSentAt = this.#options.clock.monotonic();
    this.#options.post({ type: 'patch', epoch: this.#epoch, seq: this.#seq, ops });
  }

  #sendSnapshotIfShown(): void {
    const source = this.#source;
    if (source === undefined || !this.#visible || !this.#listening) {
      return;
    }
    const { view } = source;
    this.#epoch += 1;
    this.#seq = 0;
    this.#current = true;
    const from = Math.max(view.from, view.total - windowMessages);
    const away = this.#options.awayOf(source.sessionId);
    this.#options.post({
      type: 'snapshot',
      sessionId: source.sessionId,
      epoch: this.#epoch,
      seq: 0,
      total: view.total,
      from,
      messages: view.messages.slice(from - view.from),
      header: view.header,
      draft: this.#options.draftOf(source.sessionId),
      ...(away === undefined ? {} : { away }),
    });
  }
}

/** Two neighbouring changes as one, where that is the same. */
function mergeOps(first: Op, second: Op): Op | undefined {
  if (first[0] === 'header' && second[0] === 'header') {
    return ['header', { ...first[1], ...second[1] }];
  }
  if (
    (first[0] === 'text' || first[0] === 'input' || first[0] === 'output') &&
    first[0] === second[0] &&
    first[1] === second[1] &&
    first[2] === second[2]
  ) {
    return [first[0], first[1], first[2], first[3] + second[3]];
  }
  return undefined;
}
