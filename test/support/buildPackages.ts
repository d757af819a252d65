import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const script = path.resolve(import.meta.dirname, '..', '..', 'scripts', 'package.mjs');

/** Runs `npm run package`'s script: packages for these targets, or for all, go to `outDir`. */
export function buildPackages(outDir: string, targets: readonly string[] = [], env: NodeJS.ProcessEnv = {}): void {
  const args = [script, '--out', outDir, ...targets.flatMap((target) => ['--target', target])];
  const built = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  assert.equal(built.status, 0, built.stdout + built.stderr);
}
