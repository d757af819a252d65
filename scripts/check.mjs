// Types, lint, format, translations and dead code: everything that needs no test run. Arguments select steps by name.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);

/** A project of no files is an error for tsc, so a folder nobody has written to yet is left out. */
const hasSources = (folders) =>
  folders.some((folder) => existsSync(path.join(root, folder)) && readdirSync(path.join(root, folder)).length > 0);
const projects = [
  { name: 'core', folders: ['src/base', 'src/protocol', 'src/core'] },
  { name: 'webview', folders: ['src/webview'] },
  { name: 'host', folders: ['src'] },
  { name: 'test', folders: ['test'] },
].filter((project) => hasSources(project.folders));

const steps = [
  ...projects.map(({ name }) => ({
    name: `types:${name}`,
    command: bin('tsc'),
    args: ['-p', `tsconfig.${name}.json`],
  })),
  { name: 'lint', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', command: bin('oxfmt'), args: ['--check', '.'] },
  { name: 'l10n', command: process.execPath, args: ['scripts/l10n.mjs'] },
  { name: 'deadCode', command: bin('knip'), args: ['--no-progress'] },
];

const run = ({ command, args }) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });

const wanted = process.argv.slice(2);
const selected = steps.filter(({ name }) => wanted.length === 0 || wanted.some((want) => name.startsWith(want)));
let failed = 0;
for (const step of selected) {
  const started = performance.now();
  const { code, output } = await run(step);
  if (code !== 0) {
    failed++;
    console.log(output.trimEnd());
  }
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${step.name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
const counts = { passed: selected.length - failed, failed };
const result = process.env['GREENROOM_TEST_RESULT'];
if (result) writeFileSync(result, JSON.stringify(counts));
else console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
