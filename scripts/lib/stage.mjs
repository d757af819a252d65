// Lays the built extension out as VS Code installs it: only what .vscodeignore lets through, plus node-pty.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

const manifestOf = (/** @type {string} */ folder) =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
/** Files at the top that a package contains; `.vscodeignore` names the same. */
const isTopFile = (/** @type {string} */ name) =>
  /^(package(\.nls.*)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(name);

/** node-pty and its binaries for this platform, as they are below node_modules. */
function ptyPackages() {
  const modules = path.join(root, 'node_modules');
  return ['node-pty', `@lydell/node-pty-${process.platform}-${process.arch}`].filter((name) =>
    existsSync(path.join(modules, name)),
  );
}

/** Puts the extension into a folder of its own inside `extensionsDir`, and says so in VS Code's list; returns that folder. */
export function installExtension(/** @type {string} */ extensionsDir) {
  const manifest = manifestOf(root);
  const id = `${manifest.publisher}.${manifest.name}`;
  const relativeLocation = `${id}-${manifest.version}`;
  mkdirSync(extensionsDir, { recursive: true });
  // VS Code compares paths: a temporary folder behind a link would count as another place.
  const target = path.join(realpathSync(extensionsDir), relativeLocation);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(root).filter(isTopFile)) cpSync(path.join(root, name), path.join(target, name));
  for (const folder of ['dist', 'media'])
    cpSync(path.join(root, folder), path.join(target, folder), { recursive: true });
  for (const name of ptyPackages()) {
    const folder = path.join('node_modules', name);
    cpSync(path.join(root, folder), path.join(target, folder), { recursive: true, dereference: true });
  }
  const location = { $mid: 1, path: pathToFileURL(target).pathname, scheme: 'file' };
  const entry = { identifier: { id }, version: manifest.version, location, relativeLocation };
  writeFileSync(path.join(extensionsDir, 'extensions.json'), JSON.stringify([entry]));
  return target;
}
