import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Clock, Ids, Log } from '../core/ports.ts';
import { findExecutable } from './findExecutable.ts';
import { PrivateFolder } from './privateFolder.ts';
import { NodeProcessLauncher } from './processLauncher.ts';
import { type ProcessRecords, unrecorded } from './processRecord.ts';

/** Larger files are not what a runtime looks for. */
const maxTextBytes = 4 * 1024 * 1024;

export interface MachineOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Where VS Code is installed, for its copy of node-pty. */
  readonly appRoot?: string;
  /** Where processes are recorded, so that they are found again after a crash. */
  readonly ledger?: ProcessRecords;
}

/** What a CLI runtime needs of this machine: processes, programs, its environment and small files. */
export function machineServices({ clock, ids, log, appRoot, ledger = unrecorded }: MachineOptions) {
  return {
    clock,
    ids,
    log,
    launcher: new NodeProcessLauncher({ log, ledger, ...(appRoot === undefined ? {} : { appRoot }) }),
    environment: (): Readonly<Record<string, string>> =>
      Object.fromEntries(
        Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    findExecutable: (name: string, searchPath: string, places: readonly string[]) =>
      findExecutable(name, { path: searchPath, places }),
    async readText(file: string): Promise<string | undefined> {
      const target = file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file;
      try {
        return (await fs.stat(target)).size > maxTextBytes ? undefined : await fs.readFile(target, 'utf8');
      } catch {
        // Missing or unreadable: there is nothing to read.
        return undefined;
      }
    },
    writeSecretFile(content: string): Promise<{ readonly path: string; remove(): void }> {
      const folder = PrivateFolder.create();
      return Promise.resolve({ path: folder.write(content), remove: () => folder.remove() });
    },
  };
}
