// A window with a turn that never ends by itself: `killedHost.ts root url`. Writes a line for each event of the session.
import fs from 'node:fs';
import { createHeadless } from '../../host/headless.ts';
import { dummyKey, lookTool } from './harness.ts';

const [root = '', url = ''] = process.argv.slice(2);
const { manager } = createHeadless({
  root,
  cwd: root,
  command: 'unused',
  env: {},
  defaultRuntime: 'anthropic',
  anthropic: { url, key: dummyKey },
  settings: { tools: [lookTool((what) => `contents of ${what}`)], limits: { maxSteps: 10_000 } },
});
await manager.restore();
const session = await manager.ensureForeground(() => undefined);
session?.onDidAppend(({ events }) => fs.writeSync(1, `${events.map(({ event }) => event.type).join(' ')}\n`));
await session?.send('Look, and look again.');
