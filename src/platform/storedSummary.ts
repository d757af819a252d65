import { logFormat } from '../core/logRecords.ts';
import type { SessionSummary } from '../core/ports.ts';
import { readEnds } from './sessionReader.ts';

export interface StoredSummary {
  readonly size: number;
  readonly mtimeMs: number;
  /** What cannot be listed: the file of a newer version, or one that does not say whose it is. */
  readonly content: SessionSummary | 'newer' | 'damaged';
}

/**
 * What lists show of a session's file: its last words; where they were not summed up, `summarize` reads more of it, and
 * answers `undefined` if the file does not say whose it is.
 */
export async function readStoredSummary(
  path: string,
  id: string,
  summarize: () => Promise<SessionSummary | undefined>,
): Promise<StoredSummary> {
  const { first, last, size, mtimeMs } = readEnds(path);
  const content = async (): Promise<StoredSummary['content']> => {
    if (first?.kind === 'header' && first.format > logFormat) {
      return 'newer';
    }
    if (first?.kind === 'header' && last?.kind === 'summary' && last.summary.id === id) {
      return last.summary;
    }
    return (await summarize()) ?? 'damaged';
  };
  return { size, mtimeMs, content: await content() };
}
