// Starting and ending whole process groups, and finding processes that a run left behind.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file));
/** How long a group may take to end before it is killed. */
const termGraceMs = 5000;
const pollMs = 50;

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The environment without what a surrounding VS Code or npm put there: it would steer the VS Code that we start. */
export function cleanEnvironment(environment = process.env) {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !/^(VSCODE_(?!TEST_)|ELECTRON_|npm_|NODE_OPTIONS$|XDG_RUNTIME_DIR$|CODE_SERVER_)/i.test(name),
    ),
  );
}

/**
 * A command that ends when we are killed, where the system can do that.
 * @param {string} command @param {string[]} args @param {'TERM' | 'KILL'} signal
 * @returns {[string, string[]]}
 */
export const endingWithUs = (command, args, signal = 'TERM') =>
  setpriv ? [setpriv, ['--pdeathsig', signal, command, ...args]] : [command, args];

/**
 * Starts a program as the leader of its own process group.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 */
export function spawnGroup(command, args, options) {
  return spawn(...endingWithUs(command, args), { ...options, detached: true });
}

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

/**
 * Starts a program with a guard, which ends everything in the program's process group when the program or we have ended,
 * even if we are killed. Ends in order on SIGTERM.
 * @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} env
 */
export function spawnGuarded(command, args, env) {
  return spawn(process.execPath, [guard, command, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

function signalGroup(/** @type {number} */ pid, /** @type {NodeJS.Signals | 0} */ signal) {
  // Group 0 is our own and group 1 is the system's.
  if (!(pid > 1)) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Ends a group that `spawnGroup` started; resolves when no process of it is left. */
export async function stopGroup(/** @type {import('node:child_process').ChildProcess} */ child) {
  const pid = child.pid ?? 0;
  signalGroup(pid, 'SIGTERM');
  for (const deadline = Date.now() + termGraceMs; signalGroup(pid, 0); await sleep(pollMs)) {
    if (Date.now() < deadline) continue;
    signalGroup(pid, 'SIGKILL');
    await sleep(pollMs);
    return;
  }
}

/** Kills one process, never the system's or our own group. */
export function killProcess(/** @type {number} */ pid) {
  if (!(pid > 1)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const readProc = (/** @type {number} */ pid, /** @type {string} */ name) =>
  readFileSync(`/proc/${pid}/${name}`, 'latin1');

/**
 * Living processes whose environment carries `name=value`, or that run in or name `folder`: a process may have been given
 * another environment. Linux only; elsewhere none are found.
 * @param {string} name @param {string} value @param {string} [folder]
 */
export function findMarked(name, value, folder) {
  if (process.platform !== 'linux') return [];
  const found = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!(pid > 1) || pid === process.pid) continue;
    try {
      const state = /\) (\S)/.exec(readProc(pid, 'stat'))?.[1];
      if (state === 'Z' || state === 'X') continue;
      const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
      const isOurs =
        (folder !== undefined && (command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder))) ||
        readProc(pid, 'environ').split('\0').includes(`${name}=${value}`);
      if (isOurs) found.push({ pid, command });
    } catch {
      // The process ended while it was looked at, or belongs to someone else.
    }
  }
  return found;
}
