// Lays the built extension out as VS Code installs it.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

const readManifest = () => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
/** Files at the top that a package contains. */
const isTopFile = (/** @type {string} */ name) =>
  /^(package\.nls.*\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(name);
/** Style sheets are part of the built webview. */
const isMedia = (/** @type {string} */ file) => !file.endsWith('.css');
/** What node-pty loads; the rest are declarations, debug symbols and documents. */
const isPtyFile = (/** @type {string} */ file) =>
  statSync(file).isDirectory() || /(\.js|\.node|spawn-helper|LICENSE|package\.json)$/.test(file);

/** The manifest without what only its developers need. */
function shippedManifest() {
  const { private: _private, scripts: _scripts, devDependencies: _dev, dependencies, ...manifest } = readManifest();
  // Everything else that it depends on is in the bundle.
  return { ...manifest, dependencies: { 'node-pty': dependencies['node-pty'] } };
}

/**
 * @typedef {object} StageOptions
 * @property {string} [dist] The built extension (default: dist/).
 * @property {string} [platform] Whose node-pty binary, such as `linux-x64` (default: this machine's).
 * @property {string} [modules] The folder with that binary's package (default: node_modules/).
 */

/**
 * Puts everything that an installed extension consists of into `target`, which is made anew.
 * @param {string} target @param {StageOptions} [options]
 */
export function stageExtension(target, options = {}) {
  const ownModules = path.join(root, 'node_modules');
  const {
    dist = path.join(root, 'dist'),
    platform = `${process.platform}-${process.arch}`,
    modules = ownModules,
  } = options;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(shippedManifest(), null, 2)}\n`);
  for (const name of readdirSync(root).filter(isTopFile)) cpSync(path.join(root, name), path.join(target, name));
  cpSync(dist, path.join(target, 'dist'), { recursive: true });
  cpSync(path.join(root, 'l10n'), path.join(target, 'l10n'), { recursive: true });
  cpSync(path.join(root, 'media'), path.join(target, 'media'), { recursive: true, filter: isMedia });
  const binary = `@lydell/node-pty-${platform}`;
  for (const [from, name] of [
    [ownModules, 'node-pty'],
    [modules, binary],
  ]) {
    const source = path.join(from, name);
    // Where there is no binary the extension takes VS Code's, or pipes.
    if (!existsSync(source)) continue;
    const filter = (/** @type {string} */ file) => isPtyFile(file);
    cpSync(realpathSync(source), path.join(target, 'node_modules', name), { recursive: true, filter });
  }
}

/** Gives files the same modes on every machine; what can be executed remains so. */
export function normaliseModes(/** @type {string} */ folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    chmodSync(file, entry.isDirectory() || entry.name === 'spawn-helper' ? 0o755 : 0o644);
  }
}

/** Puts the extension into a folder of its own inside `extensionsDir`, and says so in VS Code's list; returns that folder. */
export function installExtension(/** @type {string} */ extensionsDir) {
  const manifest = readManifest();
  const id = `${manifest.publisher}.${manifest.name}`;
  const relativeLocation = `${id}-${manifest.version}`;
  mkdirSync(extensionsDir, { recursive: true });
  // VS Code compares paths: a temporary folder behind a link would count as another place.
  const target = path.join(realpathSync(extensionsDir), relativeLocation);
  stageExtension(target);
  const location = { $mid: 1, path: pathToFileURL(target).pathname, scheme: 'file' };
  const entry = { identifier: { id }, version: manifest.version, location, relativeLocation };
  writeFileSync(path.join(extensionsDir, 'extensions.json'), JSON.stringify([entry]));
  return target;
}
