import fs from 'node:fs';
import path from 'node:path';
import type { Clock, Log } from '../core/ports.ts';
import { type HostIdentity, hostState, ownPlace } from './hostIdentity.ts';
import { expireKept, keptFileName, noteDeath, parseKeptFileName, readKept } from './keptLedgers.ts';
import { listProcesses, markVariable } from './processTable.ts';
import { namesIn } from './folderNames.ts';

/** What cannot be judged here is of no use to anybody after this time. */
const forgottenAfterMs = 30 * 24 * 3600 * 1000;

/** The dead hosts of this machine whose processes wait for somebody. Ledgers of which nothing can live are removed. */
export async function deadKeptHosts(ledgers: string, nowMs: number): Promise<readonly HostIdentity[]> {
  const hosts = namesIn(ledgers).flatMap((name) => parseKeptFileName(name) ?? []);
  if (hosts.length === 0) {
    return [];
  }
  const here = ownPlace();
  const table = (await listProcesses()).filter(({ zombie }) => !zombie);
  const startTimes = new Map(table.map(({ pid, startTime }) => [pid, startTime]));
  return hosts.filter((host) => {
    const file = path.join(ledgers, keptFileName(host));
    const silentMs = nowMs - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? nowMs);
    const state = hostState(host, here, { startTime: startTimes.get(host.pid), silentMs });
    if (state === 'otherBoot' || (state === 'elsewhere' && silentMs > forgottenAfterMs)) {
      fs.rmSync(file, { force: true });
    }
    // One of that host's processes may have opened this window: what it left is above us.
    return state === 'dead' && process.env[markVariable]?.startsWith(`${host.id}.`) !== true;
  });
}

export interface ExpiryOptions {
  readonly ledgers: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly patienceMs: number;
}

/**
 * Lets those wait no longer whose time is over; their own reaper does the same, if it lives. Resolves with how long it is
 * until the next one's time is over, if there is one.
 */
export async function expireForgotten({ ledgers, clock, log, patienceMs }: ExpiryOptions): Promise<number | undefined> {
  const now = clock.now();
  const waits: number[] = [];
  for (const dead of await deadKeptHosts(ledgers, now)) {
    const file = path.join(ledgers, keptFileName(dead));
    noteDeath(file, now);
    // A clock that was set back makes nobody wait for longer.
    const waitedMs = Math.abs(now - (readKept(file)?.deadSince ?? now));
    if (waitedMs < patienceMs) {
      waits.push(patienceMs - waitedMs);
    } else if (expireKept(ledgers, dead)) {
      log.info(`nobody has taken back what host ${dead.pid} left running`);
    }
  }
  return waits.length === 0 ? undefined : Math.min(...waits);
}
