/** Services that are overloaded recover within seconds to minutes; these waits sum up to about three minutes. */
export const maxRetries = 8;
const firstWaitMs = 1_000;
const longestOwnWaitMs = 60_000;
/** Whoever is told to wait longer than this is told so instead of waiting. */
export const longestWaitMs = 10 * 60_000;
/** Many who failed together do not come back together. */
const jitterShare = 0.25;

/**
 * How long to wait before attempt `attempt + 1`. What the service asks for is honoured, but never less than our own wait.
 * `chance`: 0..1.
 */
export function waitBefore(attempt: number, retryAfterMs: number | undefined, chance: number): number {
  const own = Math.min(firstWaitMs * 2 ** (attempt - 1), longestOwnWaitMs);
  return Math.min(Math.round(Math.max(own, retryAfterMs ?? 0) * (1 + jitterShare * chance)), longestWaitMs);
}

/** A number from 0 to 1 out of a random UUID. */
export function chanceOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16) / 0xffff_ffff || 0;
}
