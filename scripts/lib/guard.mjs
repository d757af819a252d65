// Runs a program in a process group of its own, and ends that whole group when the program has ended, when we are told to
// end, or when whoever started us is gone: our standard input closes then, however it died.
//   node guard.mjs program [arguments]
import { spawn } from 'node:child_process';

/** How long the group may take to end by itself. */
const graceMs = 4000;
const pollMs = 50;

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
let exitCode = 1;
let isEnding = false;

/** Returns whether the group has a member that could be told. */
function signalGroup(/** @type {NodeJS.Signals | 0} */ signal) {
  try {
    // Without a process there is no group; group 0 would be our own.
    return child.pid !== undefined && child.pid > 1 && process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

async function endGroup() {
  if (isEnding) return;
  isEnding = true;
  signalGroup('SIGTERM');
  for (const deadline = Date.now() + graceMs; signalGroup(0);) {
    if (Date.now() > deadline) signalGroup('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  process.exit(exitCode);
}

child.on('error', (error) => {
  console.error(error.message);
  void endGroup();
});
child.on('exit', (code) => {
  exitCode = code ?? 1;
  void endGroup();
});
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) process.on(signal, () => void endGroup());
// A reader that is gone must not end us before our work is done.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.stdin.on('end', () => void endGroup()).on('error', () => void endGroup());
process.stdin.resume();
