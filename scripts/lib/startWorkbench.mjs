// What `npm start` does once it is known that this Node is new enough.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureTools } from '../tools.mjs';
import { startServer } from './codeServer.mjs';
import { findDesktopCode } from './desktopCode.mjs';
import { root } from './paths.mjs';
import { cleanEnvironment, findMarked, killProcess, spawnGroup, stopGroup } from './processes.mjs';
import { createSampleFolder } from './sampleFolder.mjs';
import { installExtension } from './stage.mjs';

const mark = 'GREENROOM_START';
const usage = 'npm start -- [folder] [--no-open] [--port N] [--code path] [--web] [--data folder]';

/** Starts a VS Code with the extension and stays until it ends or is interrupted. */
export async function start(/** @type {string[]} */ argv) {
  const options = readOptions(argv);
  const code = options.web ? undefined : (options.code ?? findDesktopCode());
  console.log('Building the extension …');
  const built = spawnSync(process.execPath, ['esbuild.config.mjs'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) throw new Error('The build failed: the lines above say why.');
  const folder = options.folder ?? sampleFolder(options.dataDir);
  const running = code ? startDesktop(code, folder, options.dataDir) : await startInBrowser(folder, options);

  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    await running.stop();
    process.exit(0);
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => void stop());
  const reason = await running.stopped;
  if (isStopping) return;
  await running.stop();
  if (reason !== 0) throw new Error(`VS Code ended by itself (${reason}).`);
}

function readOptions(/** @type {string[]} */ argv) {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        'no-open': { type: 'boolean', default: false },
        web: { type: 'boolean', default: false },
        port: { type: 'string' },
        code: { type: 'string' },
        data: { type: 'string', default: path.join(root, '.greenroom-start') },
      },
    });
  } catch (error) {
    throw new Error(`${error.message}\nUsage: ${usage}`, { cause: error });
  }
  const { values, positionals } = parsed;
  const folder =
    positionals[0] === undefined ? undefined : path.resolve(process.env['INIT_CWD'] ?? '.', positionals[0]);
  if (positionals.length > 1) throw new Error(`One folder at most.\nUsage: ${usage}`);
  if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory())) {
    throw new Error(`There is no folder ${folder}.`);
  }
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is no port number.`);
  if (values.code !== undefined && !existsSync(values.code)) throw new Error(`There is no program ${values.code}.`);
  return {
    folder,
    port,
    open: !values['no-open'],
    web: values.web,
    code: values.code,
    dataDir: path.resolve(values.data),
  };
}

function sampleFolder(/** @type {string} */ dataDir) {
  const folder = path.join(dataDir, 'sample');
  if (existsSync(folder)) return folder;
  console.log('Creating a sample folder …');
  mkdirSync(folder, { recursive: true });
  return createSampleFolder(folder);
}

function startDesktop(/** @type {string} */ code, /** @type {string} */ folder, /** @type {string} */ dataDir) {
  console.log(`Opening ${folder} in ${code}. Ctrl-C ends it.`);
  const userDataDir = path.join(dataDir, 'desktop');
  const args = [
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${userDataDir}`,
    `--extensions-dir=${path.join(dataDir, 'desktopExtensions')}`,
    '--new-window',
    '--wait',
    folder,
  ];
  const child = spawnGroup(code, args, {
    stdio: 'inherit',
    env: cleanEnvironment(),
    shell: process.platform === 'win32',
  });
  const stopped = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  return { stopped, stop: () => stopGroup(child) };
}

/** @param {string} folder @param {ReturnType<typeof readOptions>} options */
async function startInBrowser(folder, { port, open, dataDir }) {
  if (port !== 0 && !(await isFree(port))) {
    throw new Error(`Port ${port} is taken: name another one with --port, or leave it out to get a free one.`);
  }
  await ensureTools();
  console.log('Starting VS Code …');
  const extensionsDir = path.join(dataDir, 'extensions');
  const userDataDir = path.join(dataDir, 'server');
  installExtension(extensionsDir);
  // The server remembers what it found in the extensions folder; a rebuilt extension has the same version.
  rmSync(path.join(userDataDir, 'CachedProfilesData'), { recursive: true, force: true });
  const password = randomBytes(18).toString('base64url');
  const run = randomBytes(8).toString('hex');
  const server = await startServer({ userDataDir, extensionsDir, password, port, trust: true, env: { [mark]: run } });
  const address = `${server.origin}/?${new URLSearchParams({ folder })}`;
  console.log(`\n  Address:  ${address}\n  Password: ${password}\n\nCtrl-C ends it.`);
  if (open) openAddress(address);
  const stop = async () => {
    await server.stop();
    // What agents started may have left the server's group.
    for (const { pid } of findMarked(mark, run)) killProcess(pid);
  };
  return { stopped: server.stopped, stop };
}

function isFree(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function openAddress(/** @type {string} */ address) {
  const noBrowser = () => console.log('No browser could be opened: open the address yourself.');
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return noBrowser();
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', address]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', address]
        : ['xdg-open', address];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', noBrowser);
  child.on('exit', (code) => code !== 0 && noBrowser());
  child.unref();
}
