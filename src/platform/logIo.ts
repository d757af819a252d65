import fs from 'node:fs';
import path from 'node:path';
import { fileMode, folderMode } from './storePaths.ts';

/** The calls of the system that an append-only file needs; a test brings its own to let them fail. */
export interface LogIo {
  /** Opens for reading and appending, and creates the file and its folder where they are missing. */
  open(path: string): number;
  /** Opens an existing file for writing at any place. */
  openForRewrite(path: string): number;
  /** May write less than all of it; returns how much. Without a position: at the end. */
  write(fd: number, bytes: Uint8Array, position?: number): number;
  read(fd: number, into: Uint8Array, position: number): number;
  sync(fd: number): Promise<void>;
  /** Makes the names in a folder safe; does nothing where the system cannot. */
  syncFolder(path: string): void;
  stat(fd: number): { readonly size: number; readonly links: number };
  exists(path: string): boolean;
  truncate(fd: number, size: number): void;
  rename(from: string, to: string): void;
  close(fd: number): void;
}

export const nodeLogIo: LogIo = {
  open(file) {
    const flags = fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT;
    try {
      return fs.openSync(file, flags, fileMode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: folderMode });
      return fs.openSync(file, flags, fileMode);
    }
  },
  openForRewrite: (file) => fs.openSync(file, fs.constants.O_RDWR),
  write: (fd, bytes, position) => fs.writeSync(fd, bytes, 0, bytes.length, position ?? null),
  read: (fd, into, position) => fs.readSync(fd, into, 0, into.length, position),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
    }),
  syncFolder(folder) {
    if (process.platform === 'win32') {
      return;
    }
    const fd = fs.openSync(folder, fs.constants.O_RDONLY);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
  stat(fd) {
    const { size, nlink } = fs.fstatSync(fd);
    return { size, links: nlink };
  },
  exists: (file) => fs.existsSync(file),
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  rename: (from, to) => fs.renameSync(from, to),
  close: (fd) => fs.closeSync(fd),
};
