import { randomUUID } from 'node:crypto';
import { promises as fs, readdirSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { MachineFacts, StorageFacts } from '../core/doctorFacts.ts';
import { findExecutable } from './findExecutable.ts';
import { loadNodePty } from './nodePty.ts';

const systemPlaces = ['/usr/bin', '/bin'];

/** Programs that Greenroom uses on this system where they are there. */
function programNames(): readonly string[] {
  switch (process.platform) {
    case 'win32':
      return [];
    case 'linux':
      return ['mkfifo', 'setpriv', 'ps'];
    default:
      return ['mkfifo', 'ps'];
  }
}

export function machineFacts(appRoot: string | undefined): MachineFacts {
  const loaded = loadNodePty(appRoot);
  const openPtys = countPtys();
  return {
    platform: `${os.type()} ${os.release()} (${process.platform}-${process.arch})`,
    node: process.version,
    pty: 'pty' in loaded ? { from: loaded.from } : loaded,
    wantsPty: process.platform !== 'win32',
    ...(openPtys === undefined ? {} : { openPtys }),
    programs: programNames().map((name) => ({
      name,
      path: findExecutable(name, { path: process.env['PATH'] ?? '', places: systemPlaces }),
    })),
  };
}

/** The masters that this process holds; only Linux tells. */
function countPtys(): number | undefined {
  if (process.platform !== 'linux') {
    return undefined;
  }
  const isMaster = (fd: string): boolean => {
    try {
      return /^\/dev\/(?:pts\/)?ptmx$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      // Closed in the meantime.
      return false;
    }
  };
  return readdirSync('/proc/self/fd').filter(isMaster).length;
}

/** Writes and removes a small file below `root`, and adds up what is stored there. */
export async function storageFacts(root: string, signal: AbortSignal): Promise<StorageFacts> {
  let problem: string | undefined;
  const probe = path.join(root, `.probe-${randomUUID()}`);
  try {
    await fs.mkdir(root, { recursive: true, mode: 0o700 });
    await fs.writeFile(probe, 'x', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    problem = messageOf(error);
  } finally {
    await fs.rm(probe, { force: true }).catch(() => undefined);
  }
  const freeBytes = await fs.statfs(root).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
  let [bytes, sessions] = [0, 0];
  const entries = await fs.readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (signal.aborted) {
      break;
    }
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      bytes += await fs.stat(file).then(
        ({ size }) => size,
        () => 0,
      );
      sessions += path.basename(entry.parentPath) === 'sessions' && entry.name.endsWith('.jsonl') ? 1 : 0;
    }
  }
  return {
    folder: root,
    sessions,
    bytes,
    ...(problem === undefined ? {} : { problem }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  };
}
