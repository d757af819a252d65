#!/usr/bin/env node
// Stands in for the desktop `code` program where a test run starts it: takes the same arguments and runs the tests in
// code-server with a headless browser, so that one `runTests` call serves both.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from './lib/codeServer.mjs';
import { openWorkbenchPage } from './lib/workbenchPage.mjs';

const timeoutMs = Number(process.env['GREENROOM_HOST_TIMEOUT_MS'] ?? 600_000);
/** Exit codes for what the test run itself cannot report. */
const exitCodes = { pageCrashed: 70, browserGone: 71, serverGone: 72, noProof: 73, timedOut: 124 };

/** What VS Code's own log prints beside the extension host's console. */
const chatter =
  /^(Resolv(ing|ed) connection token|Creating a socket|Ignoring fetching|\[(AgentHost|AccountPolicyGate|Service Worker|reconnection)|Updating additional|Error while fetching the extension under dev)/;

const args = process.argv.slice(2);
if (args.includes('--version')) {
  console.log('1.139.1\ncode-server\nx64');
  process.exit(0);
}
const separate = new Set(['--user-data-dir', '--extensions-dir']);
const toPath = (/** @type {string} */ value) => (value.startsWith('file://') ? fileURLToPath(value) : value);
const values = (/** @type {string} */ name) => [
  ...args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => toPath(arg.slice(name.length + 3))),
  ...args.filter((_, index) => args[index - 1] === `--${name}` && separate.has(`--${name}`)),
];
const isFolder = (/** @type {string} */ file) => existsSync(file) && statSync(file).isDirectory();
const folder =
  values('folder-uri')[0] ??
  args.find((arg, index) => !arg.startsWith('-') && !separate.has(args[index - 1]) && isFolder(arg));
const testsPath = values('extensionTestsPath').at(-1);

/**
 * The workbench reports exit code 0 when the extension host dies, so a pass needs a proof: a wrapper around the tests
 * writes it after `run()` has resolved.
 */
function writeWrapper(/** @type {string} */ serverFolder, /** @type {string} */ tests) {
  const wrapper = path.join(serverFolder, 'proofWrapper.cjs');
  const proof = path.join(serverFolder, 'proof');
  writeFileSync(
    wrapper,
    `exports.run = async () => {
  await require(${JSON.stringify(path.resolve(tests))}).run();
  require('node:fs').writeFileSync(${JSON.stringify(proof)}, 'passed');
};
`,
  );
  return { wrapper, proof };
}

async function main() {
  if (!testsPath) throw new Error('This launcher runs tests only: --extensionTestsPath is missing.');
  const server = await startServer();
  /** @type {Awaited<ReturnType<typeof openWorkbenchPage>> | undefined} */
  let workbench;
  const close = async () => {
    await workbench?.browser.close().catch(() => {});
    await server.stop();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => void close().finally(() => process.exit(130)));
  }
  try {
    let over = false;
    const { wrapper, proof } = writeWrapper(server.folder, testsPath);
    const { promise: ended, resolve: end } = deferred();
    const timer = setTimeout(() => end(exitCodes.timedOut), timeoutMs);
    void server.stopped.then(() => end(exitCodes.serverGone));
    workbench = await openWorkbenchPage(server.origin, {
      folder,
      developmentPaths: values('extensionDevelopmentPath'),
      testsPath: wrapper,
      onExit: (code) => {
        over = true;
        end(code);
      },
      onLog: (_, [first, ...rest]) => {
        // What the workbench says while it is taken down is no part of the run.
        if (!over && !chatter.test(String(first))) console.log(first, ...rest);
      },
    });
    workbench.page.on('crash', () => end(exitCodes.pageCrashed));
    workbench.browser.on('disconnected', () => end(exitCodes.browserGone));
    const code = await ended;
    clearTimeout(timer);
    if (code === 0 && !existsSync(proof)) {
      console.error('The extension host ended before the tests did.');
      return exitCodes.noProof;
    }
    if (code >= exitCodes.pageCrashed) {
      const reason = Object.entries(exitCodes).find(([, value]) => value === code)?.[0];
      console.error(`The test run did not end by itself: ${reason}.`, readFileSync(server.log, 'utf8').slice(-4000));
    }
    return code;
  } finally {
    await close();
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error);
  process.exit(1);
}
