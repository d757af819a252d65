import '../webview/document.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GreenroomError } from '../../../src/base/errors.ts';
import type { RuntimeEvent, SessionEvent } from '../../../src/core/sessionEvents.ts';
import type { Session } from '../../../src/core/session.ts';
import { reduceAll } from '../../../src/core/sessionReducer.ts';
import { ChatPanel } from '../../support/chatPanel.ts';
import { eventStreams } from '../../support/eventStreams.ts';
import { createSlotBench } from '../../support/slotBench.ts';

const frameMs = 16;
const maxSlots = 3;
const runs = process.env['GREENROOM_LONG'] === '1' ? 20_000 : 600;

/** What a person or the host says is left to them: here it happens for real. */
const notOfTheRuntime: ReadonlySet<SessionEvent['type']> = new Set<SessionEvent['type']>([
  'userMessage',
  'messageQueued',
  'messageUnqueued',
  'approvalNeeded',
  'approvalDecided',
  'questionAsked',
  'questionAnswered',
  'toolDecision',
  'configured',
]);
const runtimeEvents = eventStreams.map((events) =>
  events.filter((event): event is RuntimeEvent => !notOfTheRuntime.has(event.type)),
);

/** Short turns by the agent itself: some dozens of them make a transcript that a snapshot does not hold. */
const shortTurns = (count: number): RuntimeEvent[] =>
  Array.from({ length: count }, (_, index): RuntimeEvent[] => [
    { type: 'turnStarted', origin: 'runtime' },
    { type: 'textDelta', partId: `s${index}`, text: `turn ${index}` },
    { type: 'turnComplete', stopReason: 'endTurn', durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 0 },
  ]).flat();

/** A turn of many steps with a call that is still at work when they are far above. */
const longTurn = (count: number): RuntimeEvent[] => [
  { type: 'turnStarted', origin: 'runtime' },
  { type: 'toolCallStarted', id: 't1', name: 'Bash', title: 'build', inputText: '{}' },
  ...Array.from({ length: count }, (_, index): RuntimeEvent[] => [
    { type: 'stepStarted' },
    { type: 'textDelta', partId: `l${index}`, text: `step ${index}` },
  ]).flat(),
  { type: 'toolOutput', id: 't1', text: 'still at it' },
];

/** One thing that happens; `of` names a session, a slot or a request by its place among those that there are. */
type Step =
  | { readonly kind: 'say'; readonly of: number; readonly events: readonly RuntimeEvent[] }
  | {
      readonly kind: 'send' | 'cancel' | 'runEnds' | 'ask' | 'question' | 'decide' | 'rename' | 'moveBack' | 'drop';
      readonly of: number;
    }
  | { readonly kind: 'background' | 'create' | 'createInBackground' | 'hide' | 'show' | 'reload' | 'page' | 'forget' }
  | { readonly kind: 'reopen'; readonly of: number }
  | { readonly kind: 'wait'; readonly ms: number };

const of = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  // Mostly of the first session in memory or of the one that came last: either may be on stage.
  { weight: 16, arbitrary: fc.record({ kind: fc.constant('say' as const), of, events: runtimeEvents }) },
  {
    weight: 2,
    arbitrary: fc
      .record({ of, long: fc.constantFrom(shortTurns, longTurn), count: fc.integer({ min: 20, max: 70 }) })
      .map(({ of: index, long, count }): Step => ({ kind: 'say', of: index, events: long(count) })),
  },
  { weight: 6, arbitrary: of.map((index): Step => ({ kind: 'send', of: index })) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'cancel' as const,
        'runEnds' as const,
        'ask' as const,
        'question' as const,
        'decide' as const,
        'decide' as const,
        'rename' as const,
      ),
      of,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.oneof(
      fc.record({ kind: fc.constantFrom('moveBack' as const, 'moveBack' as const, 'drop' as const), of }),
      fc.record({ kind: fc.constant('reopen' as const), of }),
      fc.constantFrom<Step>(
        { kind: 'background' },
        { kind: 'background' },
        { kind: 'create' },
        { kind: 'createInBackground' },
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom<Step>(
      { kind: 'hide' },
      { kind: 'show' },
      { kind: 'show' },
      { kind: 'show' },
      { kind: 'reload' },
      { kind: 'page' },
      { kind: 'forget' },
    ),
  },
  { weight: 12, arbitrary: fc.nat(40).map((ms): Step => ({ kind: 'wait', ms })) },
);
/** `rushed`: the next step does not wait for what this one sets going. */
const play = fc.array(fc.record({ step, rushed: fc.boolean() }), { minLength: 10, maxLength: 60, size: 'max' });

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A company with one panel that follows the stage, and beside it one panel for each session that never looks away. */
class Theatre {
  readonly #bench: Awaited<ReturnType<typeof createSlotBench>>;
  readonly #stage: ChatPanel;
  readonly #watchers = new Map<Session, ChatPanel>();
  /** What was seen last of sessions that are only stored. */
  readonly #stored = new Map<string, unknown>();
  readonly #inFlight: Promise<unknown>[] = [];
  #texts = 0;

