import type { Clock } from '../base/clock.ts';
import type { Action } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import { t } from '../base/l10n.ts';
import { MutableDisposable } from '../base/lifecycle.ts';
import { applyOps, type Op } from '../protocol/view.ts';
import { boundEvent } from './boundEvent.ts';
import { coreErrors } from './errors.ts';
import { MessageWindow, sessionBudget } from './messageWindow.ts';
import type { Log, SessionCatalog, SessionLog } from './ports.ts';
import type { HostEvent, NumberedEvent, RuntimeEvent, SessionEvent } from './sessionEvents.ts';
import { summaryOfModel } from './sessionInfo.ts';
import { isQuiet, reduce, type SessionModel } from './sessionReducer.ts';
import { SilenceWatch } from './silenceWatch.ts';
import { stateOf } from './stateOfModel.ts';
import { waitsForOthers } from './turnWaits.ts';

/** A turn that says nothing for this long, while nobody else is waited for, is stalled. */
const stalledAfterMs = 60_000;

export interface Appended {
  readonly events: readonly NumberedEvent[];
  readonly ops: readonly Op[];
}

export interface SessionJournalDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: Pick<SessionCatalog, 'putBlob' | 'saveSummary'>;
}

/**
 * What was said in a session, and the one place where that grows: an event is numbered, reduced into the model, kept in
 * the log, and told to everybody, in this order.
 */
export class SessionJournal {
  readonly model: SessionModel;
  readonly #deps: SessionJournalDeps;
  readonly #log: SessionLog | undefined;
  readonly #appended: Emitter<Appended>;
  readonly #undelivered: Appended[] = [];
  /** Watches the turn that runs. */
  readonly #silence = new MutableDisposable<SilenceWatch>();
  readonly #window = new MessageWindow(sessionBudget);
  #trimming = false;
  #atStart: HostEvent | undefined;

  /** `log` is undefined for a session that may only be read. */
  constructor(deps: SessionJournalDeps, model: SessionModel, log: SessionLog | undefined) {
    this.#deps = deps;
    this.model = model;
    this.#log = log;
    this.#appended = new Emitter((error) => deps.log.error('a listener of a session failed', error));
  }

  get onDidAppend() {
    return this.#appended.event;
  }

  get isReadOnly(): boolean {
    return this.#log === undefined;
  }

  async written(): Promise<void> {
    await this.#log?.flush('written');
  }

  async synced(): Promise<void> {
    await this.#log?.flush('synced');
  }

  /** The turn is watched no more: a silence of it is nobody's business. */
  endWatches(): void {
    this.#silence.dispose();
  }

  async close(): Promise<void> {
    this.#appended.dispose();
    await this.#log?.close();
  }

  /** Written down with the first event that comes, so that an unused session leaves no file. */
  startWith(event: HostEvent): void {
    this.#atStart = event;
  }

