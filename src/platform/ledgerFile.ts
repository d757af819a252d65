import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { encodeRecord, type LedgerRecord, maxLedgerBytes } from './ledgerRecords.ts';
import { fileMode, folderMode } from './storePaths.ts';
import { isMissing } from './systemErrors.ts';

/** A file that has grown beyond this, and beyond twice what is of use in it, is written again. */
const rewriteAboveBytes = 64 * 1024;

/**
 * The file of one host's ledger. Everything is given to the system before a call returns, and nothing is synced: what a
 * crash of the machine would lose is about processes that ended with it. Holds no descriptor between calls.
 */
export class LedgerFile {
  readonly path: string;
  #size = 0;
  #rewriteAbove = rewriteAboveBytes;

  constructor(file: string) {
    this.path = file;
  }

  get isLong(): boolean {
    return this.#size > this.#rewriteAbove;
  }

  append(record: LedgerRecord): void {
    try {
      this.#size = appendTo(this.path, record, fs.constants.O_CREAT);
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
      fs.mkdirSync(path.dirname(this.path), { recursive: true, mode: folderMode });
      this.#size = appendTo(this.path, record, fs.constants.O_CREAT);
    }
  }

  /** Puts these records in place of all others; a reader sees the old or the new ones. */
  rewrite(records: readonly LedgerRecord[]): void {
    const content = Buffer.concat(records.map(encodeRecord));
    const temporary = `${this.path}.${randomBytes(6).toString('hex')}.tmp`;
    fs.mkdirSync(path.dirname(this.path), { recursive: true, mode: folderMode });
    try {
      fs.writeFileSync(temporary, content, { mode: fileMode, flag: 'wx' });
      fs.renameSync(temporary, this.path);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    this.#size = content.length;
    this.#rewriteAbove = Math.max(rewriteAboveBytes, 2 * content.length);
  }

  remove(): void {
    fs.rmSync(this.path, { force: true });
    this.#size = 0;
  }
}

/** Adds to a file of another host, if it is still there. */
export function appendIfThere(file: string, record: LedgerRecord): void {
  appendTo(file, record, 0);
}

/** The beginning of a ledger, as much as is ever read of it. */
export function readLedgerBytes(file: string): Buffer {
  const fd = fs.openSync(file, fs.constants.O_RDONLY);
  try {
    const bytes = Buffer.alloc(Math.min(fs.fstatSync(fd).size, maxLedgerBytes));
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

function appendTo(file: string, record: LedgerRecord, flags: number): number {
  const bytes = encodeRecord(record);
  const fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_APPEND | flags, fileMode);
  try {
    if (fs.writeSync(fd, bytes) !== bytes.length) {
      throw new Error('ENOSPC: a line was not written as a whole');
    }
    return fs.fstatSync(fd).size;
  } finally {
    fs.closeSync(fd);
  }
}