  constructor(bench: Awaited<ReturnType<typeof createSlotBench>>) {
    this.#bench = bench;
    this.#watchAll();
    bench.manager.onDidChange(() => this.#watchAll());
    this.#stage = new ChatPanel({ manager: bench.manager, clock: bench.clock });
  }

  async act(next: Step, rushed: boolean): Promise<void> {
    this.#watchAll();
    this.#inFlight.push(this.#do(next).catch(expectRefusal));
    if (!rushed) {
      await settle();
    }
  }

  /** Every slot has a session that works. */
  async fill(): Promise<void> {
    for (let slot = 0; slot < maxSlots; slot++) {
      const session = await this.#bench.manager.createInBackground({});
      await this.#bench.talk(session, 'go');
    }
  }

  /** Everything has happened that was set going. */
  async rest(): Promise<void> {
    await Promise.all(this.#inFlight.splice(0));
    await settle();
  }

  /** Takes every session on stage, and compares what is seen there with what its watcher saw. */
  async compare(): Promise<void> {
    const { manager, clock, catalog, errors } = this.#bench;
    this.#stage.setVisible(true);
    const visited = new Set<string>();
    for (;;) {
      const session = manager.foreground;
      assert.ok(session);
      visited.add(session.id);
      clock.advance(frameMs);
      const watched = this.#watchers.get(session)?.whole();
      assert.equal(this.#stage.sessionId, session.id);
      assert.deepEqual(this.#stage.whole(), watched, 'the stage shows what the watcher saw');
      assert.deepEqual(watched, asJson(session.model.view), 'the watcher saw what the host has');
      const stored = catalog.sessions.get(session.id);
      if (stored !== undefined) {
        const replayed = reduceAll(stored.identity, 'Fake', stored.events);
        assert.deepEqual(asJson(replayed.view), watched, 'the log gives what the watcher saw');
      }
      const slot = manager.placed().findIndex(({ id }) => !visited.has(id));
      if (slot < 0) {
        break;
      }
      await manager.resume(slot);
    }
    assert.equal(this.#stage.feed.overflows, 0);
    assert.deepEqual(errors, []);
  }

  dispose(): void {
    this.#stage.dispose();
    for (const watcher of this.#watchers.values()) {
      watcher.dispose();
    }
  }

  async #do(next: Step): Promise<void> {
    const { manager, clock, runOf } = this.#bench;
    const session = 'of' in next ? pick(manager.liveSessions, next.of) : undefined;
    const run = session === undefined ? undefined : runOf(session.id);
    switch (next.kind) {
      case 'say':
        run?.emit(...next.events);
        break;
      case 'send':
        this.#texts += 1;
        await session?.send(`message ${this.#texts}`);
        break;
      case 'cancel':
        await session?.cancel();
        run?.emit({ type: 'turnCancelled', durationMs: 1 });
        break;
      case 'runEnds':
        run?.end();
        break;
      case 'ask':
        void run?.context?.approvals.ask(
          { toolName: 'Bash', access: 'execute', paths: [], command: 'ls', input: {} },
          'why',
          new AbortController().signal,
        );
        break;
      case 'question':
        void run?.context?.approvals.askQuestions(
          undefined,
          [{ question: 'Which?', multiSelect: false, options: [] }],
          new AbortController().signal,
        );
        break;
      case 'decide': {
        const item = pick(
          manager.liveSessions.flatMap(({ model }) => model.view.header.pending),
          next.of,
        );
        if (item?.kind === 'approval') {
          await manager.decide(item.id, next.of % 2 === 0 ? 'allowOnce' : 'reject', 'a note');
        } else if (item !== undefined) {
          await manager.answer(item.id, { 'Which?': 'A' });
        }
        break;
      }
      case 'rename':
        await session?.rename('another name');
        break;
      case 'background':
        await manager.moveToBackground();
        break;
      case 'create':
        await manager.create({});
        break;
      case 'createInBackground':
        await manager.createInBackground({});
        break;
      case 'moveBack':
        await manager.resume(this.#slot(next.of));
        break;
      case 'drop':
        await this.#drop(this.#slot(next.of));
        break;
      case 'reopen': {
        const id = pick([...this.#stored.keys()], next.of);
        if (id !== undefined) {
          await manager.open(id);
        }
        break;
      }
      case 'hide':
      case 'show':
        this.#stage.setVisible(next.kind === 'show');
        break;
      case 'reload':
        this.#stage.reload();
        break;
      case 'page':
        this.#stage.pageUp();
        break;
      case 'forget':
        this.#stage.forget();
        break;
      case 'wait':
        clock.advance(next.ms);
        this.#stage.draw();
        break;
    }
  }

  #slot(index: number): number {
    const slots = this.#bench.manager.placed().filter(({ place }) => place === 'background').length;
    return (index % Math.max(1, slots)) + 1;
  }

  async #drop(slot: number): Promise<void> {
    const { manager, clock, catalog } = this.#bench;
    const { id } = await manager.drop(slot);
    if (catalog.sessions.has(id)) {
      clock.advance(frameMs);
      const [session, watcher] = [...this.#watchers].findLast(([watched]) => watched.id === id) ?? [];
      assert.ok(session && watcher);
      assert.deepEqual(watcher.whole(), asJson(session.model.view));
      this.#stored.set(id, watcher.whole());
      watcher.dispose();
      this.#watchers.delete(session);
    }
  }

  #watchAll(): void {
    const { manager, clock } = this.#bench;
    for (const session of manager.liveSessions) {
      if (!this.#watchers.has(session)) {
        if (this.#stored.has(session.id)) {
          assert.deepEqual(asJson(session.model.view), this.#stored.get(session.id), 'a stored session is what it was');
          this.#stored.delete(session.id);
        }
        this.#watchers.set(session, new ChatPanel({ manager, clock, pinned: session }));
      }
    }
  }
}

function pick<T>(items: readonly T[], index: number): T | undefined {
  return items[index % Math.max(1, items.length)];
}

const refusals: ReadonlySet<string> = new Set([
  'slotLimit',
  'invalidSlot',
  'unknownSession',
  'unknownApproval',
  'sessionClosed',
]);

/** Moves and decisions may be refused; nothing else may go wrong. */
function expectRefusal(error: unknown): void {
  if (!(error instanceof GreenroomError) || !refusals.has(error.code)) {
    throw error;
  }
}

describe('sessions in slots', () => {
  const { setTimeout: realTimeout } = globalThis;

  before(() => {
    // A webview that waits for a snapshot asks again after two seconds: here it never waits that long.
    globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout;
  });

  after(() => {
    globalThis.setTimeout = realTimeout;
  });

  it('show on stage what somebody saw who watched them all the time, whatever is moved, hidden or reloaded', async function () {
    // Some milliseconds each, and many times that where much else runs.
    this.timeout(runs * 100);
    await fc.assert(
      fc.asyncProperty(play, async (steps) => {
        const theatre = new Theatre(await createSlotBench(maxSlots));
        await theatre.fill();
        for (const { step: next, rushed } of steps) {
          await theatre.act(next, rushed);
        }
        await theatre.rest();
        await theatre.compare();
        theatre.dispose();
      }),
      { numRuns: runs },
    );
  });
});
