import { coreErrors } from './errors.ts';

/**
 * Which session is on stage and which wait in the slots. Pure: a move gives a new arrangement, and the session that it
 * pushed out altogether, or throws and leaves everything as it was.
 */
export interface Places {
  readonly foreground: string | undefined;
  readonly background: readonly string[];
}

export interface Move {
  readonly next: Places;
  /** An empty foreground that no place was kept for. */
  readonly discarded?: string;
}

/**
 * Puts `id` on stage: a new session, a stored one, or one of the slots. The old foreground takes the last slot, unless it
 * is empty. Throws `slotLimit` before anything changes.
 */
export function bringToFront(now: Places, id: string, foregroundIsEmpty: boolean, maxSlots: number): Move {
  if (now.foreground === id) {
    return { next: now };
  }
  const others = now.background.filter((other) => other !== id);
  if (now.foreground === undefined || foregroundIsEmpty) {
    const next = { foreground: id, background: others };
    return now.foreground === undefined ? { next } : { next, discarded: now.foreground };
  }
  // A session that leaves its slot makes room for the one that takes it, whatever the limit is now.
  if (others.length === now.background.length && others.length >= maxSlots) {
    throw coreErrors.slotLimit(maxSlots);
  }
  return { next: { foreground: id, background: [...others, now.foreground] } };
}

/** Gives `id` the last slot; the foreground stays. */
export function addToBackground(now: Places, id: string, maxSlots: number): Places {
  if (now.background.length >= maxSlots) {
    throw coreErrors.slotLimit(maxSlots);
  }
  return { ...now, background: [...now.background, id] };
}

/** Takes `id` out of its place; a foreground that goes leaves none. */
export function removeFrom(now: Places, id: string): Places {
  return {
    foreground: now.foreground === id ? undefined : now.foreground,
    background: now.background.filter((other) => other !== id),
  };
}
