/**
 * Waits until `check` gives something, looking again after every turn of the event loop; no fixed sleep. An empty text is
 * nothing. What was waited for may be said by what there was in the end.
 */
export async function eventually<T>(
  check: () => T | undefined | false | null | '',
  what: string | (() => string),
  timeoutMs = 10_000,
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const found = await Promise.resolve(check());
    if (found !== undefined && found !== false && found !== null && found !== '') {
      return found;
    }
    if (performance.now() - start > timeoutMs) {
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
