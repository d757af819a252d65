import { logFormat } from '../core/logRecords.ts';
import type { SessionIdentity, SessionSummary } from '../core/ports.ts';
import { summarize } from '../core/sessionSummary.ts';
import { readEnds, readSession } from './sessionReader.ts';

export interface StoredSummary {
  readonly size: number;
  readonly mtimeMs: number;
  /** What cannot be listed: the file of a newer version, or one that does not say whose it is. */
  readonly content: SessionSummary | 'newer' | 'damaged';
}

/**
 * What lists show of a session's file: its last words, or all of it where they were not summed up. `known` is who it is
 * where the file no longer says so.
 */
export async function readStoredSummary(
  path: string,
  id: string,
  known: SessionIdentity | undefined,
): Promise<StoredSummary> {
  const { first, last, size, mtimeMs } = readEnds(path);
  const content = async (): Promise<StoredSummary['content']> => {
    if (first?.kind === 'header' && first.format > logFormat) {
      return 'newer';
    }
    if (first?.kind === 'header' && last?.kind === 'summary' && last.summary.id === id) {
      return last.summary;
    }
    const reading = await readSession(path, size, Buffer.alloc(0));
    const identity = reading.identity ?? reading.summary ?? known;
    if (identity === undefined) {
      return 'damaged';
    }
    const { runtime, cwd, createdAt } = identity;
    return summarize({ identity: { id, runtime, cwd, createdAt }, events: reading.events });
  };
  return { size, mtimeMs, content: await content() };
}
