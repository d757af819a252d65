import { SerialQueue } from '../base/async.ts';
import { GreenroomError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import { t } from '../base/l10n.ts';
import type { ApprovalMode, Decision, Op } from '../protocol/view.ts';
import { type Absence, Absences } from './absences.ts';
import { addToBackground, bringToFront, type Places, removeFrom } from './arrangement.ts';
import { boundEvent } from './boundEvent.ts';
import { action, coreErrors } from './errors.ts';
import { FollowedSession } from './followedSession.ts';
import { LazySessionLog } from './lazySessionLog.ts';
import { LimitWatch } from './limitWatch.ts';
import type {
  DeletedSession,
  SearchStep,
  SessionCatalog,
  SessionIdentity,
  SessionLog,
  SessionSummary,
} from './ports.ts';
import { Session, type SessionDeps } from './session.ts';
import type { NumberedEvent } from './sessionEvents.ts';
import { infoOfModel, infoOfSummary, isLeftOpen, type Place, type SessionInfo, summaryOfModel } from './sessionInfo.ts';
import type { Appended } from './sessionJournal.ts';
import type { SessionModels } from './sessionModels.ts';
import { createSessionModel, reduce } from './sessionReducer.ts';

export interface ManagerDeps extends Omit<SessionDeps, 'catalog'> {
  readonly catalog: SessionCatalog & SessionModels;
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
  readonly #absences = new Absences();
  readonly #limits: LimitWatch;
  readonly #followed: FollowedSession;
  readonly #moves = new SerialQueue();
  #restored: Promise<void> = Promise.resolve();
  readonly #changed: Emitter<{ readonly sessionId?: string }>;
  readonly #appended: Emitter<ChangedSession>;
  readonly #staged: Emitter<Session>;
  readonly #returned: Emitter<{ readonly sessionId: string; readonly text: string }>;
  #arrangement: Places = { foreground: undefined, background: [] };
  #ownsArrangement = false;
  #onScreen: string | undefined;
  /** What the person missed of the session that they came back to. */
  #missed: Absence | undefined;

  constructor(deps: ManagerDeps) {
    this.#deps = deps;
    this.#sessionDeps = {
      ...deps,
      catalog: {
        load: (id) => deps.catalog.load(id),
        putBlob: (id, text) => deps.catalog.putBlob(id, text),
        readBlob: (id, blob) => deps.catalog.readBlob(id, blob),
        loadMessages: (id, before, count) => deps.catalog.loadMessages(id, before, count),
        saveSummary: (summary) => {
          this.#summaries.set(summary.id, summary);
          deps.catalog.saveSummary(summary);
          this.#saveArrangement();
        },
      },
    };
    deps.catalog.onWanted((id) => {
      this.#handOver(id).catch((error: unknown) => deps.log.error(`session ${id} could not be handed over`, error));
    });
    const onListenerError = (error: unknown): void => deps.log.error('a listener of the sessions failed', error);
    this.#changed = new Emitter(onListenerError);
    this.#appended = new Emitter(onListenerError);
    this.#staged = new Emitter(onListenerError);
    this.#returned = new Emitter(onListenerError);
    this.#limits = new LimitWatch(
      deps.clock,
      () => this.active().flatMap(({ rateLimitedUntil }) => rateLimitedUntil ?? []),
      () => this.#changed.fire({}),
    );
    this.#changed.event(() => this.#limits.look());
    this.#followed = new FollowedSession({
      clock: deps.clock,
      log: deps.log,
      catalog: deps.catalog,
      onScreen: () => (this.#onScreen === undefined ? undefined : this.#live.get(this.#onScreen)),
    });
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

  /** False in a window whose arrangement is another window's: it is not saved over that one's. */
  get ownsArrangement(): boolean {
    return this.#ownsArrangement;
  }

  /** The session that the person can see now. */
  get onScreenId(): string | undefined {
    return this.#onScreen;
  }

  get foregroundId(): string | undefined {
    return this.#arrangement.foreground;
  }

  /**
   * Brings back the places of the last time, from one small file; the sessions themselves are loaded when they are needed.
   * A window whose places another window has starts with none, and saves none. Moves that come meanwhile wait.
   */
  restore(): Promise<void> {
    this.#restored = this.#moves.run(() => this.#restoreNow());
    return this.#restored;
  }

  async #restoreNow(): Promise<void> {
    this.#ownsArrangement = await this.#deps.catalog.claimArrangement();
    const stored = this.#ownsArrangement ? await this.#deps.catalog.readArrangement() : undefined;
    const known = new Map(stored?.summaries.map((summary) => [summary.id, summary]));
    for (const [id, summary] of known) {
      this.#summaries.set(id, summary);
    }
    const isKnown = (id: string | undefined): id is string => id !== undefined && known.has(id);
    this.#arrangement = {
      foreground: isKnown(stored?.foreground) ? stored.foreground : undefined,
      background: stored?.background.filter(isKnown) ?? [],
    };
    this.#absences.restore(stored?.absences ?? []);
    if (this.#arrangement.foreground === undefined) {
      this.#stageNew({});
    }
    this.#changed.fire({});
  }

  /**
   * The session on stage, loaded. One that cannot be loaded is left alone, and a new one takes its place; `onProblem` is
   * told why. Undefined where no folder is open.
   */
  async ensureForeground(onProblem: (message: string) => void): Promise<Session | undefined> {
    await this.#restored;
    const id = this.#arrangement.foreground;
    if (id === undefined || this.#live.has(id)) {
      return this.foreground;
    }
    try {
      const session = await this.#load(id);
      this.#announceStage();
      return session;
    } catch (error) {
      onProblem(messageOf(error));
      this.#arrangement = { ...this.#arrangement, foreground: undefined };
      this.#stageNew({});
      return this.foreground;
    }
  }

  /**
   * Loads the sessions that the last window left in the middle of something, one after the other: so that what was cut off
   * is said, and what they ask can be answered without going there. One that cannot be loaded says so when it is opened.
   */
  async settleCutOff(): Promise<void> {
    await this.#restored;
    for (const id of this.#placedIds) {
      const summary = this.#summaries.get(id);
      if (summary !== undefined && isLeftOpen(summary)) {
        await this.#moves
          .run(() => this.get(id))
          .catch((error: unknown) => this.#deps.log.warn(`session ${id} cannot be loaded: ${messageOf(error)}`));
      }
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

  /** Those that can need the person: the ones with a place, and those that work without one. */
  active(): readonly SessionInfo[] {
    const ids = new Set([...this.#placedIds, ...this.#live.keys()]);
    return [...ids].flatMap((id) => this.info(id) ?? []);
  }

  info(id: string): SessionInfo | undefined {
    const place = this.#placeOf(id);
    const seen = { unread: this.#absences.isUnread(id), now: this.#deps.clock.now() };
    const live = this.#live.get(id);
    if (live !== undefined) {
      return infoOfModel(live.model, place, seen);
    }
    const summary = this.#summaries.get(id);
    return summary === undefined ? undefined : infoOfSummary(summary, place, seen);
  }

  /** What happened in a session since the person last looked, while they have done nothing in it yet. */
  missed(id: string): Absence | undefined {
    return this.#missed?.id === id ? this.#missed : this.#absences.get(id);
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

  /**
   * Loads a session if it is not in memory; one that another window has can only be read. Throws `unknownSession`,
   * `newerVersion` or `damagedSession`.
   */
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

  /** Sends the session on stage to the last slot, where it goes on; a new one takes the stage. Throws `slotLimit`. */
  moveToBackground(): Promise<SessionInfo> {
    return this.#moves.run(async () => {
      const session = await this.ensureForeground((problem) => this.#deps.log.warn(problem));
      if (session === undefined) {
        throw coreErrors.noFolder();
      }
      const { background } = addToBackground(
        { foreground: undefined, background: this.#arrangement.background },
        session.id,
        this.#deps.maxSlots(),
      );
      const next = this.#make({});
      this.#arrange({ foreground: next.id, background });
      this.#announceStage();
      return this.#infoOf(session.id);
    });
  }

  /**
   * Takes a session out of its slot and puts it on stage; `target` is a slot or a session's id. `previous` is the session
   * that was on stage, if it was not empty. Throws `invalidSlot` or `unknownSession` before anything changes.
   */
  resume(
    target: number | string,
  ): Promise<{ readonly slot: number; readonly session: Session; readonly previous: SessionInfo | undefined }> {
    return this.#moves.run(async () => {
      const { id, slot } = this.#slotOf(target);
      const before = this.#arrangement.foreground;
      const session = await this.get(id);
      await this.#bring(session);
      return { slot, session, previous: before === undefined ? undefined : this.info(before) };
    });
  }

  /**
   * Ends a session in a slot: its turn is cancelled, its processes end, and it stays among the stored ones if anything was
   * said in it. Answers what it was before. Throws as `resume` does.
   */
  drop(target: number | string): Promise<SessionInfo> {
    return this.#moves.run(async () => {
      const { id } = this.#slotOf(target);
      const dropped = this.#infoOf(id);
      this.#arrange(removeFrom(this.#arrangement, id));
      const live = this.#live.get(id);
      const isEmpty = this.isEmpty(id);
      await Promise.all([live?.end(), this.#deps.shells?.closeSession(id)]);
      this.#live.delete(id);
      this.#absences.end(id);
      if (isEmpty) {
        this.#summaries.delete(id);
        await this.#deps.catalog.delete(id);
      }
      this.#changed.fire({ sessionId: id });
      return dropped;
    });
  }

  #slotOf(target: number | string): { readonly id: string; readonly slot: number } {
    const { background } = this.#arrangement;
    const slot = typeof target === 'number' ? target : background.indexOf(target) + 1;
    const id = background[slot - 1];
    if (id !== undefined) {
      return { id, slot };
    }
    throw typeof target === 'number'
      ? coreErrors.invalidSlot(target, background.length)
      : coreErrors.unknownSession(target);
  }

  #infoOf(id: string): SessionInfo {
    const info = this.info(id);
    if (info === undefined) {
      throw coreErrors.unknownSession(id);
    }
    return info;
  }

  /** Makes a session that can only be read writable here: another window that has it is asked to let it go. */
  takeOver(id: string): Promise<Session> {
    const live = this.#live.get(id);
    return live?.isReadOnly === false
      ? Promise.resolve(live)
      : this.#once(id, async () => {
          const log = await this.#deps.catalog.takeOver(id);
          const session = await this.#readInto(id, log);
          await live?.close();
          if (id === this.#arrangement.foreground) {
            this.#announceStage();
          }
          return session;
        });
  }

  /** Takes back a session whose first turn could not start. */
  withdraw(id: string): Promise<void> {
    return this.#remove(id, () => {
      this.#deps.catalog.saveDraft(id, '');
      return this.#deps.catalog.delete(id);
    });
  }

  /** Ends the session and takes it out of the list; it can be restored. */
  delete(id: string): Promise<void> {
    return this.#remove(id, () => this.#deps.catalog.moveToTrash(id));
  }

  /** What was deleted and can be restored, the newest deletion first. */
  listDeleted(): Promise<readonly DeletedSession[]> {
    return this.#deps.catalog.listTrash();
  }

  /** Takes back a deletion. Throws `unknownSession` if nothing is left of it. */
  async restoreDeleted(id: string): Promise<void> {
    await this.#deps.catalog.restore(id);
    await this.refreshStored();
  }

  /** Nothing is left of a deleted session then. */
  async deleteForGood(id: string): Promise<void> {
    await this.#deps.catalog.deleteFromTrash(id);
  }

  #remove(id: string, remove: () => Promise<void>): Promise<void> {
    return this.#moves.run(async () => {
      const live = this.#live.get(id);
      if (live === undefined && !this.#summaries.has(id)) {
        throw coreErrors.unknownSession(id);
      }
      if (live?.isReadOnly === true) {
        throw coreErrors.readOnly(live.model.view.header.readOnly ?? '', [action.takeOver(id)]);
      }
      await Promise.all([live?.close(), this.#deps.shells?.forgetSession(id)]);
      this.#live.delete(id);
      await remove();
      this.#summaries.delete(id);
      this.#absences.end(id);
      this.#arrange(removeFrom(this.#arrangement, id));
      if (this.#arrangement.foreground === undefined) {
        this.#stageNew({});
      }
    });
  }

  async decide(approvalId: string, decision: Decision, message?: string, mode?: ApprovalMode): Promise<void> {
    await this.#deskOf(approvalId).decide(approvalId, decision, message, mode);
    if (decision === 'allowAlways') {
      // It holds for every session of the workspace.
      await Promise.all([...this.#live.values()].map(({ desk }) => desk.reconsider(decision)));
    }
  }

  async answer(questionId: string, answers: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
    await this.#deskOf(questionId).answer(questionId, answers);
  }

  /** The session that has this request open. */
  sessionOfRequest(requestId: string): Session | undefined {
    return [...this.#live.values()].find((session) => session.desk.has(requestId));
  }

  /** Puts text into the composer of a session, before what has been written there. */
  compose(sessionId: string, text: string): void {
    const draft = this.#deps.catalog.readDraft(sessionId);
    this.#deps.catalog.saveDraft(sessionId, draft.trim() === '' ? text : `${text}\n\n${draft}`);
    this.#returned.fire({ sessionId, text });
  }

  /** Which session the person can see now: nothing that happens in it is unread. */
  setOnScreen(id: string | undefined): void {
    const before = this.#onScreen;
    this.#onScreen = id;
    this.#followed.look();
    if (before !== undefined && before !== id) {
      this.#missed = undefined;
      const messages = this.#live.get(before)?.model.view.total ?? this.#summaries.get(before)?.messageCount;
      if (messages !== undefined) {
        this.#absences.leave(before, this.#deps.clock.now(), messages);
      }
    }
    const missed = id === undefined ? undefined : this.#absences.end(id);
    if (missed !== undefined) {
      this.#missed = missed;
      this.#saveArrangement();
      this.#changed.fire({ sessionId: missed.id });
    }
  }

  async refreshStored(): Promise<readonly string[]> {
    const problems: string[] = [];
    await this.#refresh(problems);
    this.#changed.fire({});
    return problems;
  }

  /**
   * Makes a session of a conversation that the agent keeps itself, and puts it on stage. One that is a session already is
   * opened: no conversation has two. Throws `emptyConversation`.
   */
  async importConversation(
    runtime: string,
    cwd: string,
    nativeSessionId: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Session> {
    await this.refreshStored();
    const known = [...this.#summaries.values()].find(
      (summary) => summary.runtime === runtime && summary.nativeSessionId === nativeSessionId,
    );
    if (known !== undefined) {
      return this.open(known.id);
    }
    const { catalog, ids, clock } = this.#deps;
    const past = (await this.#deps.kindOf(runtime).conversations?.(env).read(cwd, nativeSessionId)) ?? [];
    const [first] = past;
    if (first === undefined) {
      throw coreErrors.emptyConversation();
    }
    const identity: SessionIdentity = { id: ids.uuid(), runtime, cwd, createdAt: first.at || clock.now() };
    const log = await catalog.create(identity);
    const model = createSessionModel(identity, '');
    for (const { at, event } of past) {
      for (const bounded of boundEvent(event, (text) => catalog.putBlob(identity.id, text))) {
        const numbered: NumberedEvent = { seq: model.lastSeq + 1, at, run: 0, event: bounded };
        reduce(model, numbered);
        log.append(numbered);
      }
    }
    const summary = summaryOfModel(model);
    catalog.saveSummary(summary);
    this.#summaries.set(identity.id, summary);
    await log.close();
    return this.open(identity.id);
  }

  /** Looks for text in what was said in all sessions, newest first. */
  search(wanted: string, signal: AbortSignal): AsyncIterable<SearchStep> {
    return this.#deps.catalog.search(wanted, signal);
  }

  /** Ends every run and releases every file. Turns that run show as interrupted when they are opened again. */
  async close(): Promise<void> {
    this.#deps.catalog.leave();
    this.#limits.dispose();
    this.#followed.dispose();
    // Whoever was looking is away until the next window shows the session.
    this.setOnScreen(undefined);
    this.#saveArrangement();
    await Promise.allSettled([...this.#live.values()].map((session) => session.close()));
    await Promise.all([this.#deps.catalog.close(), this.#deps.runLog.flush()]);
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
    return isUnused && this.#deps.catalog.readDraft(id).trim() === '' && this.#deps.shells?.has(id) !== true;
  }

  get #foregroundIsEmpty(): boolean {
    const { foreground } = this.#arrangement;
    return foreground === undefined || this.isEmpty(foreground);
  }

  #announceStage(): void {
    const session = this.foreground;
    if (session !== undefined) {
      this.#absences.markRead(session.id);
      this.#staged.fire(session);
      this.#followed.look();
    }
    this.#changed.fire({});
  }

  async #discard(id: string): Promise<void> {
    const session = this.#live.get(id);
    this.#live.delete(id);
    this.#summaries.delete(id);
    this.#absences.end(id);
    await Promise.all([session?.close(), this.#deps.shells?.forgetSession(id)]);
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
    this.#deps.catalog.saveArrangement({ ...this.#arrangement, summaries, absences: this.#absences.list() });
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
    return this.#once(id, () => this.#loadNow(id));
  }

  /** A session is loaded once at a time, whoever asks. */
  #once(id: string, load: () => Promise<Session>): Promise<Session> {
    const loading = this.#loading.get(id);
    if (loading !== undefined) {
      return loading;
    }
    const next = load().finally(() => this.#loading.delete(id));
    this.#loading.set(id, next);
    return next;
  }

  async #loadNow(id: string): Promise<Session> {
    const { catalog } = this.#deps;
    const unused = this.#summaries.get(id);
    let log: SessionLog;
    try {
      // Opened first: a torn tail is cut off before the events are read, and nobody else appends meanwhile.
      log = await catalog.open(id);
    } catch (error) {
      const code = error instanceof GreenroomError ? error.code : '';
      if (code === 'sessionLocked') {
        return this.#readOnly(id, messageOf(error));
      }
      if (unused?.messageCount === 0 && code === 'unknownSession') {
        const { runtime, cwd, createdAt } = unused;
        return this.#makeSession({ id, runtime, cwd, createdAt }, this.#deps.kindOf(runtime).displayName, {});
      }
      throw error;
    }
    return this.#readInto(id, log);
  }

  async #readInto(id: string, log: SessionLog): Promise<Session> {
    try {
      const { model, lastRun, damage } = await this.#read(id);
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

  async #readOnly(id: string, reason: string): Promise<Session> {
    const { model, lastRun } = await this.#read(id);
    const session = this.#adopt(new Session(this.#sessionDeps, model, undefined, lastRun));
    session.makeReadOnly(reason, action.takeOver(id));
    return session;
  }

  async #read(id: string) {
    const { model, damage } = await this.#deps.catalog.loadModel(
      id,
      (runtime) => this.#deps.kindOf(runtime).displayName,
    );
    return { model, lastRun: model.lastRun, damage };
  }

  /** Another window takes the session over: it is saved, its processes are ended, and from then on it is read here. */
  async #handOver(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (live === undefined || live.isReadOnly) {
      return;
    }
    // Before anything ends: what cannot be saved stays here.
    await live.flush();
    await Promise.all([live.close(), this.#deps.shells?.closeSession(id)]);
    await this.#once(id, () =>
      this.#readOnly(id, t('Another window has taken this session over. Here it can only be read.')),
    );
    if (id === this.#arrangement.foreground) {
      this.#announceStage();
    }
    this.#changed.fire({ sessionId: id });
  }

  #adopt(session: Session): Session {
    this.#live.set(session.id, session);
    session.onDidAppend((appended) => {
      const sessionId = session.id;
      this.#noteUnseen(session, appended);
      this.#appended.fire({ sessionId, ...appended });
      // Deltas change the transcript, not what lists show.
      if (
        appended.ops.some((op) => op[0] === 'header' || op[0] === 'message') ||
        appended.events.some(({ event }) => event.type === 'sessionStarted' || event.type === 'rateLimit')
      ) {
        this.#changed.fire({ sessionId });
      }
    });
    session.onDidReturnText((text) => this.compose(session.id, text));
    return session;
  }

  #noteUnseen({ id, model }: Session, { events, ops }: Appended): void {
    if (id === this.#onScreen) {
      if (id === this.#missed?.id && events.some(({ event }) => event.type === 'userMessage')) {
        this.#missed = undefined;
      }
      return;
    }
    const { total, header } = model.view;
    const happened = { events, ops, messages: total, waiting: header.pending.length };
    if (events.length > 0 && this.#absences.note(id, this.#deps.clock.now(), happened)) {
      this.#saveArrangement();
    }
  }
}
