import { type ChildProcess, spawn } from 'node:child_process';
import type { Disposable } from '../base/lifecycle.ts';
import type { Log } from '../core/ports.ts';
import { markVariable } from './processTable.ts';

/**
 * Waits in the built-in commands of a shell, which is light; the end of its input means that the host has died, unless
 * it said goodbye. Only then does it become the program that looks for survivors. The signals that end a whole group or
 * a terminal are meant for others.
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
  const child = spawn('/bin/sh', ['-c', waitingScript, 'greenroom-reaper', process.execPath, ...script], {
    cwd: '/',
    env: reaperEnvironment(),
    // A session of its own: what ends the host may not end it too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // After a crash the next activation does the same.
  child.on('error', (error) => log.warn(`the reaper could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (code !== 0) {
      log.warn(`the reaper has ended early: ${signal ?? code}`);
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
