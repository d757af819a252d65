import { maxRecordJsonBytes } from './logRecords.ts';
import { lastAtOf, lastSeqOf, type NumberedEvent, type SessionEvent } from './sessionEvents.ts';
import { jsonSize, utf8Size } from './textSize.ts';

/** Events that append text to something. */
export type Delta = Extract<
  SessionEvent,
  { readonly type: 'textDelta' | 'reasoningDelta' | 'toolCallStreaming' | 'toolOutput' }
>;

/** Room in a record for its numbers and times, which grow while deltas are merged into it. */
const numbersBytes = 160;

interface OpenRecord {
  readonly first: NumberedEvent;
  readonly event: Delta;
  readonly texts: string[];
  lastSeq: number;
  lastAt: number;
  size: number;
}

export function isDelta(event: SessionEvent): event is Delta {
  return (
    event.type === 'textDelta' ||
    event.type === 'reasoningDelta' ||
    event.type === 'toolCallStreaming' ||
    event.type === 'toolOutput'
  );
}

/**
 * Merges neighbouring deltas of one part into one event that stands for all of them. Reducing what comes out gives the
 * same state as reducing what went in: only deltas of one run whose numbers follow each other and that append to the same
 * thing are merged, so that nothing that happened between them is passed. The work for a delta does not depend on how
 * many were merged before it.
 */
export class DeltaMerger {
  readonly #maxBytes: number;
  #open: OpenRecord | undefined;

  /** `maxBytes`: what the JSON of a merged event may take; a single event that takes more is passed on as it is. */
  constructor(maxBytes: number = maxRecordJsonBytes) {
    this.#maxBytes = maxBytes;
  }

  /** How many bytes of text wait to be taken. */
  get size(): number {
    return this.#open?.size ?? 0;
  }

  /** Takes an event, and returns those that are complete now, in order. */
  push(numbered: NumberedEvent): readonly NumberedEvent[] {
    const { event } = numbered;
    if (!isDelta(event)) {
      return [...this.take(), numbered];
    }
    const textSize = jsonSize(event.text);
    const open = this.#open;
    if (
      open !== undefined &&
      open.first.run === numbered.run &&
      open.lastSeq + 1 === numbered.seq &&
      open.size + textSize <= this.#maxBytes &&
      appendToSame(open.event, event)
    ) {
      open.texts.push(event.text);
      open.lastSeq = lastSeqOf(numbered);
      open.lastAt = lastAtOf(numbered);
      open.size += textSize;
      return [];
    }
    const complete = this.take();
    this.#open = {
      first: numbered,
      event,
      texts: [event.text],
      lastSeq: lastSeqOf(numbered),
      lastAt: lastAtOf(numbered),
      size: numbersBytes + utf8Size(JSON.stringify({ ...event, text: '' })) + textSize,
    };
    return complete;
  }

  /** The event that is still open for more, if there is one; what comes next begins a new one. */
  take(): readonly NumberedEvent[] {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) {
      return [];
    }
    const count = open.lastSeq - open.first.seq + 1;
    if (open.texts.length === 1) {
      return [open.first];
    }
    return [
      { ...open.first, event: { ...open.event, text: open.texts.join('') }, covers: { count, lastAt: open.lastAt } },
    ];
  }
}

/** Whether the text of `b` goes on where that of `a` ends. */
export function appendToSame(a: Delta, b: Delta): boolean {
  switch (a.type) {
    case 'textDelta':
    case 'reasoningDelta':
      return a.type === b.type && a.partId === b.partId && a.parentId === b.parentId;
    case 'toolCallStreaming':
      return a.type === b.type && a.id === b.id && a.name === b.name && a.parentId === b.parentId;
    case 'toolOutput':
      return a.type === b.type && a.id === b.id;
  }
}

/** All of `events`, merged as far as can be. */
export function mergeDeltas(events: Iterable<NumberedEvent>, maxBytes?: number): NumberedEvent[] {
  const merger = new DeltaMerger(maxBytes);
  const merged: NumberedEvent[] = [];
  for (const numbered of events) {
    merged.push(...merger.push(numbered));
  }
  merged.push(...merger.take());
  return merged;
}
