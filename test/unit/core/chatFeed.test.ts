import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChatFeed } from '../../../src/core/chatFeed.ts';
import type { MessageRange } from '../../../src/core/sessionModels.ts';
import { createSessionModel, reduce, type SessionModel } from '../../../src/core/sessionReducer.ts';
import type { SessionEvent } from '../../../src/core/sessionEvents.ts';
import { applyPage, applyPatch, type Held, holdSnapshot, type HostMessage } from '../../../src/protocol/messages.ts';
import type { Message } from '../../../src/protocol/view.ts';
import { eventStreams } from '../../support/eventStreams.ts';
import { eventually } from '../../support/eventually.ts';
import { ManualClock } from '../../support/manualClock.ts';

/** A webview as the protocol describes it: it holds a snapshot, applies patches, and asks when one is missing. */
class FakeWebview {
  held: Held | undefined;
  readonly received: HostMessage[] = [];
  gaps = 0;

  receive(message: HostMessage): void {
    const copy = JSON.parse(JSON.stringify(message)) as HostMessage;
    this.received.push(copy);
    if (copy.type === 'snapshot') {
      this.held = holdSnapshot(copy);
    } else if (copy.type === 'patch' && this.held !== undefined && applyPatch(this.held, copy) === 'gap') {
      this.gaps += 1;
    } else if (copy.type === 'page' && this.held !== undefined) {
      applyPage(this.held, copy);
    }
  }

  count(type: HostMessage['type']): number {
    return this.received.filter((message) => message.type === type).length;
  }
}

interface Read {
  readonly sessionId: string;
  readonly before: number;
  readonly count: number;
  readonly resolve: (range: MessageRange) => void;
  readonly reject: (error: Error) => void;
}

function setUp() {
  const clock = new ManualClock();
  const webview = new FakeWebview();
  const sessions = new Map<string, SessionModel>();
  /** Answers of the disk that the test gives. */
  const reads: Read[] = [];
  const feed = new ChatFeed({
    clock,
    post: (message) => webview.receive(message),
    draftOf: () => 'draft',
    loadMessages: (sessionId, before, count) =>
      new Promise((resolve, reject) => reads.push({ sessionId, before, count, resolve, reject })),
    problemOf: (error) => String(error),
    awayOf: () => ({ text: 'While you were away: 1 turn.', seen: 0 }),
  });
  const session = (id: string): SessionModel => {
    const known = sessions.get(id) ?? createSessionModel({ id, runtime: 'fake', cwd: '/w', createdAt: 0 }, 'Fake');
    sessions.set(id, known);
    return known;
  };
  const play = (id: string, ...events: SessionEvent[]): void => {
    const model = session(id);
    for (const event of events) {
      feed.changed(id, reduce(model, { seq: model.lastSeq + 1, at: 0, run: 1, event }));
    }
  };
  return { clock, webview, feed, session, play, reads };
}

const started: SessionEvent = { type: 'turnStarted', origin: 'user' };
const delta = (text: string): SessionEvent => ({ type: 'textDelta', partId: 'p', text });

