import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Redactor } from '../core/redact.ts';
import type { OwnedShellSpec } from '../core/shells/shellPorts.ts';
import type { HostIdentity } from './hostIdentity.ts';
import { KeptFiles } from './keptFiles.ts';
import { keptFileName, keptHost, keptPatienceMs } from './keptLedgers.ts';
import { KeptShell, type NewKeptShell } from './keptShell.ts';
import type { LedgerEntry } from './ledgerRecords.ts';
import { ProcessLedger } from './processLedger.ts';
import { markVariable } from './processTable.ts';

export interface KeepingOptions {
  /** Holds a folder for each shell of this workspace that is kept. */
  readonly folder: string;
  /** Where every host of this person keeps its ledgers. */
  readonly ledgers: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly redactor: Redactor;
  /** The script of `reaperMain.ts`; without it nobody ends what is not taken back. */
  readonly reaper?: string;
  readonly graceMs?: number;
  readonly patienceMs?: number;
  /** Whether shells that start now are to be taken back after a crash. */
  readonly isWanted: () => boolean;
  readonly onTrouble?: (sentence: string) => void;
}

/** The shells of this window that could be taken back, and the ledgers that they are written down in. */
export class KeptShells {
  readonly #options: KeepingOptions;
  #own: { readonly ledger: ProcessLedger; readonly host: HostIdentity } | undefined;
  readonly #taken: ProcessLedger[] = [];

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  get running(): ProcessLedger['running'] {
    return this.#ledgers.flatMap(({ running }) => running);
  }

  /** What such a shell needs; undefined where it is not wanted, or not possible. */
  async prepare(shellId: string): Promise<KeptFiles | undefined> {
    const { folder, log, isWanted } = this.#options;
    if (process.platform === 'win32' || !isWanted()) {
      return undefined;
    }
    try {
      return await KeptFiles.create(folder, shellId);
    } catch (error) {
      log.warn(`a shell cannot be taken back after a crash: ${messageOf(error)}`);
      return undefined;
    }
  }

  async start(
    spec: OwnedShellSpec,
    files: KeptFiles,
    launch: Pick<NewKeptShell, 'argv' | 'env' | 'pacer' | 'events'>,
  ): Promise<KeptShell> {
    const { id, sessionId, command, cwd, startedAt, timeoutSeconds } = spec;
    const { ledgers, log, redactor } = this.#options;
    try {
      this.#own ??= this.#open(keptHost(), []);
      const { ledger, host } = this.#own;
      const record = ledger.begin('shell');
      try {
        files.writeCard({
          id,
          sessionId,
          ledger: host.id,
          entry: record.mark.slice(host.id.length + 1),
          command: redactor.redact(command),
          cwd,
          startedAt,
          timeoutSeconds,
        });
        const env = { ...launch.env, [markVariable]: record.mark };
        const file = path.join(ledgers, keptFileName(host));
        return await KeptShell.start({ ...launch, env, cwd, files, ledger: file, record, log });
      } catch (error) {
        record.gone();
        throw error;
      }
    } catch (error) {
      files.remove();
      throw error;
    }
  }

  /** The ledger of a dead host, which is that of `host` now. */
  takeOver(host: HostIdentity, entries: readonly LedgerEntry[]): ProcessLedger {
    const { ledger } = this.#open(host, entries);
    this.#taken.push(ledger);
    ledger.takeOver();
    return ledger;
  }

  /** Ends what is still listed, and refuses further starts. */
  async close(): Promise<void> {
    await Promise.all(this.#ledgers.map((ledger) => ledger.close()));
  }

  get #ledgers(): readonly ProcessLedger[] {
    return this.#own === undefined ? this.#taken : [this.#own.ledger, ...this.#taken];
  }

  #open(host: HostIdentity, entries: readonly LedgerEntry[]) {
    const { folder, ledgers, clock, log, reaper, graceMs, onTrouble, patienceMs = keptPatienceMs } = this.#options;
    const ledger = new ProcessLedger({
      folder: ledgers,
      clock,
      log,
      kept: { host, fileName: keptFileName(host), reaperArguments: [String(patienceMs), folder], entries },
      ...(reaper === undefined ? {} : { reaper }),
      ...(graceMs === undefined ? {} : { graceMs }),
      ...(onTrouble === undefined ? {} : { onTrouble }),
    });
    return { ledger, host };
  }
}