  /**
   * Nothing can be sent, decided or changed, for the reason given. What the log says of a turn that runs, and of what
   * waits in it, is another window's business: it is not shown as if it happened here.
   */
  makeReadOnly(reason: string, action: Action | undefined): void {
    const { state } = this.model.view.header;
    const isElsewhere = this.#log === undefined && (state === 'running' || state === 'pending');
    const op: Op = [
      'header',
      {
        readOnly: reason,
        readOnlyAction: action ?? null,
        ...(this.#log === undefined ? { pending: [], queued: [], status: t('Read-only') } : {}),
        ...(isElsewhere ? { state: 'idle' as const } : {}),
      },
    ];
    applyOps(this.model.view, [op]);
    this.#appended.fire({ events: [], ops: [op] });
  }

  /**
   * What another window has added to a session that is only read here: events that come after those of the model. They
   * change what is shown, and nothing else: they are not ours to act on.
   */
  follow(events: readonly NumberedEvent[]): void {
    const { readOnly, readOnlyAction } = this.model.view.header;
    const ops = events.flatMap((numbered) => (numbered.seq > this.model.lastSeq ? reduce(this.model, numbered) : []));
    if (ops.length > 0 && readOnly !== undefined) {
      if (isQuiet(this.model) && this.#window.settle(this.model.view)) {
        this.#window.trim(this.model.view, this.model.view.total);
      }
      this.#deliver({ events: [], ops });
      this.makeReadOnly(readOnly, readOnlyAction);
    }
  }

  /** Takes back `makeReadOnly`. */
  makeWritable(): void {
    const op: Op = ['header', { readOnly: null, readOnlyAction: null }];
    applyOps(this.model.view, [op]);
    this.#appended.fire({ events: [], ops: [op] });
  }

  /** Throws `sessionLocked` with the reason. */
  assertWritable(): void {
    const { readOnly, readOnlyAction } = this.model.view.header;
    if (this.#log === undefined || readOnly !== undefined) {
      throw coreErrors.readOnly(
        readOnly ?? coreErrors.sessionClosed().message,
        readOnlyAction === undefined ? [] : [readOnlyAction],
      );
    }
  }

  /** Numbers an event, keeps it, and tells everybody. */
  append(run: number, event: SessionEvent): void {
    const atStart = this.#atStart;
    this.#atStart = undefined;
    if (atStart !== undefined) {
      this.append(0, atStart);
    }
    const events: NumberedEvent[] = [];
    const ops: Op[] = [];
    for (const bounded of boundEvent(event, (text) => this.#deps.catalog.putBlob(this.model.identity.id, text))) {
      const numbered: NumberedEvent = { seq: this.model.lastSeq + 1, at: this.#deps.clock.now(), run, event: bounded };
      ops.push(...reduce(this.model, numbered));
      events.push(numbered);
      this.#log?.append(numbered);
      if (isQuiet(this.model)) {
        this.#settleMessages();
      }
    }
    ops.push(...this.#heard(event.type === 'retry' ? event.delayMs : 0));
    if (mattersAtOnce.has(event.type)) {
      // A failure is told by the store itself, which keeps trying.
      this.#log?.flush('synced').catch(() => undefined);
      this.#deps.catalog.saveSummary(summaryOfModel(this.model));
    }
    this.#deliver({ events, ops });
  }

  /** No event can change a message that is there: the session can be opened from here, and the oldest may leave the memory. */
  #settleMessages(): void {
    const { view } = this.model;
    const log = this.#log;
    log?.checkpoint(() => stateOf(this.model));
    if (!this.#window.settle(view) || log === undefined || this.#trimming) {
      return;
    }
    this.#trimming = true;
    const end = view.total;
    // What cannot be saved stays in memory; the failure is told by the store.
    void log
      .flush('written')
      .then(() => (log.isComplete ? this.#window.trim(view, end) : undefined))
      .catch(() => undefined)
      .finally(() => {
        this.#trimming = false;
      });
  }

  /** Something happened, so that the turn is not silent, and may be for `pardonMs`. Returns what that changes in the view. */
  #heard(pardonMs = 0): readonly Op[] {
    if (this.model.turn === undefined) {
      this.#silence.value = undefined;
    } else if (this.#silence.value === undefined) {
      this.#silence.value = new SilenceWatch({
        clock: this.#deps.clock,
        timeoutMs: stalledAfterMs,
        isExpected: () => waitsForOthers(this.model),
        onTooLong: (silentMs) => this.#setSilentSince(this.#deps.clock.now() - silentMs),
      });
      this.#silence.value.start();
    }
    this.#silence.value?.pardon(pardonMs);
    if (this.model.view.header.silentSince === undefined) {
      return [];
    }
    const op: Op = ['header', { silentSince: null }];
    applyOps(this.model.view, [op]);
    this.#silence.value?.start();
    return [op];
  }

  /** Something was heard of the turn that is not kept. */
  heard(): void {
    const ops = this.#heard();
    if (ops.length > 0) {
      this.#deliver({ events: [], ops });
    }
  }

  /** Not part of the log: it is over with the next word. */
  #setSilentSince(silentSince: number): void {
    const op: Op = ['header', { silentSince }];
    applyOps(this.model.view, [op]);
    this.#deliver({ events: [], ops: [op] });
  }

  /**
   * Tells the listeners, in the order of the numbers: what a listener appends while it is told comes after this has
   * reached all of them.
   */
  #deliver(appended: Appended): void {
    this.#undelivered.push(appended);
    if (this.#undelivered.length > 1) {
      return;
    }
    for (let next = this.#undelivered[0]; next !== undefined; next = this.#undelivered[0]) {
      this.#appended.fire(next);
      this.#undelivered.shift();
    }
  }
}

/** Events after which nothing may be lost, whatever happens to the machine. */
const mattersAtOnce: ReadonlySet<SessionEvent['type']> = new Set<HostEvent['type'] | RuntimeEvent['type']>([
  'turnComplete',
  'turnCancelled',
  'approvalNeeded',
  'approvalDecided',
  'questionAsked',
  'questionAnswered',
  'userMessage',
  'configured',
  'sessionStarted',
  'error',
]);
