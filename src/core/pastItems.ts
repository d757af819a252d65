import type { Spilled } from '../protocol/view.ts';
import type { NumberedEvent } from './sessionEvents.ts';

/** What an earlier run left behind for the runtime's own use. */
export type PastItem =
  /** As it was given to the event `history`. */
  { readonly type: 'history'; readonly data: string } | PastResult;

/** How a tool call ended. */
export interface PastResult {
  readonly type: 'toolResult';
  readonly id: string;
  readonly output: string;
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  readonly images: readonly { readonly mediaType: string; readonly data: string }[];
}

/**
 * What a session's events say of its conversation in the runtime's own form, oldest first, from the last piece on that
 * stands for all before it. Any beginning of a log gives a beginning of the conversation: what was cut off is missing,
 * never half there.
 */
export async function pastItems(
  events: readonly NumberedEvent[],
  readBlob: (blob: string) => Promise<string>,
): Promise<readonly PastItem[]> {
  const start = events.findLastIndex(({ event }) => event.type === 'history' && event.restart === true);
  const items: PastItem[] = [];
  for (const { event } of events.slice(Math.max(0, start))) {
    if (event.type === 'history') {
      // A piece that is gone is left out: half of it would mean something else.
      const data = event.spilled === undefined ? event.data : await readBlob(event.spilled.blob).catch(() => undefined);
      if (data !== undefined) {
        items.push({ type: 'history', data });
      }
    } else if (event.type === 'toolResult') {
      const { id, outcome } = event;
      items.push({
        type: 'toolResult',
        id,
        outcome,
        output: await whole(event.output, event.spilledOutput, readBlob),
        images: await images(event.images ?? [], readBlob),
      });
    }
  }
  return items;
}

/** The whole text, or what is left of it. */
async function whole(
  text: string,
  spilled: Spilled | undefined,
  readBlob: (blob: string) => Promise<string>,
): Promise<string> {
  return spilled === undefined ? text : readBlob(spilled.blob).catch(() => text);
}

async function images(
  list: readonly { readonly mediaType: string; readonly spilled?: Spilled }[],
  readBlob: (blob: string) => Promise<string>,
): Promise<PastResult['images']> {
  const found: { mediaType: string; data: string }[] = [];
  for (const { mediaType, spilled } of list) {
    const data = spilled === undefined ? undefined : await readBlob(spilled.blob).catch(() => undefined);
    if (data !== undefined) {
      found.push({ mediaType, data });
    }
  }
  return found;
}
