import type { Shell } from './shell.ts';

export interface StoredOutput {
  /** Where the bytes begin: after the wanted offset where what came between has been dropped. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/**
 * A shell's stored output from an offset on, at most `maxBytes` of it: from memory where it is there, else from the stored
 * log. Moves nobody's cursor. Undefined: there is nothing at or after the offset.
 */
export async function readStoredOutput(
  shell: Pick<Shell, 'output' | 'file'>,
  offset: number,
  maxBytes: number,
): Promise<StoredOutput | undefined> {
  const { output, file } = shell;
  const from = Math.max(0, offset);
  if (from >= output.end) {
    return undefined;
  }
  const to = Math.min(output.end, from + maxBytes);
  if (output.has(from, to)) {
    return { from, bytes: output.copy(from, to) };
  }
  const stored = await file.read(from, maxBytes);
  if (stored !== undefined && stored.bytes.length > 0 && (stored.from < output.tailStart || stored.from === from)) {
    return stored;
  }
  // What is neither stored nor held was dropped: it goes on with the newest part.
  const next = Math.max(from, output.tailStart);
  const end = Math.min(output.end, next + maxBytes);
  return next < end && output.has(next, end) ? { from: next, bytes: output.copy(next, end) } : stored;
}
