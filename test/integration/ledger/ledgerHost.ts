// A host that starts processes and waits to be killed: `ledgerHost.ts folder transport reaper script...`. It takes
// words on its input: `close` ends it in order.
import { createInterface } from 'node:readline';
import type { Log } from '../../../src/base/log.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';

const [folder = '', transport, reaper = '', ...scripts] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const log: Log = { info: () => undefined, warn: (line) => say(`log ${line}`), error: (line) => say(`log ${line}`) };

const ledger = new ProcessLedger({
  folder,
  clock: systemClock,
  log,
  graceMs: 100,
  onTrouble: (sentence) => say(`trouble ${sentence}`),
  reaper,
});
const launcher = new NodeProcessLauncher({ log, ledger, transport: transport === 'pipe' ? 'pipe' : 'pty' });
const env = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));

for (const script of scripts) {
  const started = await launcher.launch({ command: '/bin/bash', args: ['--norc', '-c', script], cwd: '/', env });
  started.onOutput((bytes) => {
    process.stdout.write(bytes);
  });
  say(`started ${started.pid}`);
}
say('ready');

createInterface({ input: process.stdin }).on('line', (word) => {
  if (word === 'close') {
    void ledger.close().then(() => {
      say('closed');
      process.exit(0);
    });
  }
});
