import { createHash } from 'node:crypto';
import type { Durability, SessionCatalog, SessionIdentity, SessionLog, SessionSummary } from '../../src/core/ports.ts';
import { coreErrors } from '../../src/core/errors.ts';
import type { NumberedEvent, SessionEvent } from '../../src/core/sessionEvents.ts';
import type { SessionModels } from '../../src/core/sessionModels.ts';
import { reduceAll } from '../../src/core/sessionReducer.ts';

type Stored = { readonly identity: SessionIdentity; readonly events: NumberedEvent[]; open: boolean };

/** A catalog in memory: everything that was appended is kept at once. */
export class MemoryCatalog implements SessionCatalog, SessionModels {
  readonly sessions = new Map<string, Stored>();
  readonly blobs = new Map<string, string>();
  readonly drafts = new Map<string, string>();
  readonly summaries = new Map<string, SessionSummary>();
  arrangement: Awaited<ReturnType<SessionCatalog['readArrangement']>>;
  /** Where sessions could be opened. */
  readonly states: unknown[] = [];
  /** Clear it for logs that had to give up events. */
  isComplete = true;
  /** Set to make every save fail. */
  saveError: Error | undefined;

  create(identity: SessionIdentity): Promise<SessionLog> {
    const stored: Stored = { identity, events: [], open: true };
    this.sessions.set(identity.id, stored);
    return Promise.resolve(this.#log(stored));
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async open(id: string): Promise<SessionLog> {
    const stored = this.#find(id);
    stored.open = true;
    return this.#log(stored);
  }

  takeOver(id: string): Promise<SessionLog> {
    return this.open(id);
  }

  onWanted(): void {
    // There is only one window.
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async load(id: string) {
    const { identity, events } = this.#find(id);
    return { identity, events: structuredClone(events) };
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async loadModel(id: string, runtimeName: (runtime: string) => string) {
    const { identity, events } = this.#find(id);
    return { model: reduceAll(identity, runtimeName(identity.runtime), structuredClone(events)) };
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async loadMessages(id: string, before: number, count: number) {
    const { identity, events } = this.#find(id);
    const from = Math.max(0, before - count);
    return { from, messages: reduceAll(identity, '', structuredClone(events)).view.messages.slice(from, before) };
  }

  revisionOf(id: string): string {
    return String(this.sessions.get(id)?.events.length ?? '');
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async loadEvents(id: string, after: number, count: number) {
    return structuredClone(this.#find(id).events.filter(({ seq }) => seq > after)).slice(0, count);
  }

  // oxlint-disable-next-line require-await -- what is unknown has to reject, not throw
  async findEvent(id: string, matches: (event: SessionEvent) => boolean) {
    return structuredClone(this.#find(id).events.findLast(({ event }) => matches(event))?.event);
  }

  list() {
    return Promise.resolve({
      sessions: [...this.summaries.values()].sort((a, b) => b.updatedAt - a.updatedAt),
      problems: [],
    });
  }

  saveSummary(summary: SessionSummary): void {
    this.summaries.set(summary.id, summary);
  }

  delete(id: string): Promise<void> {
    this.sessions.delete(id);
    this.summaries.delete(id);
    return Promise.resolve();
  }

  moveToTrash(id: string): Promise<void> {
    return this.delete(id);
  }

  listTrash() {
    return Promise.resolve([]);
  }

  restore(id: string): Promise<void> {
    return Promise.reject(coreErrors.unknownSession(id));
  }

  deleteFromTrash(): Promise<void> {
    return Promise.resolve();
  }

  // oxlint-disable-next-line require-yield -- nothing is found
  async *search() {
    // Nothing is searched here.
  }

  putBlob(_id: string, text: string) {
    const blob = createHash('sha256').update(text).digest('hex');
    this.blobs.set(blob, text);
    return { blob, size: Buffer.byteLength(text) };
  }

  readBlob(_id: string, blob: string): Promise<string> {
    return Promise.resolve(this.blobs.get(blob) ?? '');
  }

  readDraft(id: string): string {
    return this.drafts.get(id) ?? '';
  }

  saveDraft(id: string, text: string): void {
    this.drafts.set(id, text);
  }

  claimArrangement() {
    return Promise.resolve(true);
  }

  readArrangement() {
    return Promise.resolve(structuredClone(this.arrangement));
  }

  saveArrangement(arrangement: NonNullable<MemoryCatalog['arrangement']>): void {
    this.arrangement = arrangement;
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  leave(): void {
    // There is only one window.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #find(id: string): Stored {
    const stored = this.sessions.get(id);
    if (stored === undefined) {
      throw coreErrors.unknownSession(id);
    }
    return stored;
  }

  #log(stored: Stored): SessionLog {
    const isComplete = () => this.isComplete;
    return {
      // As a file would keep it.
      append: (event) => stored.events.push(JSON.parse(JSON.stringify(event)) as NumberedEvent),
      get isComplete() {
        return isComplete();
      },
      checkpoint: (state) => this.states.push(JSON.parse(JSON.stringify(state()))),
      flush: (_durability: Durability) =>
        this.saveError === undefined ? Promise.resolve() : Promise.reject(this.saveError),
      close: () => {
        stored.open = false;
        return Promise.resolve();
      },
    };
  }
}
