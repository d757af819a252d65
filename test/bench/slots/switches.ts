import { ChatFeed } from '../../../src/core/chatFeed.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { noOlderMessages } from '../../support/noOlderMessages.ts';
import { createSlotBench } from '../../support/slotBench.ts';
import { median } from '../bench.ts';

const rounds = 60;
const textChars = 3_330;

/** Steps, each with a text of the same length in so many deltas. */
function steps(count: number, deltasEach: number): RuntimeEvent[] {
  const text = 'x'.repeat(textChars / deltasEach);
  return Array.from({ length: count }, (_, step): RuntimeEvent[] => [
    { type: 'stepStarted' },
    ...Array.from({ length: deltasEach }, (): RuntimeEvent => ({ type: 'textDelta', partId: `p${step}`, text })),
  ]).flat();
}

/** How long it takes from the move to the snapshot as text, by what was said in the background; milliseconds. */
export async function switchTimes() {
  const { manager, clock, talk } = await createSlotBench();
  const feed = new ChatFeed({
    clock,
    post: (message) => JSON.stringify(message),
    draftOf: () => '',
    awayOf: () => undefined,
    ...noOlderMessages,
  });
  manager.onDidAppend(({ sessionId, ops }) => feed.changed(sessionId, ops));
  manager.onDidStage((session) => feed.show(session.id, session.model.view));
  feed.setVisible(true);
  feed.needSnapshot();
  const kinds = { few: steps(60, 1), manyDeltas: steps(60, 333), manyMessages: steps(5_000, 1) };
  const times = new Map<string, { readonly id: string; readonly ms: number[] }>();
  for (const [kind, events] of Object.entries(kinds)) {
    const session = await manager.createInBackground({});
    await talk(session, 'go', ...events);
    times.set(kind, { id: session.id, ms: [] });
  }
  // In turn, so that what else the machine does falls on all.
  for (let round = 0; round < rounds; round++) {
    for (const { id, ms } of times.values()) {
      const started = performance.now();
      await manager.resume(id);
      ms.push(performance.now() - started);
    }
  }
  feed.dispose();
  const medianOf = (kind: keyof typeof kinds): number => median(times.get(kind)?.ms ?? []);
  return { few: medianOf('few'), manyDeltas: medianOf('manyDeltas'), manyMessages: medianOf('manyMessages') };
}
