import { messageOf } from '../base/errors.ts';
import type { Log } from '../core/ports.ts';
import type { HostIdentity } from './hostIdentity.ts';
import { appendIfThere, readLedgerBytes } from './ledgerFile.ts';
import { type FoundProcess } from './ledgerRecords.ts';
import { type LedgerContent, readLedger } from './readLedger.ts';
import { rootOf, rootOfAll } from './ledgerRoots.ts';
import type { ProcessEntry } from './processEntry.ts';
import { endTrees } from './processTree.ts';
import { isMissing } from './systemErrors.ts';

export interface SurvivorOptions {
  readonly log: Log;
  readonly graceMs: number;
  /** The dead host's own parent, where it is known; see `bystandersOf`. */
  readonly host?: { readonly pid: number; readonly parent: number };
}

export interface Survivors {
  /** All that were found, also by others and earlier, as the ledger tells. */
  readonly found: readonly FoundProcess[];
  /** Those of them that were not known before this look. */
  readonly isNew: boolean;
  /** What could not be ended. */
  readonly left: readonly ProcessEntry[];
}

/** Ends what a dead host has left running, and notes it in the host's ledger before it does. */
export async function endSurvivors(file: string, host: HostIdentity, options: SurvivorOptions): Promise<Survivors> {
  const { log, graceMs } = options;
  const content = read(file, log);
  const roots = [...content.entries.map((entry) => rootOf(host, entry, false)), rootOfAll(host)];
  const found = new Map<string, FoundProcess>();
  const left = await endTrees(roots, {
    graceMs,
    bornAfter: earliestOf(host, content),
    ...(options.host === undefined ? {} : { host: options.host }),
    onFound: ({ pid, startTime, name }) => {
      found.set(`${pid}:${startTime}`, { pid, startTime, name });
      log.info(`process ${pid} (${name}) of host ${host.pid} still runs and is ended`);
      try {
        appendIfThere(file, { kind: 'found', pid, startTime, name });
      } catch (error) {
        // Without the note somebody else may not tell of it.
        log.warn(`the process ${pid} could not be noted: ${messageOf(error)}`);
      }
    },
  });
  const isNew = found.size > 0;
  for (const process of read(file, undefined).found) {
    found.set(`${process.pid}:${process.startTime}`, process);
  }
  return { found: [...found.values()], isNew, left };
}

/**
 * What is older than the host may be its all the same, if it has taken it over from another: where the ledger does not
 * tell of everything, everything is looked at.
 */
function earliestOf({ startTime }: HostIdentity, { entries, damaged, dropped }: LedgerContent): string | undefined {
  if (damaged > 0 || dropped > 0) {
    return undefined;
  }
  const times = entries.flatMap((entry) => entry.startTime ?? []);
  return times.reduce((least, time) => (Number(time) < Number(least) ? time : least), startTime);
}

function read(file: string, log: Log | undefined): LedgerContent {
  let bytes = Buffer.alloc(0);
  try {
    bytes = Buffer.from(readLedgerBytes(file));
  } catch (error) {
    if (!isMissing(error)) {
      log?.warn(`${file} cannot be read: ${messageOf(error)}`);
    }
  }
  const content = readLedger(bytes);
  if (content.damaged > 0 || content.dropped > 0) {
    log?.warn(`${file}: ${content.damaged} lines are damaged, ${content.dropped} entries are too many`);
  }
  return content;
}
