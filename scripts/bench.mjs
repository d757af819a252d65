// `npm run bench`: builds what is shipped and runs the benchmarks of test/bench; arguments select some by name.
import { spawnSync } from 'node:child_process';
import { pinnedClaude, root } from './lib/paths.mjs';

const claude = pinnedClaude();
const env = { ...process.env, ...(claude ? { GREENROOM_CLAUDE: claude } : {}) };
const run = (/** @type {string[]} */ args) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;

process.exitCode =
  run(['esbuild.config.mjs', '--production']) ||
  run(['scripts/node.mjs', 'test/bench/run.ts', ...process.argv.slice(2)]);
