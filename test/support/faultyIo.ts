import { type LogIo, nodeLogIo } from '../../src/platform/logIo.ts';

type Fault = {
  readonly call: keyof LogIo;
  readonly code: string;
  /** How many bytes still go through before a `write` fails. */ room: number;
};

/** The system's calls, of which one kind can be made to fail as on a full or broken disk. */
export class FaultyIo implements LogIo {
  fault: Fault | undefined;
  /** At most so many bytes are written by one call. */
  largestWrite = Number.POSITIVE_INFINITY;
  readonly calls = new Map<keyof LogIo, number>();

  break(call: keyof LogIo, code: string, room = 0): void {
    this.fault = { call, code, room };
  }

  repair(): void {
    this.fault = undefined;
  }

  open(file: string): number {
    this.#check('open');
    return nodeLogIo.open(file);
  }

  openForRewrite(file: string): number {
    this.#check('openForRewrite');
    return nodeLogIo.openForRewrite(file);
  }

  write(fd: number, bytes: Uint8Array, position?: number): number {
    let length = Math.min(bytes.length, this.largestWrite);
    if (this.fault?.call === 'write') {
      length = Math.min(length, this.fault.room);
      this.fault.room -= length;
      if (length === 0) {
        this.#check('write');
      }
    }
    this.#count('write');
    return nodeLogIo.write(fd, bytes.subarray(0, length), position);
  }

  read(fd: number, into: Uint8Array, position: number): number {
    return nodeLogIo.read(fd, into, position);
  }

  sync(fd: number): Promise<void> {
    try {
      this.#check('sync');
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return nodeLogIo.sync(fd);
  }

  syncFolder(folder: string): void {
    this.#check('syncFolder');
    nodeLogIo.syncFolder(folder);
  }

  stat(fd: number): { readonly size: number; readonly links: number } {
    return nodeLogIo.stat(fd);
  }

  exists(file: string): boolean {
    return nodeLogIo.exists(file);
  }

  truncate(fd: number, size: number): void {
    nodeLogIo.truncate(fd, size);
  }

  rename(from: string, to: string): void {
    nodeLogIo.rename(from, to);
  }

  close(fd: number): void {
    nodeLogIo.close(fd);
  }

  #count(call: keyof LogIo): void {
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
  }

  #check(call: keyof LogIo): void {
    this.#count(call);
    if (this.fault?.call === call) {
      throw Object.assign(new Error(`${this.fault.code}: made to fail`), { code: this.fault.code });
    }
  }
}
