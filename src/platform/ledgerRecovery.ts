import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import { namesIn } from './folderNames.ts';
import { type HostIdentity, hostState, ownPlace, parseHostFileName } from './hostIdentity.ts';
import type { FoundProcess } from './ledgerRecords.ts';
import { listProcesses, markVariable } from './processTable.ts';
import { recoverySentence } from './recoverySentence.ts';
import { endSurvivors, type Survivors } from './survivors.ts';
import { isMissing } from './systemErrors.ts';

export interface RecoveryOptions {
  /** Where every host of this person keeps its ledger. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long processes have to end when they are asked to. */
  readonly graceMs?: number;
}

const defaultGraceMs = 2000;
const dayMs = 24 * 60 * 60 * 1000;
/** A ledger that cannot be judged here is of no use to anybody after this time. */
const forgottenAfterMs = 30 * dayMs;
/** A temporary file of a ledger exists for less than a millisecond. */
const temporaryAfterMs = 60_000;

/**
 * Ends what dead hosts have left running. Resolves with a sentence for the person if there was anything, and never
 * rejects. Of several that do this at the same time one has the sentence: whoever removes the ledger.
 */
export async function recoverProcesses(options: RecoveryOptions): Promise<string | undefined> {
  try {
    return await recover(options);
  } catch (error) {
    options.log.error('processes of earlier windows could not be looked for', error);
    return undefined;
  }
}

async function recover({ folder, clock, log, graceMs = defaultGraceMs }: RecoveryOptions): Promise<string | undefined> {
  const found: FoundProcess[] = [];
  const left: number[] = [];
  for (const { file, host } of await deadHosts(folder, clock, log)) {
    const survivors = await endSurvivors(file, host, { log, graceMs });
    left.push(...survivors.left.map(({ pid }) => pid));
    if (isOursToTell(file, survivors, log)) {
      found.push(...survivors.found);
    }
  }
  return recoverySentence(found, left);
}

async function deadHosts(folder: string, clock: Clock, log: Log) {
  const files = namesIn(folder).flatMap((name) => {
    const file = path.join(folder, name);
    const host = parseHostFileName(name);
    const silentMs = clock.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? clock.now());
    if (host === undefined && name.endsWith('.tmp') && silentMs > temporaryAfterMs) {
      remove(file, log);
    }
    return host === undefined ? [] : [{ file, host, silentMs }];
  });
  if (files.length === 0) {
    return [];
  }
  const here = ownPlace();
  const startTimes = new Map(
    (await listProcesses()).filter(({ zombie }) => !zombie).map(({ pid, startTime }) => [pid, startTime]),
  );
  const dead: { readonly file: string; readonly host: HostIdentity }[] = [];
  for (const { file, host, silentMs } of files) {
    const state = hostState(host, here, { startTime: startTimes.get(host.pid), silentMs });
    if (state === 'otherBoot' || (state === 'elsewhere' && silentMs > forgottenAfterMs)) {
      remove(file, log);
    } else if (state === 'dead' && process.env[markVariable]?.startsWith(`${host.id}.`) === true) {
      // One of that host's processes has opened this window: what it left is above us, and ours.
      log.info(`what host ${host.pid} left running is left to another window`);
    } else if (state === 'dead') {
      dead.push({ file, host });
    }
  }
  return dead;
}

/** Whether this host tells the person. A ledger whose processes could not all be ended stays for the next host. */
function isOursToTell(file: string, { isNew, left }: Survivors, log: Log): boolean {
  if (left.length > 0) {
    return isNew;
  }
  try {
    fs.unlinkSync(file);
    return true;
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    log.warn(`${file} cannot be removed: ${messageOf(error)}`);
    return isNew;
  }
}

function remove(file: string, log: Log): void {
  try {
    fs.rmSync(file, { force: true });
  } catch (error) {
    log.warn(`${file} cannot be removed: ${messageOf(error)}`);
  }
}
