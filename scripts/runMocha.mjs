// Runs the TypeScript tests of a folder from source: `runMocha.mjs folder timeoutMs jobs [reporter] [grep]`.
// Needs a Node that strips types. Writes its counts where GREENROOM_TEST_RESULT says.
import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { root } from './lib/paths.mjs';

/** How long open handles may take to close when the last test has ended. */
const closeGraceMs = 5000;

const [folder = '', timeoutMs = '10000', jobs = '1', reporter = 'dot', grep = ''] = process.argv.slice(2);
const mocha = new Mocha({ ui: 'bdd', timeout: Number(timeoutMs), reporter, ...(grep ? { grep } : {}) });
for (const file of globSync(`${folder}/**/*.test.ts`, { cwd: root }).sort()) mocha.addFile(path.join(root, file));
if (Number(jobs) > 1) {
  // Files run beside each other, each in a process of its own.
  mocha.parallelMode(true);
  mocha.options.jobs = Number(jobs);
} else {
  await mocha.loadFilesAsync();
}

const runner = mocha.run((failed) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {};
  const result = process.env['GREENROOM_TEST_RESULT'];
  if (result) writeFileSync(result, JSON.stringify({ passed: passes, failed, skipped: pending }));
  if (failed > 0) process.exitCode = 1;
  setTimeout(() => {
    const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
    console.error(`The tests are over, but something keeps the process alive: ${open}.`);
    process.exit(1);
  }, closeGraceMs).unref();
});
