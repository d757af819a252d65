// Builds dist/: the extension (ES modules, split so that what is big loads when it is needed) and the webview bundle.
// Flags: --watch, --production (minified, no source maps), --out folder (instead of dist/).
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const asked = process.argv.indexOf('--out');
const out = asked === -1 ? `${root}dist` : path.resolve(process.argv[asked + 1] ?? '');

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  logLevel: 'warning',
  minify: production,
  sourcemap: production ? false : 'linked',
  // Absolute paths of the machine must not reach the package.
  sourcesContent: false,
};

/** @type {import('esbuild').BuildOptions} */
const extension = {
  ...common,
  entryPoints: { extension: 'src/extension.ts' },
  outdir: out,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node22',
  // `vscode` exists only in the extension host; node-pty carries native binaries and is loaded at run time.
  external: ['vscode', 'node-pty'],
  // Bundled CommonJS dependencies call `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as greenroomCreateRequire } from 'node:module'; const require = greenroomCreateRequire(import.meta.url);",
  },
};

// A program of its own: it runs when the extension host has died.
/** @type {import('esbuild').BuildOptions} */
const reaper = {
  ...common,
  entryPoints: { reaper: 'src/platform/reaperMain.ts' },
  outdir: out,
  platform: 'node',
  target: 'node22',
};

/** @type {import('esbuild').BuildOptions} */
const webview = {
  ...common,
  entryPoints: { main: 'src/webview/main.ts' },
  outdir: path.join(out, 'webview'),
  platform: 'browser',
  target: 'chrome140',
};

const started = performance.now();
if (!watch) rmSync(out, { recursive: true, force: true });
const builds = [extension, reaper, ...(existsSync(`${root}src/webview/main.ts`) ? [webview] : [])];
const contexts = await Promise.all(builds.map((options) => context(options)));
try {
  await Promise.all(contexts.map((build) => (watch ? build.watch() : build.rebuild())));
} catch {
  // esbuild has already printed the errors.
  process.exitCode = 1;
}
if (watch) {
  console.log('watching src/ for changes');
} else {
  await Promise.all(contexts.map((build) => build.dispose()));
  if (!process.exitCode)
    console.log(`built ${path.relative(root, out)}/ in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
