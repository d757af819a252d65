import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { ownStartTime } from './processTable.ts';

/** Where pids mean something: one machine, from one start to the next, within one namespace. */
export interface Place {
  readonly machine: string;
  readonly boot: string;
  readonly namespace: string;
}

/** One extension host, told apart from every other for ever. */
export interface HostIdentity {
  readonly place: Place;
  readonly pid: number;
  /** 0 where the system does not tell it in time. */
  readonly startTime: string;
  readonly id: string;
}

export interface HostObservation {
  /** When the process that has the host's pid now started; undefined if there is none or it is a zombie. */
  readonly startTime: string | undefined;
  /** How long the host's file was not touched. */
  readonly silentMs: number;
}

/** `elsewhere`: it cannot be known here. `otherBoot`: the machine was started again, so nothing of it can live. */
export type HostState = 'alive' | 'dead' | 'elsewhere' | 'otherBoot';

/** How often a host shows that it lives, and after how many missed times it counts as dead, where there is no start time. */
export const heartbeatMs = 10_000;
export const staleAfterMs = 60_000;

const suffix = '.jsonl';

export function ownHost(): HostIdentity {
  return {
    place: ownPlace(),
    pid: process.pid,
    startTime: ownStartTime() ?? '0',
    id: randomBytes(8).toString('hex'),
  };
}

export function ownPlace(): Place {
  return {
    machine: shortHash(os.hostname()),
    boot: shortHash(read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())),
    namespace: shortHash(read(() => readlinkSync('/proc/self/ns/pid'))),
  };
}

/** The name of the host's file says everything about it, so that also a file that cannot be read has an owner. */
export function hostFileName({ place, pid, startTime, id }: HostIdentity): string {
  return `${[place.machine, place.boot, place.namespace, pid, startTime, id].join('.')}${suffix}`;
}

export function parseHostFileName(name: string): HostIdentity | undefined {
  const match = /^([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{8})\.([1-9]\d{0,9})\.(\d{1,20})\.([0-9a-f]{16})\.jsonl$/.exec(
    name,
  );
  if (match === null) {
    return undefined;
  }
  const [, machine = '', boot = '', namespace = '', pid, startTime = '', id = ''] = match;
  return { place: { machine, boot, namespace }, pid: Number(pid), startTime, id };
}

export function hostState(host: Omit<HostIdentity, 'id'>, here: Place, seen: HostObservation): HostState {
  const { machine, boot, namespace } = host.place;
  if (machine !== here.machine) {
    return 'elsewhere';
  }
  if (boot !== here.boot) {
    return 'otherBoot';
  }
  if (namespace !== here.namespace) {
    return 'elsewhere';
  }
  if (seen.startTime === undefined) {
    return 'dead';
  }
  const isSame = host.startTime === '0' ? seen.silentMs < staleAfterMs : seen.startTime === host.startTime;
  return isSame ? 'alive' : 'dead';
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function read(get: () => string): string {
  try {
    return get();
  } catch {
    // The system has no such thing.
    return '';
  }
}
