// The licences of what the bundle contains: they have to go with every copy of it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

const head = 'Greenroom contains the following packages, under the licences below.\n';

/**
 * Where the packages are whose code is in the bundles. What a dependency depends on may never be loaded, and then nothing
 * of it is passed on.
 */
async function bundledPackages() {
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    absWorkingDir: root,
    outdir: 'out/notices',
    bundle: true,
    minify: true,
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'error',
  };
  const built = await Promise.all([
    build({
      ...common,
      entryPoints: ['src/extension.ts', 'src/platform/reaperMain.ts'],
      splitting: true,
      platform: 'node',
      target: 'node22',
      external: ['vscode', 'node-pty'],
    }),
    build({ ...common, entryPoints: ['src/webview/main.ts'], platform: 'browser', target: 'chrome140' }),
  ]);
  const inputs = built.flatMap(({ metafile }) =>
    Object.values(metafile.outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  );
  const places = inputs.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return new Set(places.filter((place) => place !== undefined));
}

/** One text with the licences of all packages that are in the bundles; node-pty, which is beside them, brings its own. */
export async function thirdPartyNotices() {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const notices = [...(await bundledPackages())].sort().map((place) => {
    const { version, license } = packages[place];
    const folder = path.join(root, place);
    const files = readdirSync(folder).filter((name) => /^(licen[sc]e|notice)/i.test(name));
    if (files.length === 0) throw new Error(`${place} has no licence that could be passed on.`);
    const texts = files
      .sort()
      .map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
    return `${place.replace(/^.*node_modules\//, '')} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
  });
  return [head, ...notices].join(`\n${'-'.repeat(80)}\n\n`);
}
