import { randomBytes } from 'node:crypto';

/** The note of one process, from before its start until it is surely gone. */
export interface ProcessRecord {
  /** The value of `markVariable` in the environment of the process. */
  readonly mark: string;
  /** To be called in the same turn of the event loop as the start, so that nothing comes between. */
  started(pid: number): void;
  /** Nothing of it lives any more, or it never came to be. */
  gone(): void;
}

export interface ProcessRecords {
  /** To be called right before the start. Throws when no process may be started any more. */
  begin(name: string): ProcessRecord;
}

export function newMark(): string {
  return randomBytes(12).toString('hex');
}

/** For processes that nobody would look for after a crash. */
export const unrecorded: ProcessRecords = {
  begin: () => ({ mark: newMark(), started: () => undefined, gone: () => undefined }),
};
