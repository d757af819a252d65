import type { Shell } from './shell.ts';

export interface StoredOutput {
  /** Where the bytes begin: after the wanted offset where what came between has been dropped. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

type Source = Pick<Shell, 'output' | 'file'>;

/**
 * A shell's stored output from an offset on, at most `maxBytes` of it: from memory where it is there, else from the stored
 * log. Moves nobody's cursor. Undefined: there is nothing at or after the offset.
 */
export async function readStoredOutput(
  shell: Source,
  offset: number,
  maxBytes: number,
): Promise<StoredOutput | undefined> {
  const from = Math.max(0, offset);
  const inMemory = memoryFrom(shell, from, maxBytes);
  if (inMemory?.from === from || from >= shell.output.end) {
    return inMemory;
  }
  const stored = await shell.file.read(from, maxBytes);
  // What is missing in one place may be in the other; both may have grown meanwhile.
  const again = memoryFrom(shell, from, maxBytes);
  return stored === undefined || (again !== undefined && again.from < stored.from) ? again : stored;
}

function memoryFrom({ output }: Source, from: number, maxBytes: number): StoredOutput | undefined {
  const { end, headEnd, tailStart } = output;
  const isThere = from < end && output.has(from, from + 1);
  const start = isThere ? from : Math.max(from, tailStart);
  if (start >= end) {
    return undefined;
  }
  const limit = Math.min(end, start + maxBytes);
  // What is kept of the beginning may end before that.
  const to = output.has(start, limit) ? limit : headEnd;
  return { from: start, bytes: output.copy(start, to) };
}
