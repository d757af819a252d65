import assert from 'node:assert/strict';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** What may be loaded before anything is used, in minified KiB: the SDKs alone would be eight times that. */
const maxStartKib = 200;

describe('what activation loads', () => {
  it('is our own light code: no agent, no PTY, no diffing, no renderer', async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: { extension: 'src/extension.ts' },
      outdir: 'out/loadedModules',
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      external: ['vscode', 'node-pty'],
    });
    const loaded = new Set<string>();
    const visit = (file: string): void => {
      if (loaded.has(file)) {
        return;
      }
      loaded.add(file);
      for (const { path: imported, kind, external } of metafile.outputs[file]?.imports ?? []) {
        if (kind !== 'dynamic-import' && external !== true) {
          visit(imported);
        }
      }
    };
    const entry = Object.keys(metafile.outputs).find((file) => file.endsWith('/extension.js'));
    assert.ok(entry);
    visit(entry);
    const modules = [...loaded].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
    const packages = modules.filter((module) => module.includes('node_modules'));
    const agents = modules.filter(
      (module) => /src\/runtimes\/[^/]+\/(?!\w+Kind\.ts)/.test(module) && !module.includes('runtimes/shared'),
    );
    assert.deepEqual({ packages, agents }, { packages: [], agents: [] });
    const external = [...loaded].flatMap(
      (file) => metafile.outputs[file]?.imports.filter((item) => item.external === true).map((item) => item.path) ?? [],
    );
    assert.ok(!external.includes('node-pty'));
    const kib = [...loaded].reduce((sum, file) => sum + (metafile.outputs[file]?.bytes ?? 0), 0) / 1024;
    assert.ok(kib < maxStartKib, `${kib.toFixed(0)} KiB`);
  });
});
