// `npm run screenshots`: makes the pictures of the README, with the real CLI and a scripted model, into docs/images.
import { spawnSync } from 'node:child_process';
import { root } from './lib/paths.mjs';
import { ensureTools } from './tools.mjs';

await ensureTools();
const run = (/** @type {string[]} */ args) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.exitCode =
  run(['esbuild.config.mjs', '--production']) || run(['scripts/node.mjs', 'test/e2e/pictures/make.ts']);
