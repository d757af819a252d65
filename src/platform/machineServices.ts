import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Clock, Ids, Log } from '../core/ports.ts';
import { messageOf } from '../base/errors.ts';
import { diskFiles } from './diskFiles.ts';
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
    realPath: (file: string) => diskFiles.realPath(file),
    async listFiles(folder: string): Promise<readonly { readonly name: string; readonly modifiedAt: number }[]> {
      const target = inHome(folder);
      const files: { readonly name: string; readonly modifiedAt: number }[] = [];
      for (const name of await fs.readdir(target).catch(() => [])) {
        const stat = await fs.stat(path.join(target, name)).catch(() => undefined);
        if (stat?.isFile() === true) {
          files.push({ name, modifiedAt: stat.mtimeMs });
        }
      }
      return files;
    },
    async readLines(file: string, onLine: (line: string) => void): Promise<void> {
      try {
        const { readLines } = await import('./logLines.ts');
        await readLines(
          inHome(file),
          (line) => {
            onLine(line?.toString('utf8') ?? '');
            return true;
          },
          new AbortController().signal,
        );
      } catch (error) {
        log.warn(`A file cannot be read: ${file}: ${messageOf(error)}`);
      }
    },
    async readText(file: string): Promise<string | undefined> {
      const target = inHome(file);
      try {
        return (await fs.stat(target)).size > maxTextBytes ? undefined : await fs.readFile(target, 'utf8');
      } catch {
        // Missing or unreadable: there is nothing to read.
        return undefined;
      }
    },
    digest: (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32),
    writeSecretFile(content: string): Promise<{ readonly path: string; remove(): void }> {
      const folder = PrivateFolder.create();
      return Promise.resolve({ path: folder.write(content), remove: () => folder.remove() });
    },
  };
}

function inHome(file: string): string {
  return file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file;
}
