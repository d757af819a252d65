// What the waiting shell of `reaper.ts` becomes when its host has died: `reaperMain.ts folder ledger parent graceMs`, and
// for a ledger of kept processes, how many milliseconds they wait for somebody who takes them back, and where their shells
// have their folders.
import fs from 'node:fs';
import path from 'node:path';
import type { Log } from '../core/ports.ts';
import { hostFileName, type HostIdentity, hostState, ownPlace, parseHostFileName } from './hostIdentity.ts';
import { endUnwanted, removeKeptFolders } from './keptFolders.ts';
import { parseKeptFileName, untilExpired } from './keptLedgers.ts';
import { listProcesses } from './processTable.ts';
import { endSurvivors } from './survivors.ts';

/** A dying process closes its pipes before it is gone; writing its memory to a disk may take a while. */
const hostPatienceMs = 10_000;
const pollMs = 10;

const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const [folder = '', ledger = '', parent = '', graceMs = '', patienceMs, kept = ''] = process.argv.slice(2);
const host = patienceMs === undefined ? parseHostFileName(ledger) : parseKeptFileName(ledger);

async function isHostDead(): Promise<boolean> {
  if (host === undefined) {
    return false;
  }
  const startTime = (await listProcesses()).find(({ pid, zombie }) => pid === host.pid && !zombie)?.startTime;
  return hostState(host, ownPlace(), { startTime, silentMs: Number.POSITIVE_INFINITY }) === 'dead';
}

/** Waits whether somebody takes back what can be taken back; the rest is not waited for. */
async function isLeftToUs(waitMs: number, dead: HostIdentity): Promise<boolean> {
  const options = { graceMs: Number(graceMs), log: silentLog, host: { pid: dead.pid, parent: Number(parent) } };
  await endUnwanted({ ledgers: folder, folder: kept, dead }, options);
  return untilExpired(folder, dead, waitMs);
}

const deadline = performance.now() + hostPatienceMs;
while (host !== undefined && performance.now() < deadline) {
  if (await isHostDead()) {
    if (patienceMs !== undefined && !(await isLeftToUs(Number(patienceMs), host))) {
      break;
    }
    const file = path.join(folder, hostFileName(host));
    const { found, left } = await endSurvivors(file, host, {
      log: silentLog,
      graceMs: Number(graceMs),
      host: { pid: host.pid, parent: Number(parent) },
    });
    // What was found stays written until a window has told of it.
    if (found.length === 0 && left.length === 0) {
      fs.rmSync(file, { force: true });
    }
    if (patienceMs !== undefined && left.length === 0) {
      removeKeptFolders(kept, host.id);
    }
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, pollMs));
}
