// A host that starts two runs and waits to be killed: `doomedHost.ts transport url root root`.
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { silentLog, startUnwatchedRun } from './harness.ts';

const [transport, url = '', ...roots] = process.argv.slice(2);
const launcher = new NodeProcessLauncher({ log: silentLog, transport: transport === 'pipe' ? 'pipe' : 'pty' });
for (const root of roots) {
  await startUnwatchedRun(launcher, url, root);
}
setInterval(() => undefined, 1_000_000);
