import type { SessionSummary } from '../core/ports.ts';
import { summaryOfModel } from '../core/sessionInfo.ts';
import { identityIn } from './logIdentity.ts';
import { reduceLog } from './logReduction.ts';
import { StoredLog } from './storedLog.ts';

/** What all of a session's file sums up to. */
export async function summarizeFile(path: string, id: string): Promise<SessionSummary | undefined> {
  const log = new StoredLog(path, undefined);
  try {
    const identity = await identityIn(log, id);
    const reduced =
      identity === undefined ? undefined : await reduceLog({ log, identity, runtimeName: identity.runtime });
    return reduced === undefined ? undefined : summaryOfModel(reduced.model);
  } finally {
    log.close();
  }
}
