// Sessions by API key of a window without an editor, for `apiSessions.bench.ts`: `companyHost.ts url root`.
import path from 'node:path';
import { ChatFeed } from '../../../src/core/chatFeed.ts';
import type { Session } from '../../../src/core/session.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { createHeadless } from '../../host/headless.ts';
import { noOlderMessages } from '../../support/noOlderMessages.ts';
import { Meter } from '../slots/meter.ts';
import { type FromHost, slotNonce, slots, stageNonce, type ToHost } from '../slots/script.ts';

const [url = '', root = ''] = process.argv.slice(2);
const tell = (message: FromHost): boolean | undefined => process.send?.(message);
const { manager } = createHeadless({
  root: path.join(root, 'store'),
  cwd: root,
  command: 'unused',
  env: {},
  defaultRuntime: 'anthropic',
  anthropic: { url, key: 'not-a-key-but-a-dummy' },
});
await manager.restore();
const stage = await manager.ensureForeground(() => undefined);
if (stage === undefined) {
  throw new Error('no session');
}
const meter = new Meter();
const feed = new ChatFeed({
  clock: systemClock,
  post: (message) => {
    meter.posted += 1;
    const text = JSON.stringify(message);
    if (message.type === 'patch') {
      meter.saw(text);
    }
  },
  draftOf: () => '',
  awayOf: () => undefined,
  ...noOlderMessages,
});
manager.onDidAppend(({ sessionId, ops }) => feed.changed(sessionId, ops));
feed.show(stage.id, stage.model.view);
feed.setVisible(true);
feed.needSnapshot();
const background: Session[] = [];
for (let slot = 0; slot < slots; slot++) {
  background.push(await manager.createInBackground({}));
}

async function speak(): Promise<void> {
  await Promise.all([
    ...background.map((session, slot) => session.send(`Write about ${slotNonce(slot)}.`)),
    stage?.send(`Write about ${stageNonce}.`),
  ]);
  tell({ type: 'started' });
}

async function measure(): Promise<void> {
  meter.start();
  tell({ type: 'measuring' });
  await Promise.all(manager.liveSessions.map((session) => session.whenSettled()));
  // The panel is told of the last words a frame later.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const measured = meter.stop();
  const failed = manager.liveSessions.filter(({ model }) => model.view.header.state === 'error');
  if (failed.length > 0) {
    throw new Error(failed.map(({ model }) => model.view.header.reason).join('; '));
  }
  tell({ type: 'measured', measured });
}

async function end(): Promise<void> {
  feed.dispose();
  await manager.close();
  process.disconnect();
}

process.on('message', (message: ToHost) => {
  void (message === 'everybody' ? speak() : message === 'measure' ? measure() : end());
});
