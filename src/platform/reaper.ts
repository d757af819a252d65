import { type ChildProcess, spawn } from 'node:child_process';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../core/ports.ts';
import { markVariable } from './processTable.ts';

/**
 * Waits in the built-in commands of a shell, which is light; the end of its input means that the host has died, unless
 * it said goodbye. Only then does it become its program. The signals that end a whole group or a terminal are meant for
 * others.
 */
const waitingScript = `trap '' HUP INT TERM
while IFS= read -r word; do
  [ "$word" = end ] && exit 0
done
exec "$@"`;

export interface ReaperOptions {
  /** The script of `reaperMain.ts`, with its arguments. */
  readonly script: readonly string[];
  readonly log: Log;
}

/** Starts what ends the processes of this host when the host dies. Disposing says that there is nothing left to end. */
export function startReaper({ script, log }: ReaperOptions): Disposable {
  return startAtDeath({ word: 'reaper', program: [process.execPath, ...script], log });
}

export interface AtDeathOptions {
  /** What it is called. */
  readonly word: string;
  readonly program: readonly string[];
  /** Descriptors that are held open all the time, and that the program has too, from 3 on. */
  readonly holds?: readonly number[];
  readonly log: Log;
}

/** Starts what becomes a program when this host dies. Disposing says that there is no need for it any more. */
export function startAtDeath({ word, program, holds = [], log }: AtDeathOptions): Disposable {
  const child = spawn('/bin/sh', ['-c', waitingScript, `greenroom-${word}`, ...program], {
    cwd: '/',
    env: reaperEnvironment(),
    // A session of its own: what ends the host may not end it too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore', ...holds],
  });
  // After a crash the next activation does the same.
  child.on('error', (error) => log.warn(`the ${word} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (code !== 0) {
      log.warn(`the ${word} has ended early: ${signal ?? code}`);
    }
  });
  release(child);
  return {
    dispose() {
      child.stdin?.end('end\n');
    },
  };
}

/** Neither the process nor its pipe keeps the host from ending. */
function release(child: ChildProcess): void {
  child.unref();
  const stdin = child.stdin;
  stdin?.on('error', () => undefined);
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') {
    stdin.unref();
  }
}

function reaperEnvironment(): NodeJS.ProcessEnv {
  const {
    [markVariable]: _mark,
    NODE_OPTIONS: _options,
    VSCODE_INSPECTOR_OPTIONS: _inspector,
    ...environment
  } = process.env;
  return { ...environment, ELECTRON_RUN_AS_NODE: '1' };
}
