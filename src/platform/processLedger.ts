import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { Clock, Log } from '../core/ports.ts';
import { heartbeatMs, hostFileName, type HostIdentity, ownHost } from './hostIdentity.ts';
import { LedgerFile } from './ledgerFile.ts';
import { type LedgerEntry, type LedgerRecord, maxEntries } from './ledgerRecords.ts';
import { markOf, rootOf } from './ledgerRoots.ts';
import type { ProcessRecord, ProcessRecords } from './processRecord.ts';
import { readStat, startTimeOf } from './processTable.ts';
import { endTrees } from './processTree.ts';
import { startReaper } from './reaper.ts';

export interface ProcessLedgerOptions {
  /** Where every host of this person keeps its ledger. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The script of `reaperMain.ts`; without it there is no reaper. */
  readonly reaper?: string;
  /** How long processes have to end when they are asked to. */
  readonly graceMs?: number;
  /** Told once, when the ledger cannot be written. */
  readonly onTrouble?: (sentence: string) => void;
  /** For processes that may outlive this host. */
  readonly kept?: KeptLedger;
}

/** A ledger whose processes are taken back after a crash, if somebody comes for them in time. */
export interface KeptLedger {
  /** This host, but for the id: that is the ledger's own, and stays when another host takes it. */
  readonly host: HostIdentity;
  readonly fileName: string;
  /** What its reaper has to know besides. */
  readonly reaperArguments: readonly string[];
  /** What the host has taken over from another. */
  readonly entries: readonly LedgerEntry[];
}

const defaultGraceMs = 2000;

/**
 * Every process that this host has started and that may still live, in a file that outlives the host: the intent is
 * written before the start, what tells the process from all others after it. While there are entries, a reaper waits for
 * the host's death. A ledger that cannot be written keeps no process from starting.
 */
export class ProcessLedger implements ProcessRecords {
  readonly #options: ProcessLedgerOptions;
  readonly #entries = new Map<string, LedgerEntry>();
  #host: HostIdentity | undefined;
  #file: LedgerFile | undefined;
  #reaper: Disposable | undefined;
  #heartbeat: Disposable | undefined;
  /** The file does not say what is true: it is written as a whole with the next change. */
  #isStale = false;
  #isTold = false;
  #closing: Promise<void> | undefined;

  constructor(options: ProcessLedgerOptions) {
    this.#options = options;
    for (const entry of options.kept?.entries ?? []) {
      this.#entries.set(entry.id, entry);
    }
  }

  /** What was taken over is written down as what this host has. */
  takeOver(): void {
    this.#start();
    this.#rewrite();
  }

