import { messageOf } from '../base/errors.ts';
import { type PastItem, pastItems } from './pastItems.ts';
import type { Log, SessionCatalog } from './ports.ts';
import type { SessionModels } from './sessionModels.ts';
import type { SessionModel } from './sessionReducer.ts';

export interface SessionPastDeps {
  readonly log: Log;
  readonly catalog: Pick<SessionCatalog, 'load' | 'readBlob'> & Pick<SessionModels, 'loadMessages'>;
  /** Resolves when the log holds what was said until now. */
  readonly written: () => Promise<void>;
}

/** What a new run can be told of the session so far. */
export class SessionPast {
  readonly #deps: SessionPastDeps;
  readonly #model: SessionModel;

  constructor(deps: SessionPastDeps, model: SessionModel) {
    this.#deps = deps;
    this.#model = model;
  }

  get #id(): string {
    return this.#model.identity.id;
  }

  /**
   * For the case that the runtime no longer has the conversation: all of it, and the message that was not taken. What is
   * not in memory is read only then.
   */
  freshPrompt(prompt: string): () => Promise<string> {
    const { view } = this.#model;
    const end = view.from + view.messages.findLastIndex(({ role }) => role === 'user');
    return async () => {
      const { maxTranscriptLength, transcriptLength, withTranscript } = await import('./neutralTranscript.ts');
      const { olderMessages } = await import('./olderMessages.ts');
      const before = Math.min(view.from, end);
      const held = view.messages.slice(0, end - before);
      let room = maxTranscriptLength - transcriptLength(held);
      const older = await olderMessages(
        (from, count) => this.#deps.catalog.loadMessages(this.#id, from, count),
        room < 0 ? 0 : before,
        (page) => (room -= transcriptLength(page)) < 0,
      ).catch((error: unknown) => {
        this.#deps.log.warn(`the transcript of session ${this.#id} has only what is in memory: ${messageOf(error)}`);
        return { from: before, messages: [] };
      });
      return withTranscript([...older.messages, ...held], prompt, older.from === 0);
    };
  }

  /** Everything that was said, as a runtime's own conversation can be made of it. */
  async items(): Promise<readonly PastItem[]> {
    await this.#deps.written();
    const { catalog } = this.#deps;
    const { events } = await catalog.load(this.#id);
    return pastItems(events, (blob) => catalog.readBlob(this.#id, blob));
  }
}
