import { SerialQueue } from '../base/async.ts';
import { GreenroomError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import { t } from '../base/l10n.ts';
import type { ApprovalMode, Decision, Op } from '../protocol/view.ts';
import { addToBackground, bringToFront, type Places, removeFrom } from './arrangement.ts';
import { coreErrors } from './errors.ts';
import { LazySessionLog } from './lazySessionLog.ts';
import type { SessionCatalog, SessionIdentity, SessionLog, SessionSummary } from './ports.ts';
import { Session, type SessionDeps } from './session.ts';
import type { NumberedEvent } from './sessionEvents.ts';
import { infoOfModel, infoOfSummary, type Place, type SessionInfo, summaryOfModel } from './sessionInfo.ts';
import { createSessionModel, reduceAll } from './sessionReducer.ts';

export interface ManagerDeps extends Omit<SessionDeps, 'catalog'> {
  readonly catalog: SessionCatalog;
  readonly maxSlots: () => number;
  readonly defaults: () => { readonly runtime: string; readonly mode: ApprovalMode };
  /** The directory of a session that names none; undefined where no folder is open. */
  readonly defaultCwd: () => string | undefined;
}

export interface CreateOptions {
  readonly runtime?: string;
  readonly model?: string;
  readonly cwd?: string;
  readonly name?: string;
}

export interface ChangedSession {
  readonly sessionId: string;
  readonly events: readonly NumberedEvent[];
  readonly ops: readonly Op[];
}

/**
 * All sessions of a window: the one on stage, those in the slots, and those stored. Moves queue; the rest goes straight
 * to the session.
 */
export class SessionManager {
  readonly #deps: ManagerDeps;
  readonly #sessionDeps: SessionDeps;
  readonly #live = new Map<string, Session>();
  readonly #loading = new Map<string, Promise<Session>>();
  readonly #summaries = new Map<string, SessionSummary>();
  readonly #unread = new Set<string>();
  readonly #moves = new SerialQueue();
  readonly #changed: Emitter<{ readonly sessionId?: string }>;
  readonly #appended: Emitter<ChangedSession>;
  readonly #staged: Emitter<Session>;
  readonly #returned: Emitter<{ readonly sessionId: string; readonly text: string }>;
  #arrangement: Places = { foreground: undefined, background: [] };
  /** False in a window whose arrangement is another window's: it is not saved over that one's. */
  #ownsArrangement = true;
  #onScreen: string | undefined;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
    this.#sessionDeps = {
      ...deps,
      catalog: {
        putBlob: (id, text) => deps.catalog.putBlob(id, text),
        readBlob: (id, blob) => deps.catalog.readBlob(id, blob),
        saveSummary: (summary) => {
          this.#summaries.set(summary.id, summary);
          deps.catalog.saveSummary(summary);
          this.#saveArrangement();
        },
      },
    };
    const onListenerError = (error: unknown): void => deps.log.error('a listener of the sessions failed', error);
    this.#changed = new Emitter(onListenerError);
    this.#appended = new Emitter(onListenerError);
    this.#staged = new Emitter(onListenerError);
    this.#returned = new Emitter(onListenerError);
  }

  /** Something about a session, its place or its state has changed. */
  get onDidChange() {
    return this.#changed.event;
  }

  /** Every event of every session that is in memory, in order. */
  get onDidAppend() {
    return this.#appended.event;
  }

  /** Another session is on stage. */
  get onDidStage() {
    return this.#staged.event;
  }

  /** Text that goes back to the composer of its session. */
  get onDidReturnText() {
    return this.#returned.event;
  }

  /** The session that the person can see now. */
  get onScreenId(): string | undefined {
    return this.#onScreen;
  }

  get foregroundId(): string | undefined {
    return this.#arrangement.foreground;
  }

  /** Brings back the places of the last time, from one small file; the sessions themselves are loaded when they are needed. */
  async restore(): Promise<void> {
    const stored = await this.#deps.catalog.readArrangement();
    const known = new Map(stored?.summaries.map((summary) => [summary.id, summary]));
    for (const [id, summary] of known) {
      this.#summaries.set(id, summary);
    }
    const isKnown = (id: string | undefined): id is string => id !== undefined && known.has(id);
    this.#arrangement = {
      foreground: isKnown(stored?.foreground) ? stored.foreground : undefined,
      background: stored?.background.filter(isKnown) ?? [],
    };
    if (this.#arrangement.foreground === undefined) {
      this.#stageNew({});
    }
    this.#changed.fire({});
  }

  /**
   * The session on stage, loaded. One that cannot be loaded is left alone, and a new one takes its place; `onProblem` is
   * told why. Undefined where no folder is open. A window whose sessions another window has starts with none of them.
   */
  async ensureForeground(onProblem: (message: string) => void): Promise<Session | undefined> {
    const id = this.#arrangement.foreground;
    if (id === undefined || this.#live.has(id)) {
      return this.foreground;
    }
    try {
      const session = await this.#load(id);
      this.#announceStage();
      return session;
    } catch (error) {
      if (error instanceof GreenroomError && error.code === 'sessionLocked') {
        this.#ownsArrangement = false;
        this.#arrangement = { foreground: undefined, background: [] };
      } else {
        onProblem(messageOf(error));
        this.#arrangement = { ...this.#arrangement, foreground: undefined };
      }
      this.#stageNew({});
      return this.foreground;
    }
  }

  /** The foreground first, then the slots in their order, then the stored sessions, newest first. */
  list(): readonly SessionInfo[] {
    const placed = new Set(this.#placedIds);
    const stored = [...this.#summaries.values()]
      .filter((summary) => !placed.has(summary.id))
      .sort((a, b) => b.updatedAt - a.updatedAt);
    return [...this.placed(), ...stored.flatMap((summary) => this.info(summary.id) ?? [])];
  }

  /** The foreground and the slots only. */
  placed(): readonly SessionInfo[] {
    return this.#placedIds.flatMap((id) => this.info(id) ?? []);
  }

  info(id: string): SessionInfo | undefined {
    const place = this.#placeOf(id);
    const live = this.#live.get(id);
    if (live !== undefined) {
      return infoOfModel(live.model, place, this.#unread.has(id));
    }
    const summary = this.#summaries.get(id);
    return summary === undefined ? undefined : infoOfSummary(summary, place);
  }

  /** The session if it is in memory. */
  live(id: string): Session | undefined {
    return this.#live.get(id);
  }

  get foreground(): Session | undefined {
    const id = this.#arrangement.foreground;
    return id === undefined ? undefined : this.#live.get(id);
  }

  /** Sessions in memory, the foreground first. */
  get liveSessions(): readonly Session[] {
    return [...this.#live.values()];
  }

  /** Loads a session if it is not in memory. Throws `unknownSession`, `newerVersion`, `damagedSession` or `sessionLocked`. */
  get(id: string): Promise<Session> {
    const live = this.#live.get(id);
    return live === undefined ? this.#load(id) : Promise.resolve(live);
  }

  /** A new session on stage. Throws `slotLimit` before anything changes. */
  create(options: CreateOptions): Promise<Session> {
    return this.#moves.run(async () => {
      // Checked first: a refused move leaves nothing behind.
      bringToFront(this.#arrangement, '', this.#foregroundIsEmpty, this.#deps.maxSlots());
      const session = this.#make(options);
      await this.#bring(session);
      return session;
    });
  }

  /** A new session in a slot; the foreground stays. */
  createInBackground(options: CreateOptions): Promise<Session> {
    return this.#moves.run(() => {
      addToBackground(this.#arrangement, '', this.#deps.maxSlots());
      const session = this.#make(options);
      this.#arrange(addToBackground(this.#arrangement, session.id, this.#deps.maxSlots()));
      return session;
    });
  }

  /** Puts a session on stage, wherever it is now. */
  open(id: string): Promise<Session> {
    return this.#moves.run(async () => {
      const session = await this.get(id);
      await this.#bring(session);
      return session;
    });
  }

  /** Takes back a session whose first turn could not start. */
  withdraw(id: string): Promise<void> {
    return this.delete(id);
  }

  /** Ends the session and removes what is stored of it. */
  delete(id: string): Promise<void> {
    return this.#moves.run(async () => {
      const live = this.#live.get(id);
      if (live === undefined && !this.#summaries.has(id)) {
        throw coreErrors.unknownSession(id);
      }
      await live?.close();
      this.#live.delete(id);
      this.#summaries.delete(id);
      this.#unread.delete(id);
      this.#deps.catalog.saveDraft(id, '');
      await this.#deps.catalog.delete(id);
      this.#arrange(removeFrom(this.#arrangement, id));
      if (this.#arrangement.foreground === undefined) {
        this.#stageNew({});
      }
    });
  }

  async decide(approvalId: string, decision: Decision, message?: string): Promise<void> {
    await this.#deskOf(approvalId).decide(approvalId, decision, message);
  }

  async answer(questionId: string, answers: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
    await this.#deskOf(questionId).answer(questionId, answers);
  }

  /** The session that has this request open. */
  sessionOfRequest(requestId: string): Session | undefined {
    return [...this.#live.values()].find((session) => session.desk.has(requestId));
  }

  /** Which session the person can see now: nothing that happens in it is unread. */
  setOnScreen(id: string | undefined): void {
    this.#onScreen = id;
    if (id !== undefined && this.#unread.delete(id)) {
      this.#changed.fire({ sessionId: id });
    }
  }

  async refreshStored(): Promise<readonly string[]> {
    const problems: string[] = [];
    await this.#refresh(problems);
    this.#changed.fire({});
    return problems;
  }

  /** Ends every run and releases every file. Turns that run show as interrupted when they are opened again. */
  async close(): Promise<void> {
    this.#saveArrangement();
    await Promise.allSettled([...this.#live.values()].map((session) => session.close()));
    await Promise.all([this.#deps.catalog.flush(), this.#deps.runLog.flush()]);
    this.#live.clear();
  }

  #deskOf(requestId: string) {
    const session = this.sessionOfRequest(requestId);
    if (session === undefined) {
      throw coreErrors.unknownApproval();
    }
    return session.desk;
  }

  get #placedIds(): readonly string[] {
    const { foreground, background } = this.#arrangement;
    return foreground === undefined ? background : [foreground, ...background];
  }

  #placeOf(id: string): Place {
    if (id === this.#arrangement.foreground) {
      return { place: 'foreground' };
    }
    const slot = this.#arrangement.background.indexOf(id);
    return slot < 0 ? { place: 'stored' } : { place: 'background', slot: slot + 1 };
  }

  #make(options: CreateOptions): Session {
    const runtime = options.runtime ?? this.#deps.defaults().runtime;
    const kind = this.#deps.kindOf(runtime);
    const cwd = kind.ownFolder ?? options.cwd ?? this.#deps.defaultCwd();
    if (cwd === undefined) {
      throw coreErrors.noFolder();
    }
    return this.#makeSession(
      { id: this.#deps.ids.uuid(), runtime, cwd, createdAt: this.#deps.clock.now() },
      kind.displayName,
      options,
    );
  }

  #makeSession(identity: SessionIdentity, displayName: string, options: CreateOptions): Session {
    const model = createSessionModel(identity, displayName);
    const { mode } = this.#deps.defaults();
    const log = new LazySessionLog(() => this.#deps.catalog.create(identity));
    const session = this.#adopt(new Session(this.#sessionDeps, model, log, 0));
    // What the session starts with is not an event: an empty session leaves no file behind.
    model.view.header = { ...model.view.header, mode };
    session.configureAtStart({
      mode,
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.name === undefined ? {} : { name: options.name }),
    });
    return session;
  }

  /** For a window without a folder there is nothing to stage. */
  #stageNew(options: CreateOptions): void {
    if (this.#deps.defaultCwd() === undefined && options.cwd === undefined) {
      return;
    }
    const session = this.#make(options);
    this.#arrange({ ...this.#arrangement, foreground: session.id });
    this.#announceStage();
  }

  async #bring(session: Session): Promise<void> {
    const { next, discarded } = bringToFront(
      this.#arrangement,
      session.id,
      this.#foregroundIsEmpty,
      this.#deps.maxSlots(),
    );
    this.#arrange(next);
    this.#announceStage();
    if (discarded !== undefined) {
      await this.#discard(discarded);
    }
  }

  /** Nothing was said or written in it, and it has no name: it can go without a loss. */
  isEmpty(id: string): boolean {
    const isUnused = this.#live.get(id)?.isEmpty ?? this.#summaries.get(id)?.messageCount === 0;
    return isUnused && this.#deps.catalog.readDraft(id).trim() === '';
  }

  get #foregroundIsEmpty(): boolean {
    const { foreground } = this.#arrangement;
    return foreground === undefined || this.isEmpty(foreground);
  }

  #announceStage(): void {
    const session = this.foreground;
    if (session !== undefined) {
      this.#unread.delete(session.id);
      this.#staged.fire(session);
    }
    this.#changed.fire({});
  }

  async #discard(id: string): Promise<void> {
    const session = this.#live.get(id);
    this.#live.delete(id);
    this.#summaries.delete(id);
    await session?.close();
    await this.#deps.catalog.delete(id);
    this.#changed.fire({});
  }

  #arrange(next: Places): void {
    this.#arrangement = next;
    this.#saveArrangement();
    this.#changed.fire({});
  }

  #saveArrangement(): void {
    if (!this.#ownsArrangement) {
      return;
    }
    // An unused session has no file: its draft comes back because it is named here.
    const summaries = this.#placedIds.flatMap((id) => {
      const live = this.#live.get(id);
      return live === undefined ? (this.#summaries.get(id) ?? []) : summaryOfModel(live.model);
    });
    this.#deps.catalog.saveArrangement({ ...this.#arrangement, summaries });
  }

  async #refresh(problems: string[]): Promise<readonly SessionSummary[]> {
    try {
      const listed = await this.#deps.catalog.list();
      problems.push(...listed.problems);
      for (const summary of listed.sessions) {
        this.#summaries.set(summary.id, summary);
      }
      return listed.sessions;
    } catch (error) {
      problems.push(t('The stored sessions cannot be listed: {0}', messageOf(error)));
      return [];
    }
  }

  #load(id: string): Promise<Session> {
    const loading = this.#loading.get(id);
    if (loading !== undefined) {
      return loading;
    }
    const next = this.#loadNow(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, next);
    return next;
  }

  async #loadNow(id: string): Promise<Session> {
    const { catalog } = this.#deps;
    const unused = this.#summaries.get(id);
    // Opened first: a torn tail is cut off before the events are read, and nobody else appends meanwhile.
    const log: SessionLog | undefined = await catalog.open(id).catch((error: unknown) => {
      if (unused?.messageCount === 0 && error instanceof GreenroomError && error.code === 'unknownSession') {
        return undefined;
      }
      throw error;
    });
    if (log === undefined) {
      const { runtime, cwd, createdAt } = unused ?? { runtime: '', cwd: '', createdAt: 0 };
      return this.#makeSession({ id, runtime, cwd, createdAt }, this.#deps.kindOf(runtime).displayName, {});
    }
    try {
      const { identity, events, damage } = await catalog.load(id);
      const kind = this.#deps.kindOf(identity.runtime);
      const model = reduceAll(identity, kind.displayName, events);
      const lastRun = events.reduce((max, event) => Math.max(max, event.run), 0);
      const session = this.#adopt(new Session(this.#sessionDeps, model, log, lastRun));
      if (damage !== undefined) {
        session.warn('damagedSession', damage);
      }
      session.settleInterrupted();
      return session;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  #adopt(session: Session): Session {
    this.#live.set(session.id, session);
    session.onDidAppend((appended) => {
      const sessionId = session.id;
      if (sessionId !== this.#onScreen && appended.events.some(({ event }) => endsOrAsks.has(event.type))) {
        this.#unread.add(sessionId);
      }
      this.#appended.fire({ sessionId, ...appended });
      // Deltas change the transcript, not what lists show.
      if (appended.ops.some((op) => op[0] === 'header' || op[0] === 'message')) {
        this.#changed.fire({ sessionId });
      }
    });
    session.onDidReturnText((text) => {
      const draft = this.#deps.catalog.readDraft(session.id);
      this.#deps.catalog.saveDraft(session.id, draft.trim() === '' ? text : `${text}\n\n${draft}`);
      this.#returned.fire({ sessionId: session.id, text });
    });
    return session;
  }
}

const endsOrAsks: ReadonlySet<NumberedEvent['event']['type']> = new Set<NumberedEvent['event']['type']>([
  'turnComplete',
  'turnCancelled',
  'approvalNeeded',
  'questionAsked',
  'error',
]);