describe('the chat feed', () => {
  it('sends a snapshot when asked, and what follows as numbered patches, one per frame', () => {
    const { clock, webview, feed, session, play } = setUp();
    feed.show('a', session('a').view);
    feed.setVisible(true);
    assert.equal(webview.received.length, 0);
    feed.needSnapshot();
    play('a', started, ...Array.from({ length: 1_000 }, (_, index) => delta(`${index} `)));
    assert.equal(webview.count('patch'), 0);
    clock.advance(16);
    assert.deepEqual([webview.count('snapshot'), webview.count('patch')], [1, 1]);
    assert.deepEqual(webview.held?.view, JSON.parse(JSON.stringify(session('a').view)));
  });

  it('sends nothing to a hidden webview, and a snapshot when it is shown', () => {
    const { clock, webview, feed, session, play } = setUp();
    feed.show('a', session('a').view);
    feed.setVisible(true);
    feed.needSnapshot();
    feed.setVisible(false);
    play('a', started, delta('unseen'));
    clock.advance(1_000);
    assert.equal(webview.received.length, 1);
    assert.equal(clock.timers, 0);
    feed.setVisible(true);
    assert.equal(webview.count('snapshot'), 2);
    assert.deepEqual(webview.held?.view.messages, JSON.parse(JSON.stringify(session('a').view.messages)));
  });

  it('sends nothing of a session that is not on stage', () => {
    const { clock, webview, feed, session, play } = setUp();
    feed.show('a', session('a').view);
    feed.setVisible(true);
    feed.needSnapshot();
    play('b', started, delta('elsewhere'));
    clock.advance(100);
    assert.equal(webview.received.length, 1);
  });

  it('holds at most 60 messages in a snapshot and gives older ones as pages', async () => {
    const { webview, feed, session, play } = setUp();
    for (let index = 0; index < 200; index++) {
      play('a', { type: 'userMessage', messageId: `m${index}`, text: `${index}` });
    }
    feed.show('a', session('a').view);
    feed.setVisible(true);
    feed.needSnapshot();
    assert.deepEqual([webview.held?.view.from, webview.held?.view.messages.length], [140, 60]);
    await feed.needPage(webview.held?.epoch ?? 0, 140, 60);
    await feed.needPage(webview.held?.epoch ?? 0, 80, 100);
    assert.deepEqual(webview.held?.view, JSON.parse(JSON.stringify(session('a').view)));
    await feed.needPage(99, 140, 60);
    assert.equal(webview.count('page'), 2);
  });

  describe('with older messages on disk only', () => {
    const message = (index: number): Message => ({ role: 'user', at: 0, parts: [{ type: 'text', text: `${index}` }] });
    const range = (from: number, before: number): MessageRange => ({
      from,
      messages: Array.from({ length: before - from }, (_, index) => message(from + index)),
    });

    function setUpLong() {
      const set = setUp();
      const { view } = set.session('a');
      set.play(
        'a',
        ...Array.from({ length: 200 }, (_, index): SessionEvent => ({
          type: 'userMessage',
          messageId: `m${index}`,
          text: `${index}`,
        })),
      );
      view.messages.splice(0, 150);
      view.from = 150;
      set.feed.show('a', view);
      set.feed.setVisible(true);
      set.feed.needSnapshot();
      return set;
    }

    it('sends what is in memory, and reads what is before it', async () => {
      const { webview, feed, reads } = setUpLong();
      assert.deepEqual([webview.held?.view.from, webview.held?.view.total], [150, 200]);
      const page = feed.needPage(1, 150, 60);
      assert.deepEqual(reads, [{ ...reads[0], sessionId: 'a', before: 150, count: 60 }]);
      reads[0]?.resolve(range(100, 150));
      await page;
      assert.deepEqual([webview.held?.view.from, webview.held?.view.messages[0]], [100, message(100)]);
    });

    it('says why it cannot be read, and reads it when it is asked for again', async () => {
      const { webview, feed, reads } = setUpLong();
      const page = feed.needPage(1, 150, 60);
      reads[0]?.reject(new Error('no such disk'));
      await page;
      assert.deepEqual(webview.received.at(-1), {
        type: 'pageFailed',
        epoch: 1,
        before: 150,
        message: 'Error: no such disk',
      });
      const again = feed.needPage(1, 150, 60);
      reads[1]?.resolve(range(90, 150));
      await again;
      assert.equal(webview.held?.view.from, 90);
    });

    it('reads one page at a time, and of those that are asked for meanwhile the last', async () => {
      const { feed, reads, webview } = setUpLong();
      const page = feed.needPage(1, 150, 60);
      for (const before of [150, 140, 130, 120]) {
        await feed.needPage(1, before, 60);
      }
      assert.equal(reads.length, 1);
      reads[0]?.resolve(range(120, 150));
      await eventually(() => reads.length === 2, 'the next page is read');
      reads[1]?.resolve(range(60, 120));
      await page;
      assert.deepEqual([reads.map(({ before }) => before), webview.held?.view.from], [[150, 120], 60]);
    });

    it('sends no page that was read for what is shown no more, and reads those of what is', async () => {
      const { webview, feed, session, reads } = setUpLong();
      const page = feed.needPage(1, 150, 60);
      feed.show('b', session('b').view);
      feed.show('a', session('a').view);
      const other = feed.needPage(3, 150, 60);
      reads[0]?.resolve(range(100, 150));
      await page;
      assert.equal(webview.count('page'), 0);
      reads[1]?.resolve(range(90, 150));
      await other;
      assert.deepEqual([webview.count('page'), webview.held?.view.from], [1, 90]);
    });
  });

  it('sends what waits before a page that contains it already', async () => {
    const { clock, webview, feed, session, play } = setUp();
    play('a', started, { type: 'toolCallStarted', id: 't', name: 'Bash', title: 'build', inputText: '{}' });
    for (let index = 0; index < 70; index++) {
      play('a', { type: 'userMessage', messageId: `m${index}`, text: `${index}` });
    }
    feed.show('a', session('a').view);
    feed.setVisible(true);
    feed.needSnapshot();
    play('a', { type: 'toolOutput', id: 't', text: 'once' });
    await feed.needPage(webview.held?.epoch ?? 0, webview.held?.view.from ?? 0, 60);
    clock.advance(16);
    assert.deepEqual(webview.held?.view, JSON.parse(JSON.stringify(session('a').view)));
  });

  it('replaces what waits by a snapshot when it is too much', () => {
    const { clock, webview, feed, session, play } = setUp();
    feed.show('a', session('a').view);
    feed.setVisible(true);
    feed.needSnapshot();
    play(
      'a',
      ...Array.from({ length: 5_000 }, (_, index): SessionEvent => ({
        type: 'userMessage',
        messageId: `${index}`,
        text: 'x',
      })),
    );
    clock.advance(16);
    assert.equal(feed.overflows, 1);
    assert.equal(webview.held?.view.total, 5_000);
    assert.equal(webview.gaps, 0);
  });

  it('ends with what a watched session shows, for random streams, switches, hides, reloads and pages', () => {
    const action = fc.oneof(
      {
        weight: 6,
        arbitrary: fc
          .tuple(fc.constantFrom('a', 'b', 'c'), eventStreams)
          .map(([id, events]) => ({ kind: 'events' as const, id, events })),
      },
      fc.constantFrom('a', 'b', 'c').map((id) => ({ kind: 'show' as const, id })),
      fc.boolean().map((visible) => ({ kind: 'visible' as const, visible })),
      fc.constant({ kind: 'reload' as const }),
      fc.nat(40).map((ms) => ({ kind: 'wait' as const, ms })),
      fc.nat(300).map((count) => ({ kind: 'page' as const, count })),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const { clock, webview, feed, session, play } = setUp();
        feed.show('a', session('a').view);
        for (const step of actions) {
          switch (step.kind) {
            case 'events':
              play(step.id, ...step.events);
              break;
            case 'show':
              feed.show(step.id, session(step.id).view);
              break;
            case 'visible':
              feed.setVisible(step.visible);
              break;
            case 'reload':
              webview.held = undefined;
              feed.needSnapshot();
              break;
            case 'wait':
              clock.advance(step.ms);
              break;
            case 'page':
              void feed.needPage(webview.held?.epoch ?? 0, webview.held?.view.from ?? 0, step.count);
              break;
          }
        }
        feed.setVisible(true);
        feed.needSnapshot();
        clock.advance(16);
        while (webview.held !== undefined && webview.held.view.from > 0) {
          void feed.needPage(webview.held.epoch, webview.held.view.from, 60);
        }
        assert.equal(webview.gaps, 0);
        assert.deepEqual(webview.held?.view, JSON.parse(JSON.stringify(session(feed.sessionId ?? '').view)));
      }),
      { numRuns: 500 },
    );
  });
});
