// Runs a script with a Node that is new enough: `node scripts/node.mjs script.ts [arguments]`.
import { spawn } from 'node:child_process';
import { testNode } from './lib/paths.mjs';
import { ensureTools } from './tools.mjs';

if (!testNode()) await ensureTools();
const node = testNode();
if (!node) {
  console.error(
    'There is no Node for this platform in tools/: install Node 24.15 or newer, then run the command again.',
  );
  process.exit(1);
}
const child = spawn(node, process.argv.slice(2), { stdio: 'inherit' });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
