import fs from 'node:fs';
import { type ErrorInfo, GreenroomError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { encodeHeader, logFormat } from '../core/logRecords.ts';
import type {
  Arrangement,
  Clock,
  DeletedSession,
  LoadedSession,
  SearchStep,
  SessionCatalog,
  SessionIdentity,
  SessionLog,
  SessionSummary,
  Spilled,
} from '../core/ports.ts';
import type { SessionEvent } from '../core/sessionEvents.ts';
import type { LoadedModel, MessageRange, SessionModels } from '../core/sessionModels.ts';
import type { NumberedEvent } from '../core/sessionEvents.ts';
import { summarize } from '../core/sessionSummary.ts';
import { storeErrors } from '../core/storeErrors.ts';
import { AppendLog } from './appendLog.ts';
import { ArrangementFile } from './arrangementFile.ts';
import { BlobFiles } from './blobFiles.ts';
import { CheckpointFile, defaultSpacingBytes } from './checkpointFile.ts';
import { ClaimRequests } from './claimRequests.ts';
import { CatalogIndex } from './catalogIndex.ts';
import { Drafts } from './drafts.ts';
import { type LogIo, nodeLogIo } from './logIo.ts';
import { frameLine, newline } from './recordFrame.ts';
import { SaveTrouble } from './saveTrouble.ts';
import { arrangementClaim, type Claim, SessionClaims } from './sessionClaims.ts';
import { SessionFileLog } from './sessionFileLog.ts';
import type { SessionLoader } from './sessionLoader.ts';
import { readEnds } from './sessionReader.ts';
import { isSessionId, StorePaths } from './storePaths.ts';
import { SyncGate } from './syncGate.ts';
import { errnoOf, isMissing } from './systemErrors.ts';
import type { Trash } from './trash.ts';

/** How many files are synced at a time; Node has four threads for all files. */
const maxSyncs = 2;
/** A window that is being reloaded has left by then: until then nobody's word counts that it stays. */
const reloadMs = 1_500;
/** How much of one session is kept in memory while the disk takes nothing. */
const maxHeldBytes = 16 << 20;

export interface SessionStoreOptions {
  /** The folder of one workspace; made when something is saved. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when saving begins to fail, when it gets worse, and with `undefined` when everything is saved again. */
  readonly onSaveFailed: (error: ErrorInfo | undefined) => void;
  /** How the files of sessions are written; the system's own calls unless told otherwise. */
  readonly io?: LogIo;
  /** Bytes of one session that are kept while they cannot be written. */
  readonly maxHeldBytes?: number;
  /** What this version and its language reduce events to is of use to its like only; see `encodeCheckpointHeader`. */
  readonly edition?: string;
  /** Bytes of a log between two places from which it can be read. */
  readonly checkpointSpacingBytes?: number;
}

/** The stored sessions of one workspace, as files. */
export class SessionStore implements SessionCatalog, SessionModels {
  readonly #options: SessionStoreOptions;
  readonly #paths: StorePaths;
  readonly #io: LogIo;
  readonly #gate = new SyncGate(maxSyncs);
  readonly #trouble: SaveTrouble;
  readonly #claims: SessionClaims;
  readonly #blobs: BlobFiles;
  readonly #drafts: Drafts;
  readonly #arrangement: ArrangementFile;
  readonly #index: CatalogIndex;
  #loaded: SessionLoader | undefined;
  #trash: Trash | undefined;
  #trashIsTidy = false;
  readonly #open = new Map<string, SessionFileLog>();
  #arrangementClaim: Claim | undefined;
  #onWanted: (id: string) => void = () => undefined;

  constructor(options: SessionStoreOptions) {
    const { root, clock, log } = options;
    this.#options = options;
    this.#paths = new StorePaths(root);
    this.#io = options.io ?? nodeLogIo;
    this.#trouble = new SaveTrouble(log, options.onSaveFailed);
    this.#claims = new SessionClaims(this.#paths.claims, clock, {
      requests: new ClaimRequests(this.#paths.requests),
      onWanted: (id) => this.#onWanted(id),
      answersCountFromMs: clock.monotonic() + reloadMs,
    });
    this.#blobs = new BlobFiles(this.#paths, clock, this.#trouble);
    this.#drafts = new Drafts(this.#paths, clock, log, this.#trouble);
    this.#arrangement = new ArrangementFile(this.#paths, clock, log, this.#trouble);
    this.#index = new CatalogIndex({
      paths: this.#paths,
      clock,
      log,
      trouble: this.#trouble,
      isOpen: (id) => this.#open.has(id),
      summaryOf: async (id) => (await this.#loader()).summaryOf(id),
    });
  }

  /** Resolves although nothing can be written at the moment: the session works, and is saved as soon as that is possible. */
  async create(identity: SessionIdentity): Promise<SessionLog> {
    const { id } = identity;
    this.#check(id);
    if (this.#open.has(id) || fs.existsSync(this.#paths.session(id))) {
      throw storeErrors.sessionInUse(id);
    }
    const file = this.#appendLog(id);
    file.append(frameLine(encodeHeader(identity)));
    const log = this.#startLog(id, file, undefined);
    log.checkpoints.startAnew();
    this.#index.set(summarize({ identity, events: [] }));
    // A failure is told, and tried again.
    await log.flush('written').catch(() => undefined);
    return log;
  }

  open(id: string): Promise<SessionLog> {
    return this.#openWith(id, () => this.#claims.take(id));
  }

  takeOver(id: string): Promise<SessionLog> {
    return this.#openWith(id, () => this.#claims.takeOver(id));
  }

  onWanted(listener: (id: string) => void): void {
    this.#onWanted = listener;
  }

  async #openWith(id: string, take: () => Promise<Claim>): Promise<SessionLog> {
    this.#check(id);
    const lingering = this.#open.get(id);
    if (lingering !== undefined && (await lingering.lingers())) {
      lingering.reopen();
      return lingering;
    }
    if (this.#open.has(id)) {
      throw storeErrors.sessionInUse(id);
    }
    const path = this.#paths.session(id);
    this.#refuseUnlessWritable(id);
    const claim = await this.#taken(take);
    try {
      if (this.#open.has(id)) {
        throw storeErrors.sessionInUse(id);
      }
      // The former owner may have written until it let go.
      const { end, needsNewline, size } = this.#refuseUnlessWritable(id);
      const file = this.#appendLog(id);
      if (end < size) {
        this.#options.log.warn(`${size - end} bytes that were not completely written are cut off: ${path}`);
      }
      this.#saving(path, () => file.continueAt(end));
      if (needsNewline) {
        file.append(Buffer.from([newline]));
      }
      return this.#startLog(id, file, claim);
    } catch (error) {
      claim.release();
      throw error;
    }
  }

  async load(id: string): Promise<LoadedSession> {
    this.#check(id);
    return (await this.#loader()).load(id);
  }

  async loadModel(id: string, runtimeName: (runtime: string) => string): Promise<LoadedModel> {
    this.#check(id);
    return (await this.#loader()).loadModel(id, runtimeName);
  }

  revisionOf(id: string): string {
    this.#check(id);
    const stat = fs.statSync(this.#paths.session(id), { throwIfNoEntry: false });
    return stat === undefined ? '' : `${stat.size} ${stat.mtimeMs}`;
  }

  async loadEvents(id: string, after: number, count: number): Promise<readonly NumberedEvent[]> {
    this.#check(id);
    return (await this.#loader()).loadEvents(id, after, count);
  }

  async loadMessages(id: string, before: number, count: number): Promise<MessageRange> {
    this.#check(id);
    return (await this.#loader()).loadMessages(id, before, count);
  }

  async findEvent(id: string, matches: (event: SessionEvent) => boolean): Promise<SessionEvent | undefined> {
    this.#check(id);
    return (await this.#loader()).findEvent(id, matches);
  }

  list(): Promise<{ readonly sessions: readonly SessionSummary[]; readonly problems: readonly string[] }> {
    if (!this.#trashIsTidy) {
      this.#trashIsTidy = true;
      this.#openTrash()
        .then((trash) => trash.removeOld(this.#options.clock.now()))
        .catch((error: unknown) => this.#options.log.error('What was deleted long ago could not be removed', error));
    }
    return this.#index.list();
  }

  async *search(wanted: string, signal: AbortSignal): AsyncGenerator<SearchStep> {
    const { findInLog } = await import('./logSearch.ts');
    const { sessions } = await this.#index.list();
    let done = 0;
    for (const { id } of sessions) {
      if (signal.aborted) {
        return;
      }
      const line = await findInLog(this.#paths.session(id), wanted, signal).catch((error: unknown) => {
        this.#options.log.warn(`A stored session could not be searched: ${messageOf(error)}`);
        return undefined;
      });
      done += 1;
      yield { done, total: sessions.length, ...(line === undefined ? {} : { match: { id, line } }) };
    }
  }

  saveSummary(summary: SessionSummary): void {
    this.#check(summary.id);
    this.#index.set(summary);
    this.#open.get(summary.id)?.setSummary(summary);
  }

  /** Deletes everything that is kept of the session; its own file last, so that an interrupted deletion can be repeated. */
  delete(id: string): Promise<void> {
    return this.#remove(id, async () => {
      await this.#blobs.delete(id);
      await this.#drafts.delete(id);
      const { current, previous } = this.#paths.runLogs(id);
      for (const file of [current, previous, this.#paths.checkpoints(id), this.#paths.session(id)]) {
        await fs.promises.rm(file, { force: true });
      }
    });
  }

  moveToTrash(id: string): Promise<void> {
    return this.#remove(id, async () => {
      await Promise.all([this.#blobs.flush(id), this.#drafts.flush()]);
      await fs.promises.rm(this.#paths.checkpoints(id), { force: true });
      await (await this.#openTrash()).put(id, this.#options.clock.now());
    });
  }

  async listTrash(): Promise<readonly DeletedSession[]> {
    return (await this.#openTrash()).list(this.#options.clock.now());
  }

  async deleteFromTrash(id: string): Promise<void> {
    this.#check(id);
    try {
      await (await this.#openTrash()).delete(id);
    } catch (error) {
      throw storeErrors.deleteFailed(id, messageOf(error));
    }
  }

  async restore(id: string): Promise<void> {
    this.#check(id);
    if (!(await (await this.#openTrash()).restore(id))) {
      throw storeErrors.unknownSession(id);
    }
  }

  /** Loaded with the list of stored sessions, or with the first deletion. */
  async #openTrash(): Promise<Trash> {
    const { Trash } = await import('./trash.ts');
    this.#trash ??= new Trash(this.#paths, this.#options.log);
    return this.#trash;
  }

  async #remove(id: string, remove: () => Promise<void>): Promise<void> {
    this.#check(id);
    const log = this.#open.get(id);
    const isStored = log === undefined && fs.existsSync(this.#paths.session(id));
    const claim = isStored ? await this.#taken(() => this.#claims.take(id)) : undefined;
    try {
      await log?.discard();
      await remove();
      this.#index.delete(id);
    } catch (error) {
      throw storeErrors.deleteFailed(id, messageOf(error));
    } finally {
      claim?.release();
    }
  }

  putBlob(id: string, text: string): Spilled {
    this.#check(id);
    return this.#blobs.put(id, text);
  }

  async readBlob(id: string, blob: string): Promise<string> {
    this.#check(id);
    return this.#blobs.read(id, blob);
  }

  readDraft(id: string): string {
    this.#check(id);
    return this.#drafts.read(id);
  }

  saveDraft(id: string, text: string): void {
    this.#check(id);
    this.#drafts.save(id, text);
  }

  async claimArrangement(): Promise<boolean> {
    if (this.#arrangementClaim !== undefined) {
      return true;
    }
    try {
      this.#arrangementClaim = await this.#claims.take(arrangementClaim);
      return true;
    } catch (error) {
      // Where nothing can be written nobody else writes either: that it cannot be saved is told when it is tried.
      return !(error instanceof GreenroomError && error.code === 'sessionLocked');
    }
  }

  readArrangement(): Promise<Arrangement | undefined> {
    return this.#arrangement.read();
  }

  saveArrangement(arrangement: Arrangement): void {
    this.#arrangement.save(arrangement);
  }

  async flush(): Promise<void> {
    const results = await Promise.allSettled([
      ...[...this.#open.values()].map((log) => log.flush('synced')),
      this.#blobs.flush(),
      this.#drafts.flush(),
      this.#arrangement.flush(),
    ]);
    // Last, so that it knows the sizes that the other files have now.
    await this.#index.flush();
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }
  }

  leave(): void {
    this.#claims.leave();
  }

  /** Closes every session that is open, then writes what is still pending. */
  async close(): Promise<void> {
    const results = await Promise.allSettled([...this.#open.values()].map((log) => log.close()));
    try {
      await this.flush();
    } finally {
      this.#arrangementClaim?.release();
      this.#arrangementClaim = undefined;
    }
    for (const result of results) {
      if (result.status === 'rejected') {
        throw result.reason;
      }
    }
  }

  get #edition(): string {
    return this.#options.edition ?? '';
  }

  async #loader(): Promise<SessionLoader> {
    const { SessionLoader } = await import('./sessionLoader.ts');
    this.#loaded ??= new SessionLoader({
      paths: this.#paths,
      log: this.#options.log,
      edition: this.#edition,
      writtenLog: (id) => this.#open.get(id),
      isWrittenElsewhere: (id) => !this.#open.has(id) && this.#claims.isTaken(id),
      identityOf: (id) => this.#index.identityOf(id),
    });
    return this.#loaded;
  }

  #check(id: string): void {
    if (!isSessionId(id)) {
      throw storeErrors.unknownSession(id.slice(0, 80));
    }
  }

  #appendLog(id: string): AppendLog {
    return new AppendLog({
      path: this.#paths.session(id),
      io: this.#io,
      gate: this.#gate,
      maxHeldBytes: this.#options.maxHeldBytes ?? maxHeldBytes,
    });
  }

  #startLog(id: string, file: AppendLog, taken: Claim | undefined): SessionFileLog {
    let claim = taken;
    const log = new SessionFileLog({
      path: this.#paths.session(id),
      file,
      clock: this.#options.clock,
      log: this.#options.log,
      trouble: this.#trouble,
      checkpoints: new CheckpointFile({
        path: this.#paths.checkpoints(id),
        sessionId: id,
        edition: this.#edition,
        spacingBytes: this.#options.checkpointSpacingBytes ?? defaultSpacingBytes,
        log: this.#options.log,
      }),
      flushBlobs: () => this.#blobs.flush(id),
      ensureClaim: () => {
        claim ??= this.#takeNow(id);
      },
      onReleased: () => {
        this.#open.delete(id);
        claim?.release();
        this.#index.released(id);
      },
    });
    this.#open.set(id, log);
    return log;
  }

  #takeNow(id: string): Claim {
    const claim = this.#claims.tryTake(id);
    if ('release' in claim) {
      return claim;
    }
    throw storeErrors.sessionLocked(id, claim.pid);
  }

  async #taken(take: () => Promise<Claim>): Promise<Claim> {
    try {
      return await take();
    } catch (error) {
      throw this.#asStoreError(this.#paths.claims, error);
    }
  }

  #refuseUnlessWritable(id: string): { readonly end: number; readonly needsNewline: boolean; readonly size: number } {
    const path = this.#paths.session(id);
    const ends = this.#saving(path, () => {
      try {
        return readEnds(path);
      } catch (error) {
        throw isMissing(error) ? storeErrors.unknownSession(id) : error;
      }
    });
    if (ends.first?.kind === 'header' && ends.first.format > logFormat) {
      throw storeErrors.newerVersion(id, ends.first.format);
    }
    if (ends.last === undefined) {
      throw storeErrors.damagedSession(id, path);
    }
    return ends;
  }

  #saving<T>(path: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#asStoreError(path, error);
    }
  }

  #asStoreError(path: string, error: unknown): Error {
    return error instanceof GreenroomError ? error : storeErrors.saveFailed(errnoOf(error), path, messageOf(error));
  }
}
