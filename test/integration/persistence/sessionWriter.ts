// Appends to a session until it is killed: `sessionWriter.ts root id`. Writes the number of the last event to standard
// output, one per line, whenever `flush` says that everything up to it is safe.
import fs from 'node:fs';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { lastSeqOf } from '../../../src/core/sessionEvents.ts';
import { SessionStore } from '../../../src/platform/sessionStore.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { wordsOf } from './sessionWords.ts';

const [root = '', id = ''] = process.argv.slice(2);
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: (message: string) => fs.writeSync(2, `${message}\n`),
};
const store = new SessionStore({ root, clock: systemClock, log: quiet, onSaveFailed: () => undefined });

const log = await store.open(id);
let seq = (await store.load(id)).events.map(lastSeqOf).at(-1) ?? 0;
fs.writeSync(1, `${seq}\n`);
for (;;) {
  const count = 1 + Math.floor(Math.random() * 20);
  for (let index = 0; index < count; index++) {
    seq += 1;
    const text = wordsOf(seq);
    const event: SessionEvent =
      seq % 7 === 0 ? { type: 'status', text } : { type: 'textDelta', partId: `p${seq % 11 === 0}`, text };
    log.append({ seq, at: Date.now(), run: 1, event });
  }
  if (Math.random() < 0.1) {
    store.saveSummary({
      id,
      runtime: 'demo',
      cwd: '/',
      createdAt: 1,
      updatedAt: seq,
      name: 'n',
      state: 'done',
      messageCount: 0,
    });
  }
  await log.flush(Math.random() < 0.2 ? 'synced' : 'written');
  fs.writeSync(1, `${seq}\n`);
  if (Math.random() < 0.3) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
  }
}
