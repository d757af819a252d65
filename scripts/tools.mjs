// Installs the programs that tests and `npm start` use: a Node 24, code-server (a real VS Code) and a pinned Claude Code.
// Does nothing when they are there. An interrupted installation is repaired by the next run: the stamp is written last.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InstallError, npm, withLock } from './lib/npmInstall.mjs';
import { root, toolsDir, toolsNode } from './lib/paths.mjs';

/** Part of the stamp: raise it when the steps below change. */
const recipe = 4;
const stamp = path.join(toolsDir, 'node_modules', '.greenroom-tools');
const lock = path.join(toolsDir, '.installing');
const vscode = path.join(toolsDir, 'node_modules', 'code-server', 'lib', 'vscode');

/** Parts of the server that nothing here uses, left out because they are a third of its size. */
const leftOut = ['@github/copilot-sdk', '@microsoft/mxc-sdk'];

/** Native modules that would have to be compiled, and what stands in for them. */
const standIns = { '@vscode/spdlog': 'spdlog.cjs', '@vscode/native-watchdog': 'nativeWatchdog.cjs' };

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'tools', 'package-lock.json')))
    .update(`${recipe} ${process.platform} ${process.arch}`)
    .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp();

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
    throw new InstallError('There is no code-server for Windows: install the desktop VS Code and Node 24.15 or newer.');
  }
  await withLock(lock, say, async () => {
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
    console.error(error instanceof InstallError ? error.message : error);
    process.exitCode = 1;
  }
}
