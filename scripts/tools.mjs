// Installs the programs that tests and `npm start` use: a Node 24, code-server (a real VS Code) and a pinned Claude Code.
// Does nothing when they are there. An interrupted installation is repaired by the next run: the stamp is written last.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, toolsDir, toolsNode } from './lib/paths.mjs';
import { endingWithUs } from './lib/processes.mjs';

/** Part of the stamp: raise it when the steps below change. */
const recipe = 4;
const staleLockMs = 30 * 60_000;
const stamp = path.join(toolsDir, 'node_modules', '.greenroom-tools');
const lock = path.join(toolsDir, '.installing');
const vscode = path.join(toolsDir, 'node_modules', 'code-server', 'lib', 'vscode');

/** Parts of the server that nothing here uses, left out because they are a third of its size. */
const leftOut = ['@github/copilot-sdk', '@microsoft/mxc-sdk'];

/** Native modules that would have to be compiled, and what stands in for them. */
const standIns = { '@vscode/spdlog': 'spdlog.cjs', '@vscode/native-watchdog': 'nativeWatchdog.cjs' };

/** An installation that could not be made, with a sentence that says what to do. */
class ToolsError extends Error {}

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'tools', 'package-lock.json')))
    .update(`${recipe} ${process.platform} ${process.arch}`)
    .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp();

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

/** One installation at a time; a lock whose owner is gone is taken over. */
async function withLock(/** @type {(message: string) => void} */ say, /** @type {() => Promise<void>} */ work) {
  mkdirSync(toolsDir, { recursive: true });
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

function npm(/** @type {string[]} */ args, /** @type {string} */ cwd) {
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
    child.on('error', (error) => reject(new ToolsError(`npm could not be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) return resolve(undefined);
      if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network/.test(output)) {
        return reject(
          new ToolsError(
            'The npm registry cannot be reached. Check the network or the proxy, then run the command again.',
          ),
        );
      }
      reject(new ToolsError(`\`npm ${args.join(' ')}\` failed in ${cwd}:\n${output.trim().slice(-2000)}`));
    });
  });
}

/** code-server's own second step: the modules of the VS Code server inside it. */
async function installServerModules() {
  const manifest = path.join(vscode, 'package.json');
  const shrinkwrap = path.join(vscode, 'npm-shrinkwrap.json');
  const edit = (/** @type {string} */ file, /** @type {(content: any) => void} */ change) => {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    change(content);
    writeFileSync(file, JSON.stringify(content, null, 2));
  };
  edit(manifest, (content) => leftOut.forEach((name) => delete content.dependencies[name]));
  edit(shrinkwrap, (content) => leftOut.forEach((name) => delete content.packages[''].dependencies[name]));
  rmSync(path.join(vscode, 'extensions', 'copilot'), { recursive: true, force: true });
  // `npm ci` refuses this folder: its manifest and its shrinkwrap disagree in optional parts.
  await npm(['install', '--omit=dev', '--no-save'], vscode);
  await npm(['install', '--omit=dev', '--no-save'], path.join(vscode, 'extensions'));
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  for (const [folder, target, name] of [
    ['remote-cli', `code-${system}.sh`, 'code-server'],
    ['helpers', `browser-${system}.sh`, 'browser.sh'],
  ]) {
    const link = path.join(vscode, 'bin', folder, name);
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
}

/** Small enough to be done every time, so that a change of them needs no installation. */
function placeStandIns() {
  for (const [name, file] of Object.entries(standIns)) {
    copyFileSync(path.join(root, 'tools', 'standIns', file), path.join(vscode, 'node_modules', name, 'index.js'));
  }
}

/** Makes sure that the tools are installed; says in a line each what it does. */
export async function ensureTools(say = (/** @type {string} */ message) => console.log(message)) {
  if (isInstalled()) return placeStandIns();
  if (process.platform === 'win32') {
    throw new ToolsError('There is no code-server for Windows: install the desktop VS Code and Node 24.15 or newer.');
  }
  await withLock(say, async () => {
    if (isInstalled()) return placeStandIns();
    const started = Date.now();
    rmSync(stamp, { force: true });
    if (toolsDir !== path.join(root, 'tools')) {
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
        copyFileSync(path.join(root, 'tools', file), path.join(toolsDir, file));
      }
    }
    say('tools: installing Node, code-server and Claude Code (about 400 MB, once)');
    await npm(['ci'], toolsDir);
    say("tools: installing the server's own modules");
    await installServerModules();
    placeStandIns();
    if (!toolsNode()) say(`tools: there is no Node for ${process.platform}-${process.arch}; the installed one is used`);
    writeFileSync(stamp, wantedStamp());
    say(`tools: ready after ${Math.round((Date.now() - started) / 1000)} s`);
  });
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await ensureTools();
  } catch (error) {
    console.error(error instanceof ToolsError ? error.message : error);
    process.exitCode = 1;
  }
}
