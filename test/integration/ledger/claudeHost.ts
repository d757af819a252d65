// A host with one run of the real CLI that waits to be killed: `claudeHost.ts transport ledgers reaper url root`.
import { ProcessLedger } from '../../../src/platform/processLedger.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { silentLog, startUnwatchedRun } from '../claudeCode/harness.ts';

const [transport, folder = '', reaper = '', url = '', root = ''] = process.argv.slice(2);
const ledger = new ProcessLedger({
  folder,
  clock: systemClock,
  log: silentLog,
  ...(reaper === '' ? {} : { reaper }),
});
const launcher = new NodeProcessLauncher({ log: silentLog, ledger, transport: transport === 'pipe' ? 'pipe' : 'pty' });
await startUnwatchedRun(launcher, url, root);
setInterval(() => undefined, 1_000_000);
