// The sessions of a window without an editor, for `slots.bench.ts`: `companyHost.ts url root`.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ChatFeed } from '../../../src/core/chatFeed.ts';
import type { Session } from '../../../src/core/session.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import type { HostMessage } from '../../../src/protocol/messages.ts';
import { createHeadless } from '../../host/headless.ts';
import { claudeCli } from '../../integration/claudeCode/harness.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { noOlderMessages } from '../../support/noOlderMessages.ts';
import { Meter } from './meter.ts';
import { type FromHost, slotNonce, slots, stageNonce, type ToHost } from './script.ts';

const switches = 48;
const [url = '', root = ''] = process.argv.slice(2);
const tell = (message: FromHost): boolean | undefined => process.send?.(message);
const [home, tmp, cwd] = ['h', 't', 'w'].map((name) => path.join(root, name)) as [string, string, string];
for (const folder of [home, tmp, cwd]) {
  mkdirSync(folder);
}
const { manager } = createHeadless({
  root: path.join(root, 'store'),
  cwd,
  command: claudeCli(),
  env: cleanClaudeEnv({ home, tmp, url }),
});
await manager.restore();

const meter = new Meter();
const feed = new ChatFeed({ clock: systemClock, post, draftOf: () => '', awayOf: () => undefined, ...noOlderMessages });
manager.onDidAppend(({ sessionId, ops }) => feed.changed(sessionId, ops));
manager.onDidStage((session) => feed.show(session.id, session.model.view));
if (manager.foreground !== undefined) {
  feed.show(manager.foreground.id, manager.foreground.model.view);
}
feed.setVisible(true);
feed.needSnapshot();

/** What the extension hands to VS Code, which makes JSON of it. */
function post(message: HostMessage): void {
  meter.posted += 1;
  const text = JSON.stringify(message);
  if (message.type === 'patch') {
    meter.saw(text);
  }
}

async function heapKib(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    // Without the caches of the engine, which have nothing to do with sessions.
    await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
    // What is only let go of in a later turn of the event loop goes with the next round.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024;
}

const background: Session[] = [];
for (let slot = 0; slot < slots; slot++) {
  background.push(await manager.createInBackground({}));
}

const speak = async (everybody: boolean): Promise<void> => {
  const stage = manager.foreground;
  await Promise.all([
    ...background.map((session, slot) => session.send(`Write about ${slotNonce(slot)}.`)),
    ...(everybody && stage !== undefined ? [stage.send(`Write about ${stageNonce}.`)] : []),
  ]);
  tell({ type: 'started' });
};

async function measure(): Promise<void> {
  meter.start();
  tell({ type: 'measuring' });
  await Promise.all(manager.liveSessions.map((session) => session.whenSettled()));
  const measured = meter.stop();
  const failed = manager.liveSessions.filter(({ model }) => model.view.header.state === 'error');
  if (failed.length > 0) {
    throw new Error(failed.map(({ model }) => model.view.header.reason).join('; '));
  }
  tell({ type: 'measured', measured });
}

async function last(): Promise<void> {
  meter.posted = 0;
  const switchMs: number[] = [];
  for (let count = 0; count < switches; count++) {
    const started = performance.now();
    await manager.resume(1);
    switchMs.push(performance.now() - started);
  }
  // What would come a frame later counts too.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const posted = meter.posted / switches;
  // The code, which is loaded once, is no session's memory: what goes with the sessions is theirs.
  const withAll = await heapKib();
  background.length = 0;
  for (let slot = 0; slot < slots; slot++) {
    await manager.drop(1);
  }
  const heapPerSessionKib = (withAll - (await heapKib())) / slots;
  tell({ type: 'last', last: { heapPerSessionKib, switchMs, posted } });
}

async function end(): Promise<void> {
  feed.dispose();
  await manager.close();
  process.disconnect();
}

const does: Readonly<Record<ToHost, () => Promise<void>>> = {
  background: () => speak(false),
  everybody: () => speak(true),
  measure,
  last,
  end,
};
process.on('message', (message: ToHost) => {
  void does[message]();
});
