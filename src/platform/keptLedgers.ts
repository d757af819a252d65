import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { hostFileName, type HostIdentity, ownHost, parseHostFileName } from './hostIdentity.ts';
import { appendIfThere, readLedgerBytes } from './ledgerFile.ts';
import { type LedgerContent, readLedger } from './readLedger.ts';
import { isMissing } from './systemErrors.ts';

/** So long after the death of their host, processes wait for a window that takes them back. */
export const keptPatienceMs = 10 * 60_000;

/** Nobody but those who know of kept processes takes a file of this name for a ledger. */
const prefix = 'kept-';
const longestLookMs = 1000;
/** The names in a folder are not read at one moment: a file that is just renamed may be missed. */
const renamePatienceMs = 100;

export function keptFileName(host: HostIdentity): string {
  return `${prefix}${hostFileName(host)}`;
}

export function parseKeptFileName(name: string): HostIdentity | undefined {
  return name.startsWith(prefix) ? parseHostFileName(name.slice(prefix.length)) : undefined;
}

/** This host as the owner of kept processes; with `id`: as that of a ledger that was another host's. */
export function keptHost(id = randomBytes(8).toString('hex')): HostIdentity {
  return { ...ownHost(), id };
}

/** Nothing if there is no such ledger any more. */
export function readKept(file: string): LedgerContent | undefined {
  try {
    return readLedger(readLedgerBytes(file));
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Notes that the host has been seen dead, if nobody has. */
export function noteDeath(file: string, nowMs: number): void {
  try {
    if (readKept(file)?.deadSince === undefined) {
      appendIfThere(file, { kind: 'dead', at: nowMs });
    }
  } catch {
    // It is noted by the next who looks.
  }
}

/**
 * Makes a dead host's ledger that of `owner`, and with it the processes. Of several who try one has it. Processes keep
 * their marks, since the id stays.
 */
export function takeKept(folder: string, dead: HostIdentity, owner: HostIdentity): boolean {
  return renamed(path.join(folder, keptFileName(dead)), path.join(folder, keptFileName(owner)));
}

/** Nobody takes the ledger back any more: it becomes an ordinary one, whose processes are ended. */
export function expireKept(folder: string, dead: HostIdentity): boolean {
  return renamed(path.join(folder, keptFileName(dead)), path.join(folder, hostFileName(dead)));
}

/**
 * Waits until a dead host's ledger was taken by a window, or nobody has come in time. Resolves with whether its
 * processes are to be ended.
 */
export async function untilExpired(folder: string, dead: HostIdentity, patienceMs: number): Promise<boolean> {
  const file = path.join(folder, keptFileName(dead));
  if (!fs.existsSync(file)) {
    // Taken already, or the host could not write it: then there is none of this id at all.
    if (isKnown(folder, dead.id)) {
      return false;
    }
    await pause(renamePatienceMs);
    return !isKnown(folder, dead.id);
  }
  noteDeath(file, Date.now());
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) {
      return expireKept(folder, dead);
    }
    await pause(Math.min(longestLookMs, leftMs));
    if (!fs.existsSync(file)) {
      return false;
    }
  }
}

function isKnown(folder: string, id: string): boolean {
  try {
    return fs.readdirSync(folder).some((name) => (parseKeptFileName(name) ?? parseHostFileName(name))?.id === id);
  } catch {
    return false;
  }
}

function renamed(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) {
      return false;
    }
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
