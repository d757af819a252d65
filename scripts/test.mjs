// `npm test`: runs the parts and sums them up in the last line. Arguments: names of parts, --long, --grep text. What
// leaves a core idle runs beside the parts before it, and is shown when its turn has come.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { browserAdvice, ensureBrowser, ensureFont } from './lib/browser.mjs';
import { ensurePackagingTools } from './lib/packagingTools.mjs';
import { codeServerEntry, pinnedClaude, root, testNode } from './lib/paths.mjs';
import { findMarked, killProcess, spawnGroup, stopGroup } from './lib/processes.mjs';
import { testParts } from './lib/testParts.mjs';
import { ensureTools } from './tools.mjs';

/** The long runs repeat what the short ones do a few times. */
const longFactor = 6;
/** How long a process may take to notice that its part is over. */
const leaveGraceMs = 3000;
const pollMs = 100;
/** What is kept of the output of a part that is not shown yet. */
const maxUnseenChars = 1 << 20;
const maxCachedFiles = 10_000;
/** What others keep in the temporary folder between runs: not ours to remove. */
const foreignTemporaries = [/^node-compile-cache$/, /^claude-\d+$/];

const args = process.argv.slice(2);
const long = args.includes('--long');
const grep = args.includes('--grep') ? args[args.indexOf('--grep') + 1] : undefined;
const names = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--grep');
const unknown = names.filter((name) => !testParts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no part named ${unknown.join(', ')}: the parts are ${testParts.map((part) => part.name).join(', ')}.`,
  );
  process.exit(2);
}
const parts = testParts.filter((part) => names.length === 0 || names.includes(part.name));
const total = { passed: 0, failed: 0, skipped: 0 };
const resultsDir = path.join(root, 'out', 'results');
const compileCache = path.join(root, 'out', 'compileCache');

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
const needed = (/** @type {string} */ what) => parts.some((part) => part.needs.includes(/** @type {any} */ (what)));

/** Ctrl+C was pressed: what runs is ended, and nothing is begun any more. */
let isInterrupted = false;

// What is in it is known by its content: nothing goes out of date, but it grows with every change.
if (existsSync(compileCache) && readdirSync(compileCache, { recursive: true }).length > maxCachedFiles) {
  rmSync(compileCache, { recursive: true, force: true });
}

/** What could not be made ready, by the need that it serves: a sentence for each. */
const missing = await prepare();

const beside = new Map(
  parts.filter((part) => part.isBeside && part !== parts[0]).map((part) => [part, runUnseen(part)]),
);
for (const part of parts) {
  console.log(`== ${part.name}`);
  const unseen = await beside.get(part);
  if (unseen !== undefined) process.stdout.write(unseen.output);
  const { counts, seconds } = unseen ?? (await runTimed(part, (line) => console.log(line)));
  if (isInterrupted) {
    await Promise.all(beside.values());
    process.exit(130);
  }
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
  console.log(`${part.name}: ${summary(counts)}, ${seconds} s\n`);
}
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(summary(total));

function summary(/** @type {typeof total} */ { passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Installs and builds what the chosen parts need. */
async function prepare() {
  /** @type {Map<string, { sentence: string, isFault: boolean }>} */
  const lacks = new Map();
  // A place that cannot run a part leaves it out, except where everything has to be proven.
  const isFault = Boolean(process.env['CI']);
  if (needed('tools') || !testNode()) {
    try {
      await ensureTools();
    } catch (error) {
      lacks.set('tools', { sentence: error.message, isFault: isFault || process.platform !== 'win32' });
    }
    if (!lacks.has('tools') && !codeServerEntry()) {
      lacks.set('tools', { sentence: 'There is no code-server for this platform.', isFault });
    }
  }
  if (needed('packaging')) {
    try {
      await ensurePackagingTools();
    } catch (error) {
      lacks.set('packaging', { sentence: error.message, isFault: true });
    }
  }
  if (needed('browser') && !ensureBrowser()) lacks.set('browser', { sentence: browserAdvice, isFault });
  if (needed('browser')) ensureFont();
  if (needed('build')) {
    const { status } = spawnSync(process.execPath, ['esbuild.config.mjs'], { cwd: root, stdio: 'inherit' });
    if (status !== 0) lacks.set('build', { sentence: 'The build failed.', isFault: true });
  }
  return lacks;
}

/** Runs a part while others are shown; what it says is kept, from its end as far as it is very long. */
async function runUnseen(/** @type {(typeof testParts)[number]} */ part) {
  let output = '';
  const add = (/** @type {string} */ text) => {
    output = (output + text).slice(-maxUnseenChars);
  };
  const result = await runTimed(part, (line) => add(`${line}\n`), add);
  return { ...result, output };
}

/**
 * @param {(typeof testParts)[number]} part @param {(line: string) => void} say
 * @param {(text: string) => void} [onOutput] Gets what the part itself prints; without it that goes where ours goes.
 */
async function runTimed(part, say, onOutput) {
  const started = performance.now();
  const counts = await runPart(part, say, onOutput);
  return { counts, seconds: ((performance.now() - started) / 1000).toFixed(1) };
}

/**
 * @param {(typeof testParts)[number]} part @param {(line: string) => void} say
 * @param {(text: string) => void} [onOutput]
 */
async function runPart(part, say, onOutput) {
  const lack = part.needs.map((need) => missing.get(need)).find((found) => found !== undefined);
  if (lack) {
    say(lack.sentence);
    return { passed: 0, failed: lack.isFault ? 1 : 0, skipped: lack.isFault ? 0 : 1 };
  }
  const node = part.node === 'plain' ? process.execPath : testNode();
  if (!node) {
    say('There is no Node here that runs TypeScript from source: install Node 24.15 or newer.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // Sockets live in the temporary folder, and their paths must be short.
  const temporary = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gr-')));
  const run = randomBytes(8).toString('hex');
  mkdirSync(resultsDir, { recursive: true });
  const result = path.join(resultsDir, `${part.name}.json`);
  rmSync(result, { force: true });
  const isMocha = part.script[0] === 'scripts/runMocha.mjs';
  const child = spawnGroup(
    node,
    [...part.script, ...(isMocha ? [parts.length === 1 ? 'spec' : 'dot', grep ?? ''] : [])],
    {
      cwd: root,
      stdio: onOutput ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: {
        ...process.env,
        TMPDIR: temporary,
        GREENROOM_TEST_RUN: run,
        GREENROOM_TEST_RESULT: result,
        // The tests start hundreds of processes from source: what one has compiled, the next need not.
        NODE_COMPILE_CACHE: compileCache,
        ...(long ? { GREENROOM_LONG: '1' } : {}),
        ...(pinnedClaude() ? { GREENROOM_CLAUDE: pinnedClaude() } : {}),
      },
    },
  );
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const isRead = Promise.all(streams.map((stream) => once(stream.setEncoding('utf8').on('data', onOutput), 'close')));
  const stop = () => {
    isInterrupted = true;
    void stopGroup(child);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const limitMs = part.limitMs * (long ? longFactor : 1);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void stopGroup(child);
  }, limitMs);
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  // Whoever is left behind may hold them open.
  if (streams.length > 0) await Promise.race([isRead, sleep(leaveGraceMs)]);
  clearTimeout(timer);
  process.off('SIGINT', stop).off('SIGTERM', stop);

  const counts = readCounts(result, part.name, say);
  const fail = (/** @type {string} */ reason) => {
    say(`FAIL ${part.name}: ${reason}`);
    counts.failed++;
  };
  if (isLate) fail(`it was ended after ${limitMs / 60_000} minutes.`);
  else if (code !== 0 && counts.failed === 0) fail(`it ended with ${code}, though no test failed.`);
  else if (counts.passed + counts.failed === 0) fail('it ran no test.');
  const processes = await leftProcesses(run, temporary);
  if (isInterrupted) {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return counts;
  }
  if (processes.length > 0)
    fail(
      `processes were left behind:\n${processes.map(({ pid, command }) => `  ${pid} ${command.slice(0, 200)}`).join('\n')}`,
    );
  const files = readdirSync(temporary).filter((name) => !foreignTemporaries.some((pattern) => pattern.test(name)));
  if (files.length > 0)
    fail(`files were left behind in the temporary folder:\n${files.map((name) => `  ${name}`).join('\n')}`);
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return counts;
}

/** A part that wrote no counts has run no test. */
function readCounts(/** @type {string} */ file, /** @type {string} */ name, /** @type {(line: string) => void} */ say) {
  const none = { passed: 0, failed: 0, skipped: 0 };
  if (!existsSync(file)) return none;
  try {
    return { ...none, ...JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    say(`FAIL ${name}: its counts cannot be read: ${error.message}`);
    return { ...none, failed: 1 };
  }
}

/** Processes of a part that outlive it; they are ended, since they would disturb the next part. */
async function leftProcesses(/** @type {string} */ run, /** @type {string} */ temporary) {
  const find = () => findMarked('GREENROOM_TEST_RUN', run, temporary);
  for (const deadline = Date.now() + leaveGraceMs; find().length > 0 && Date.now() < deadline;) await sleep(pollMs);
  const left = find();
  for (const { pid } of left) killProcess(pid);
  return left;
}
