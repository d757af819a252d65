// A host that starts shells and waits to be killed: `shellHost.ts folder reaper isolation command...`, where a command
// that begins with `tty:` runs on a terminal. `close` on its input ends it in order.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Log } from '../../../src/core/ports.ts';
import { Redactor } from '../../../src/core/redact.ts';
import { ShellRegistry } from '../../../src/core/shells/shellRegistry.ts';
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { NodeShellRunner } from '../../../src/platform/shellRunner.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { MemoryShellLogs } from '../../support/fakeShells.ts';

const [folder = '', reaper = '', isolation, ...commands] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const log: Log = { info: () => undefined, warn: (line) => say(`log ${line}`), error: (line) => say(`log ${line}`) };

const ledger = new ProcessLedger({ folder, clock: systemClock, log, graceMs: 100, reaper });
const registry = new ShellRegistry({
  clock: systemClock,
  log,
  newId: () => randomBytes(16).toString('hex'),
  runner: new NodeShellRunner({
    log,
    ledger,
    environment: () => process.env,
    isolation: () => (isolation === 'namespace' ? 'namespace' : 'group'),
  }),
  logs: new MemoryShellLogs(),
  redactor: new Redactor(),
  limits: () => ({
    maxRunning: 16,
    maxRetained: 32,
    unreadLimitBytes: 1 << 20,
    logLimitBytes: 10 << 20,
    killGraceMs: 100,
  }),
  onExit: () => 'inject',
});

for (const command of commands) {
  const tty = command.startsWith('tty:');
  const started = registry.start({ sessionId: 's', command: tty ? command.slice(4) : command, cwd: '/', tty });
  if ('shell' in started) {
    await started.launched;
    const { shell } = started;
    shell.onActivity(() => {
      const found = shell.unread.peek(false);
      shell.unread.advance(found, found.to);
      process.stdout.write(Buffer.concat([found.head, found.tail]));
    });
  }
}
say('ready');

createInterface({ input: process.stdin }).on('line', (word) => {
  if (word === 'close') {
    registry.closeNow(100);
    void registry
      .close()
      .then(() => ledger.close())
      .then(() => {
        say('closed');
        process.exit(0);
      });
  }
});