  begin(name: string): ProcessRecord {
    if (this.#closing !== undefined) {
      throw new Error(t('Greenroom is closing.'));
    }
    if (this.#entries.size >= maxEntries) {
      throw new Error(t('Greenroom already runs {0} processes.', this.#entries.size));
    }
    this.#start();
    const id = randomBytes(6).toString('hex');
    this.#entries.set(id, { id, name, pid: undefined, startTime: undefined });
    this.#write({ kind: 'intent', id, name });
    return this.recordOf(id);
  }

  /** The note of a process that is listed. */
  recordOf(id: string): ProcessRecord {
    return {
      mark: markOf(this.#start(), id),
      started: (pid) => this.#started(id, pid),
      gone: () => this.#gone(id),
    };
  }

  /** What this host has started and what has not ended, as far as it knows. */
  get running(): readonly { readonly name: string; readonly pid: number | undefined }[] {
    return [...this.#entries.values()].map(({ name, pid }) => ({ name, pid }));
  }

  /** Ends what is still listed, and refuses further starts. What cannot be ended stays listed for the next host. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const host = this.#host;
    try {
      if (host !== undefined && this.#entries.size > 0) {
        const { kept } = this.#options;
        const roots = [...this.#entries.values()].map((entry) =>
          rootOf(host, entry, kept?.entries.includes(entry) !== true),
        );
        const left = await endTrees(roots, { graceMs: this.#options.graceMs ?? defaultGraceMs });
        if (left.length > 0) {
          this.#options.log.error(`could not end the processes ${left.map(({ pid }) => pid).join(', ')}`);
        } else {
          for (const id of this.#entries.keys()) {
            this.#gone(id);
          }
        }
      }
    } finally {
      this.#rest();
    }
  }

  #start(): HostIdentity {
    const { folder, clock, log, reaper, kept } = this.#options;
    this.#host ??= kept?.host ?? ownHost();
    const name = kept?.fileName ?? hostFileName(this.#host);
    this.#file ??= new LedgerFile(path.join(folder, name));
    // The shell that waits exists on every system but Windows.
    if (this.#reaper === undefined && reaper !== undefined && process.platform !== 'win32') {
      const graceMs = this.#options.graceMs ?? defaultGraceMs;
      const ownArguments = [folder, name, String(process.ppid), String(graceMs)];
      const script = [reaper, ...ownArguments, ...(kept?.reaperArguments ?? [])];
      try {
        this.#reaper = startReaper({ script, log });
      } catch (error) {
        log.warn(`the reaper could not be started: ${messageOf(error)}`);
      }
    }
    if (this.#host.startTime === '0') {
      this.#beat(clock);
    }
    return this.#host;
  }

  #started(id: string, pid: number): void {
    const startTime = process.platform === 'linux' ? readStat(pid)?.startTime : undefined;
    this.#update(id, pid, startTime);
    if (process.platform !== 'linux') {
      startTimeOf(pid).then(
        (time) => this.#update(id, pid, time),
        (error: unknown) => this.#options.log.warn(`no start time of process ${pid}: ${messageOf(error)}`),
      );
    }
  }

  #update(id: string, pid: number, startTime: string | undefined): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) {
      this.#entries.set(id, { ...entry, pid, startTime });
      this.#write({ kind: 'started', id, pid, ...(startTime === undefined ? {} : { startTime }) });
    }
  }

  #gone(id: string): void {
    if (!this.#entries.delete(id)) {
      return;
    }
    if (this.#entries.size > 0) {
      this.#write({ kind: 'gone', id });
    } else {
      this.#attempt(() => this.#file?.remove());
      this.#isStale = false;
      this.#rest();
    }
  }

  /** Nothing is left to wait for, or nothing can be done about it any more. */
  #rest(): void {
    this.#reaper?.dispose();
    this.#reaper = undefined;
    this.#heartbeat?.dispose();
    this.#heartbeat = undefined;
  }

  #write(record: LedgerRecord): void {
    const file = this.#file;
    if (file === undefined) {
      return;
    }
    if (this.#isStale || file.isLong) {
      this.#rewrite();
    } else {
      this.#isStale = !this.#attempt(() => file.append(record));
    }
  }

  #rewrite(): void {
    this.#isStale = !this.#attempt(() => this.#file?.rewrite([...this.#entries.values()].flatMap(recordsOf)));
  }

  #attempt(change: () => void): boolean {
    try {
      change();
      return true;
    } catch (error) {
      this.#options.log.error('the list of started processes could not be written', error);
      if (!this.#isTold) {
        this.#isTold = true;
        this.#options.onTrouble?.(
          t(
            'Greenroom cannot write down which processes it starts ({0}). After a crash they could be left running.',
            messageOf(error),
          ),
        );
      }
      return false;
    }
  }

  #beat(clock: Clock): void {
    this.#heartbeat ??= clock.after(heartbeatMs, () => {
      this.#heartbeat = undefined;
      const file = this.#file;
      if (file !== undefined) {
        const now = clock.now() / 1000;
        this.#attempt(() => fs.utimesSync(file.path, now, now));
        this.#beat(clock);
      }
    });
  }
}

function recordsOf({ id, name, pid, startTime }: LedgerEntry): readonly LedgerRecord[] {
  const intent: LedgerRecord = { kind: 'intent', id, name };
  return pid === undefined
    ? [intent]
    : [intent, { kind: 'started', id, pid, ...(startTime === undefined ? {} : { startTime }) }];
}
