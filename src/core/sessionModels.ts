import type { Message } from '../protocol/view.ts';
import type { NumberedEvent, SessionEvent } from './sessionEvents.ts';
import type { SessionModel } from './sessionReducer.ts';

export interface LoadedModel {
  readonly model: SessionModel;
  /** What could not be read, in words; the rest is complete. */
  readonly damage?: string;
}

export interface MessageRange {
  /** The index of the first. */
  readonly from: number;
  readonly messages: readonly Message[];
}

/** Asks for the messages before an index: at most so many, those next to it. */
export type LoadMessages = (before: number, count: number) => Promise<MessageRange>;

/** What stored sessions show, read in pieces: however long one is, only what is asked for is in memory. */
export interface SessionModels {
  /**
   * What a session has come to, with its newest messages. `runtimeName` says what a runtime is called. Rejects as
   * `SessionCatalog.load` does.
   */
  loadModel(id: string, runtimeName: (runtime: string) => string): Promise<LoadedModel>;
  /**
   * At most `count` messages that end before `before`: those next to it, fewer where they are large, at least one. No event
   * may change them any more. One that can no longer be read is replaced by a notice, so that the numbers hold. Rejects
   * with a `GreenroomError`.
   */
  loadMessages(id: string, before: number, count: number): Promise<MessageRange>;
  /** Differs from what it was whenever the session's file has changed; empty if there is none. */
  revisionOf(id: string): string;
  /** At most `count` events after the one with number `after`, in order. Rejects with a `GreenroomError`. */
  loadEvents(id: string, after: number, count: number): Promise<readonly NumberedEvent[]>;
  /** The newest event that `matches`; none of the others is kept. Rejects as `SessionCatalog.load` does. */
  findEvent(id: string, matches: (event: SessionEvent) => boolean): Promise<SessionEvent | undefined>;
}
