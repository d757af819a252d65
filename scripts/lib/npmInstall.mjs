// Installing packages from a lock file, one process at a time.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endingWithUs } from './processes.mjs';

const staleLockMs = 30 * 60_000;

/** An installation that could not be made, with a sentence that says what to do. */
export class InstallError extends Error {}

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

function isAlive(/** @type {number} */ pid) {
  if (!(pid > 1)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * One installation at a time; a lock whose owner is gone is taken over.
 * @param {string} lock The file that says who installs.
 * @param {(message: string) => void} say
 * @param {() => Promise<void>} work
 */
export async function withLock(lock, say, work) {
  mkdirSync(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + staleLockMs;
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readFileSync(lock, { encoding: 'utf8', flag: 'a+' }));
    if (!isAlive(owner) || Date.now() > deadline) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!waited) say(`tools: waiting for another installation (process ${owner})`);
    await sleep(500);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

/** Runs npm in a folder, without scripts of packages. */
export function npm(/** @type {string[]} */ args, /** @type {string} */ cwd) {
  // Where the npm that runs us works must not steer this one; a registry or a proxy set in the environment must.
  const steers = /^npm_(package_|lifecycle_|command$|execpath$|config_((local|global)_)?prefix$)/i;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !steers.test(name)));
  return new Promise((resolve, reject) => {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // npm puts off the polite signal until it has finished.
    const child = spawn(...endingWithUs('npm', [...args, ...options], 'KILL'), {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => reject(new InstallError(`npm could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve(undefined);
      if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network/.test(output)) {
        return reject(
          new InstallError(
            'The npm registry cannot be reached. Check the network or the proxy, then run the command again.',
          ),
        );
      }
      reject(new InstallError(`\`npm ${args.join(' ')}\` failed in ${cwd}:\n${output.trim().slice(-2000)}`));
    });
  });
}
