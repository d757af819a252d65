// Makes the packages that are installed and published: one per platform, because node-pty's binary differs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { thirdPartyNotices } from './notices.mjs';
import { ensurePackagingTools, packagingModules } from './packagingTools.mjs';
import { root } from './paths.mjs';
import { normaliseModes, stageExtension } from './stage.mjs';

/** The platforms that node-pty has binaries for, by VS Code's names, which are Node's too. */
export const vsixTargets = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-arm64', 'win32-x64'];

/** vsce takes the date of all files from here, 2000-01-01; a zip file's dates are local ones. */
const fixedDate = { SOURCE_DATE_EPOCH: '946684800', TZ: 'UTC' };

/** Builds packages of the targets into `outDir`; returns their files. The same source gives the same bytes. */
export async function buildVsix(/** @type {string[]} */ targets, /** @type {string} */ outDir) {
  await ensurePackagingTools();
  mkdirSync(outDir, { recursive: true });
  mkdirSync(path.join(root, 'out'), { recursive: true });
  // Inside the project, where its other builds are, and apart from dist/, which may be in use.
  const work = mkdtempSync(path.join(root, 'out', 'package-'));
  try {
    const dist = path.join(work, 'dist');
    const args = ['esbuild.config.mjs', '--production', '--out', dist];
    const built = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`The build failed:\n${built.stderr}`);
    const files = [];
    const notices = await thirdPartyNotices();
    for (const target of targets) files.push(await pack(target, path.join(work, target), dist, outDir, notices));
    return files;
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** @param {string} target @param {string} stage @param {string} dist @param {string} outDir @param {string} notices */
async function pack(target, stage, dist, outDir, notices) {
  stageExtension(stage, { dist, platform: target, modules: packagingModules });
  writeFileSync(path.join(stage, 'ThirdPartyNotices.txt'), notices);
  normaliseModes(stage);
  const { name, version } = JSON.parse(readFileSync(path.join(stage, 'package.json'), 'utf8'));
  const file = path.join(outDir, `${name}-${target}-${version}.vsix`);
  Object.assign(process.env, fixedDate);
  const { createVSIX } = createRequire(import.meta.url)(path.join(packagingModules, '@vscode', 'vsce'));
  await createVSIX({
    cwd: stage,
    packagePath: file,
    target,
    ignoreFile: path.join(root, '.vscodeignore'),
    useYarn: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  return file;
}
