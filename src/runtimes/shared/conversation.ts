import type { PastItem } from '../../core/pastItems.ts';
import { decodeEntry, type HistoryEntry } from './history.ts';
import { type CallResult, messagesOf, type ModelMessage } from './modelMessages.ts';

const lostImage = '[The image that was here could not be read by the service.]';

/** What was said so far, as it would be sent to a model. */
export class Conversation {
  #entries: HistoryEntry[] = [];
  #results = new Map<string, CallResult>();
  /** Of every call that was ever shown: also one of an answer that broke off, or that a summary stands for. */
  readonly #callIds = new Set<string>();

  /** From what an earlier run left behind. */
  static of(past: readonly PastItem[]): Conversation {
    const conversation = new Conversation();
    for (const item of past) {
      if (item.type === 'toolResult') {
        const { id, output, outcome, images } = item;
        conversation.addResult(id, {
          text: output,
          isError: outcome !== 'completed',
          images: images.map((image) => ({ type: 'image', ...image })),
        });
      } else {
        const entry = decodeEntry(item.data);
        if (entry !== undefined) {
          conversation.add(entry);
        }
      }
    }
    return conversation;
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** A summary takes the place of everything before it. */
  add(entry: HistoryEntry): void {
    if (entry.kind === 'summary') {
      this.#entries = [entry];
      this.#results.clear();
      return;
    }
    if (entry.kind === 'answer') {
      for (const block of entry.blocks) {
        if (block.type === 'call') {
          this.#callIds.add(block.id);
        }
      }
    }
    const last = this.#entries.at(-1);
    if (entry.kind === 'prompt' && last?.kind === 'prompt' && last.text === entry.text) {
      // Sent again because it got no answer: said once is enough.
      this.#entries.pop();
    }
    this.#entries.push(entry);
  }

  addResult(callId: string, result: CallResult): void {
    this.#callIds.add(callId);
    this.#results.set(callId, result);
  }

  resultOf(callId: string): CallResult | undefined {
    return this.#results.get(callId);
  }

  /** An id that no call has had: the vendor's, where that is so. */
  newCallId(vendorId: string): string {
    let id = vendorId;
    for (let n = 2; this.#callIds.has(id); n++) {
      id = `${vendorId}_${n}`;
    }
    this.#callIds.add(id);
    return id;
  }

  /** False: there was none. */
  dropImages(): boolean {
    let dropped = false;
    for (const [id, result] of this.#results) {
      if (result.images.length > 0) {
        dropped = true;
        this.#results.set(id, { ...result, text: `${result.text}\n${lostImage}`.trim(), images: [] });
      }
    }
    this.#entries = this.#entries.map((entry) => {
      if (entry.kind !== 'prompt' || entry.images.length === 0) {
        return entry;
      }
      dropped = true;
      return { ...entry, images: [], notes: [...entry.notes, lostImage] };
    });
    return dropped;
  }

  messages(): readonly ModelMessage[] {
    return messagesOf(this.#entries, this.#results);
  }
}
