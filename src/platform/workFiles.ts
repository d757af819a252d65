import fs from 'node:fs';
import path from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { FileBytes, FileInfo, FolderEntry, WorkFiles, WriteResult } from '../core/tools/workFiles.ts';
import { anchoredWrite } from './anchoredWrite.ts';
import { diskFiles } from './diskFiles.ts';
import { replaceFile } from './replaceFile.ts';

/** The files of this machine, for tools. */
export const workFiles: WorkFiles = {
  realPath: (target) => diskFiles.realPath(target),

  async info(target): Promise<FileInfo | undefined> {
    const stat = await fs.promises.stat(target).catch(() => undefined);
    return stat === undefined ? undefined : infoOf(stat);
  },

  async read(target, maxBytes): Promise<FileBytes> {
    const handle = await fs.promises.open(target, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, maxBytes));
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
        if (bytesRead === 0) {
          break;
        }
        length += bytesRead;
      }
      return { bytes: bytes.subarray(0, length), size, realPath: await realPathOf(handle, target) };
    } finally {
      await handle.close();
    }
  },

  async list(folder): Promise<readonly FolderEntry[]> {
    const entries = await fs.promises.readdir(folder, { withFileTypes: true });
    return Promise.all(
      entries.map(async (entry): Promise<FolderEntry> => {
        const stat = await fs.promises.stat(path.join(folder, entry.name)).catch(() => undefined);
        const info = stat === undefined ? ({ kind: 'other', size: 0 } as const) : infoOf(stat);
        return { name: entry.name, isLink: entry.isSymbolicLink(), ...info };
      }),
    );
  },

  async write(target, text): Promise<WriteResult> {
    try {
      if (process.platform === 'linux') {
        return anchoredWrite(target, text);
      }
      return await checkedWrite(target, text);
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error) };
    }
  },
};

function infoOf(stat: fs.Stats): FileInfo {
  return { kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other', size: stat.size };
}

/** Of the open file, where the system tells; its name may lead elsewhere by now. */
async function realPathOf(handle: fs.promises.FileHandle, target: string): Promise<string> {
  return process.platform === 'linux'
    ? fs.promises.readlink(`/proc/self/fd/${handle.fd}`)
    : fs.promises.realpath(target);
}

/** Where no descriptor can be anchored: looked at before and after, and said where it was not the same. */
async function checkedWrite(target: string, text: string): Promise<WriteResult> {
  if ((await diskFiles.realPath(target)) !== target) {
    return { kind: 'link' };
  }
  await fs.promises.mkdir(path.dirname(target), { recursive: true });
  const mode = (await fs.promises.stat(target).catch(() => undefined))?.mode;
  await replaceFile(target, text);
  await fs.promises.chmod(target, mode ?? 0o644);
  const real = await diskFiles.realPath(target);
  return real === target
    ? { kind: 'written' }
    : { kind: 'written', note: `While it was written, its path began to lead to ${real}: tell the user.` };
}
