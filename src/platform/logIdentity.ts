import { LogReading } from '../core/logReading.ts';
import type { SessionIdentity } from '../core/ports.ts';
import type { StoredLog } from './storedLog.ts';

/** Who the session `id` is: the first line of its log says it, or, where that is damaged, a summary further on. */
export async function identityIn(log: StoredLog, id: string): Promise<SessionIdentity | undefined> {
  const first = log.firstLine();
  const known = first?.kind === 'header' ? first.identity : undefined;
  return identityOf(id, known ?? (await searched(log)));
}

/** Of what may say more: who the session is and nothing else. */
export function identityOf(id: string, known: SessionIdentity | undefined): SessionIdentity | undefined {
  return known && { id, runtime: known.runtime, cwd: known.cwd, createdAt: known.createdAt };
}

async function searched(log: StoredLog): Promise<SessionIdentity | undefined> {
  const reading = new LogReading(() => undefined);
  await log.read(0, undefined, (line) => {
    reading.add(line);
    return true;
  });
  return reading.identity ?? reading.summary;
}
