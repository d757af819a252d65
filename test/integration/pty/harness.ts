import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import type { Log } from '../../../src/base/log.ts';
import type { AgentProcess } from '../../../src/core/ports.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';

export const problems: string[] = [];
const log: Log = {
  info: () => undefined,
  warn: (message) => problems.push(message),
  error: (message) => problems.push(message),
};

export interface Started {
  readonly process: AgentProcess;
  /** Everything that was printed so far. */
  output(): string;
  /** Resolves once the output fits. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs a shell script as a program would be run. */
export async function start(transport: 'pty' | 'pipe', script: string, onPiece?: () => void): Promise<Started> {
  const launcher = new NodeProcessLauncher({ log, transport });
  const process_ = await launcher.launch({
    command: '/bin/bash',
    // Without `--norc` bash takes an input that is a socket for a remote login.
    args: ['--norc', '-c', script],
    cwd: os.tmpdir(),
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const pieces: Buffer[] = [];
  let waiting: (() => void)[] = [];
  process_.onOutput((bytes) => {
    pieces.push(Buffer.from(bytes));
    onPiece?.();
    const all = waiting;
    waiting = [];
    for (const wake of all) {
      wake();
    }
  });
  const output = (): string => Buffer.concat(pieces).toString('utf8');
  return {
    process: process_,
    output,
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(output());
        if (match !== null) {
          return match;
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

/** Runs a script to its end. */
export async function run(
  transport: 'pty' | 'pipe',
  script: string,
): Promise<{ readonly output: string; readonly code: number }> {
  const started = await start(transport, script);
  const { code } = await started.process.ended;
  return { output: started.output(), code };
}

export function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Our temporary folders that still exist. */
export function leftFolders(): readonly string[] {
  return readdirSync(os.tmpdir()).filter((name) => name.startsWith(`greenroom-${process.pid}-`));
}

/** Keeps the event loop from running. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
