// Bundles the tests that run inside VS Code: CommonJS, because the extension host gives `vscode` to `require`.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

/** Builds test/extension into out/extension; returns the module with `run()`. */
export async function buildExtensionTests() {
  const source = path.join(root, 'test', 'extension');
  const outdir = path.join(root, 'out', 'extension');
  rmSync(outdir, { recursive: true, force: true });
  const tests = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'));
  await build({
    absWorkingDir: root,
    entryPoints: ['index.ts', ...tests].map((name) => path.join(source, name)),
    outbase: source,
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return path.join(outdir, 'index.cjs');
}
