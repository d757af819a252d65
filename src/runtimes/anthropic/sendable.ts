/** Deeper than anything that a tool takes: services and `JSON.stringify` give up somewhere beyond. */
const maxDepth = 100;
const longestName = 128;

/**
 * The same value with what JSON cannot carry made harmless: halves of characters, as they are left where a text was cut,
 * and what is nested too deeply. A service refuses such a request, and each one that follows in the conversation.
 */
export function sendable<T>(value: T): T {
  return cleaned(value, 0) as T;
}

function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    return value.toWellFormed();
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (depth >= maxDepth) {
    return null;
  }
  return Array.isArray(value)
    ? value.map((item) => cleaned(item, depth + 1))
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toWellFormed(), cleaned(item, depth + 1)]));
}

/** Other characters than these are refused in names and ids; two ids stay two. */
export function sendableId(id: string): string {
  return id === '' ? '_' : id.replaceAll(/[^a-zA-Z0-9_-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
}

export function sendableName(name: string): string {
  return name === '' ? '_' : name.slice(0, longestName).replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}
