// A VS Code server with throw-away user data on a loopback port.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeServerEntry, toolsNode } from './paths.mjs';
import { cleanEnvironment, spawnGuarded } from './processes.mjs';

const startTimeoutMs = 60_000;

/** Quiet and offline: no start page, no telemetry, no gallery, no other assistant. Values of an older form would be moved. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': 'off',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'workbench.enableExperiments': false,
  'git.openRepositoryInParentFolders': 'never',
  'window.restoreWindows': 'none',
};

/** Languages other than English need a language pack; an empty one changes `vscode.env.language` and nothing else. */
function writeLanguagePack(/** @type {string} */ userDataDir, /** @type {string} */ locale) {
  const translations = path.join(userDataDir, 'emptyTranslations.json');
  writeFileSync(translations, JSON.stringify({ '': [], version: '1.0.0', contents: {} }));
  const pack = {
    hash: `greenroom-${locale}`,
    extensions: [{ extensionIdentifier: { id: `greenroom.language-pack-${locale}` }, version: '1.0.0' }],
    translations: { vscode: translations },
    label: locale,
  };
  writeFileSync(path.join(userDataDir, 'languagepacks.json'), JSON.stringify({ [locale]: pack }));
}

function writeSettings(/** @type {string} */ userDataDir, /** @type {Record<string, unknown>} */ settings) {
  // A remote host takes settings of machine scope from a file of its own.
  for (const folder of ['User', 'Machine']) {
    const file = path.join(userDataDir, folder, 'settings.json');
    mkdirSync(path.dirname(file), { recursive: true });
    const present = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    const quiet = folder === 'User' ? quietSettings : {};
    writeFileSync(file, JSON.stringify({ ...quiet, ...present, ...settings }, null, 2));
  }
}

/**
 * @typedef {object} ServerOptions
 * @property {string} [userDataDir] Kept when given; else a throw-away one. Keep it short: sockets live there.
 * @property {string} [extensionsDir] Kept when given; else a throw-away one.
 * @property {Record<string, unknown>} [settings] User settings, on top of quiet ones.
 * @property {boolean} [trust] Whether workspace trust asks (default: every folder is trusted).
 * @property {string} [locale] Such as `zh-cn`.
 * @property {string} [password] Asked for by the page; without one everybody on this machine may enter.
 * @property {number} [port] Default: a free one.
 * @property {Record<string, string>} [env] Added for the server, hence for the extension host.
 *
 * @typedef {object} Server
 * @property {string} origin
 * @property {string} folder The throw-away folder, gone after `stop()`.
 * @property {string} userDataDir
 * @property {string} extensionsDir
 * @property {string} log A file with what the server printed.
 * @property {Promise<number | string>} stopped Settles with the exit code or signal.
 * @property {() => Promise<void>} stop Ends the whole process group and removes the throw-away folder.
 */

/**
 * Starts the server and waits until it listens.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer({
  settings = {},
  trust = false,
  locale,
  password,
  port = 0,
  env = {},
  ...places
} = {}) {
  const entry = codeServerEntry();
  if (!entry) throw new Error('code-server is not installed: run `node scripts/tools.mjs`.');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cs-'));
  const userDataDir = places.userDataDir ?? path.join(folder, 'ud');
  const extensionsDir = places.extensionsDir ?? path.join(folder, 'ext');
  for (const name of [userDataDir, extensionsDir, path.join(folder, 'home'), path.join(folder, 't')]) {
    mkdirSync(name, { recursive: true });
  }
  writeSettings(userDataDir, { 'security.workspace.trust.enabled': trust, ...settings });
  if (locale) writeLanguagePack(userDataDir, locale);
  const config = path.join(folder, 'config.yaml');
  writeFileSync(config, 'cert: false\n');
  const log = path.join(folder, 'server.log');
  const child = spawnGuarded(
    toolsNode() ?? process.execPath,
    [
      entry,
      ...['--config', config, '--bind-addr', `127.0.0.1:${port}`, '--auth', password ? 'password' : 'none'],
      ...['--user-data-dir', userDataDir, '--extensions-dir', extensionsDir],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override', '--disable-proxy'],
      ...['--ignore-last-opened', '--session-socket', path.join(folder, 's')],
      ...(trust ? [] : ['--disable-workspace-trust']),
      ...(locale ? ['--locale', locale] : []),
    ],
    {
      ...cleanEnvironment(),
      ...(places.userDataDir ? {} : { HOME: path.join(folder, 'home'), TMPDIR: path.join(folder, 't') }),
      EXTENSIONS_GALLERY: '{}',
      ...(password ? { PASSWORD: password } : {}),
      ...env,
    },
  );
  /** @type {Promise<number | string>} */
  const stopped = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await stopped;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    const origin = await listening(child, stopped, log);
    return { origin, folder, userDataDir, extensionsDir, log, stopped, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Installs a package as a user does, with VS Code's own command.
 * @param {string} vsix @param {{ userDataDir: string, extensionsDir: string }} places
 */
export function installVsix(vsix, { userDataDir, extensionsDir }) {
  const entry = codeServerEntry();
  if (!entry) throw new Error('code-server is not installed: run `node scripts/tools.mjs`.');
  const args = [entry, '--install-extension', vsix, '--user-data-dir', userDataDir, '--extensions-dir', extensionsDir];
  const env = { ...cleanEnvironment(), EXTENSIONS_GALLERY: '{}' };
  const { status, stdout, stderr } = spawnSync(toolsNode() ?? process.execPath, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${vsix} could not be installed:\n${stdout}${stderr}`);
}

/** Resolves with the address when the server says that it listens. */
function listening(child, stopped, /** @type {string} */ log) {
  return new Promise((resolve, reject) => {
    const sink = createWriteStream(log);
    let output = '';
    const timer = setTimeout(() => reject(new Error(`code-server did not start:\n${output}`)), startTimeoutMs);
    const onData = (chunk) => {
      sink.write(chunk);
      if (output.length > 65_536) return;
      output += chunk;
      const address = /HTTP server listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    void stopped.then((code) => {
      clearTimeout(timer);
      sink.end();
      reject(new Error(`code-server ended with ${code}:\n${output}`));
    });
  });
}
