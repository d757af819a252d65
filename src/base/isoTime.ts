/** Milliseconds since 1970 of a time in the notation of ISO 8601; undefined for what is none. */
export function parseIsoTime(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
