import { AlwaysApprovedFile } from '../../../src/platform/alwaysApprovedFile.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { MemoryLog } from '../../support/memoryLog.ts';

/** A window of its own process that answers "always": `node answeringWindow.ts FILE NAME COUNT`. */
const [path = '', name = '', count = '0'] = process.argv.slice(2);
const store = new AlwaysApprovedFile({ path, clock: systemClock, log: new MemoryLog() });
for (let index = 0; index < Number(count); index++) {
  await store.add({ key: `${name}${index}`, scope: '' });
}
