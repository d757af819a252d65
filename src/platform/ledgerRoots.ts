import type { HostIdentity } from './hostIdentity.ts';
import type { LedgerEntry } from './ledgerRecords.ts';
import type { TreeRoot } from './treeMembers.ts';

/** What the environment of an entry's processes carries. */
export function markOf(host: HostIdentity, id: string): string {
  return `${host.id}.${id}`;
}

export function rootOf(host: HostIdentity, entry: LedgerEntry, isOwnChild: boolean): TreeRoot {
  return { pid: entry.pid, startTime: entry.startTime, mark: markOf(host, entry.id), isOwnChild };
}

/** Everything that a host has ever started, by its mark alone: also what a damaged line does not tell. */
export function rootOfAll(host: HostIdentity): TreeRoot {
  return { pid: undefined, startTime: undefined, mark: `${host.id}.`, isOwnChild: false };
}
