// vsce and node-pty's binaries for every platform, installed beside the tools when a package is first made.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm, withLock } from './npmInstall.mjs';
import { root, toolsDir } from './paths.mjs';

const source = path.join(root, 'tools', 'packaging');
const folder = path.join(toolsDir, 'packaging');
const stamp = path.join(folder, 'node_modules', '.greenroom-packaging');

export const packagingModules = path.join(folder, 'node_modules');

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(path.join(source, 'package-lock.json')))
    .digest('hex');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wantedStamp();

/** Makes sure that they are installed; does nothing when they are. */
export async function ensurePackagingTools(say = (/** @type {string} */ message) => console.log(message)) {
  if (isInstalled()) return;
  await withLock(path.join(folder, '.installing'), say, async () => {
    if (isInstalled()) return;
    if (folder !== source) {
      mkdirSync(folder, { recursive: true });
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
        copyFileSync(path.join(source, file), path.join(folder, file));
      }
    }
    say("packaging: installing vsce and node-pty's binaries (about 110 MB, once)");
    // Binaries of other platforms are wanted here, which npm refuses unless it is forced. It still checks their integrity.
    await npm(['ci', '--force'], folder);
    writeFileSync(stamp, wantedStamp());
  });
}
