import '../webview/document.ts';
import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { ChatPanel } from '../../support/chatPanel.ts';
import { createSlotBench } from '../../support/slotBench.ts';

const second = 1_000;
const words = (count: number): RuntimeEvent[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'textDelta', partId: 'p', text: `word${index} ` }));
const steps = (count: number): RuntimeEvent[] =>
  Array.from({ length: count }, (_, index): RuntimeEvent[] => [
    { type: 'stepStarted' },
    { type: 'textDelta', partId: `p${index}`, text: `step ${index}` },
  ]).flat();

async function setUp() {
  const bench = await createSlotBench();
  const panel = new ChatPanel({ manager: bench.manager, clock: bench.clock });
  /** What was posted since the last call, by kind. */
  const posted = (): Record<string, number> => {
    bench.clock.advance(second);
    const counts = Object.fromEntries(panel.posted);
    panel.posted.clear();
    return counts;
  };
  posted();
  return { ...bench, panel, posted };
}

describe('what the panel is sent', () => {
  it('is nothing of sixteen sessions that work, ask and end in the background', async () => {
    const { manager, talk, posted } = await setUp();
    for (let slot = 1; slot <= 16; slot++) {
      const session = await manager.createInBackground({});
      const run = await talk(session, `prompt ${slot}`, ...words(500), ...steps(70));
      void run.context?.approvals.ask(
        { toolName: 'Bash', access: 'execute', paths: [], command: 'ls', input: {} },
        'why',
        new AbortController().signal,
      );
      if (slot % 2 === 0) {
        run.endTurn();
      }
    }
    assert.deepEqual(posted(), {});
    assert.equal(manager.placed().length, 17);
  });

  for (const [name, events] of [
    ['nothing', []],
    ['twenty thousand words', words(20_000)],
    ['a thousand steps', steps(1_000)],
  ] as const) {
    it(`is one snapshot for a session that is taken back with ${name} behind it, and then what follows`, async () => {
      const { manager, talk, posted, panel } = await setUp();
      const session = await manager.createInBackground({});
      const run = await talk(session, 'go', ...events);
      await manager.resume(1);
      assert.deepEqual(posted(), { snapshot: 1 });
      assert.ok((panel.view?.messages.length ?? 0) <= 60);
      run.emit(...words(100));
      assert.deepEqual(posted(), { patch: 1 });
      assert.deepEqual(panel.whole(), JSON.parse(JSON.stringify(session.model.view)));
      panel.dispose();
    });
  }

  it('is one snapshot for a session that is sent away, and the panel hears nothing more of it', async () => {
    const { manager, talk, posted } = await setUp();
    const session = manager.foreground;
    assert.ok(session);
    const run = await talk(session, 'go', ...words(10));
    posted();
    await manager.moveToBackground();
    assert.deepEqual(posted(), { snapshot: 1 });
    run.emit(...words(5_000));
    run.endTurn();
    assert.deepEqual(posted(), {});
  });

  for (const before of [0, 1, 2, 3]) {
    it(`is one snapshot in a frame where too much happens, with everything in it once, ${before} changes on`, async () => {
      const bench = await createSlotBench();
      const session = bench.manager.foreground;
      assert.ok(session);
      // Heard before the panel: what it adds is in the view when the panel hears of what came before.
      bench.manager.onDidAppend(({ events }) => {
        if (events.some(({ event }) => event.type === 'textDelta')) {
          session.warn('heard', 'a listener had something to say');
        }
      });
      const panel = new ChatPanel({ manager: bench.manager, clock: bench.clock });
      const filling = Array.from({ length: before }, (_, index): RuntimeEvent => ({
        type: 'toolCallStarted',
        id: `t${index}`,
        name: 'Read',
        title: 'x',
        inputText: '{}',
      }));
      await bench.talk(session, 'go', ...filling, ...steps(1_500));
      bench.clock.advance(second);
      assert.deepEqual(panel.whole(), JSON.parse(JSON.stringify(session.model.view)));
      assert.deepEqual([panel.count('snapshot'), panel.feed.overflows], [2, 1]);
      panel.dispose();
    });
  }
});
