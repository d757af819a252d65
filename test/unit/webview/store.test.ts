import assert from 'node:assert/strict';
import './document.ts';
import type { HostMessage, WebviewMessage } from '../../../src/protocol/messages.ts';
import type { Header, Message } from '../../../src/protocol/view.ts';
import type { Changes } from '../../../src/webview/changes.ts';
import { Store } from '../../../src/webview/store.ts';

const header: Header = {
  name: '',
  runtime: 'x',
  runtimeName: 'X',
  mode: 'ask',
  state: 'running',
  status: '',
  queued: [],
  pending: [],
  commands: [],
};
const says = (text: string): Message => ({ role: 'assistant', at: 0, parts: [{ type: 'text', text }] });

function open(messages: readonly Message[], total = messages.length) {
  const posted: WebviewMessage[] = [];
  const frames: (() => void)[] = [];
  const seen: Changes[] = [];
  const timers: { readonly ms: number; readonly run: () => void }[] = [];
  const store = new Store((message) => posted.push(message), {
    onChanges: (_held, changes) => seen.push(changes),
    onSignal: () => undefined,
    nextFrame: (run) => frames.push(run),
    after: (ms, run) => timers.push({ ms, run }),
  });
  const snapshot: HostMessage = {
    type: 'snapshot',
    sessionId: 's',
    epoch: 1,
    seq: 0,
    total,
    from: total - messages.length,
    messages,
    header,
    draft: '',
  };
  store.receive(snapshot);
  const frame = (): void => frames.splice(0).forEach((run) => run());
  frame();
  return { store, posted, frames, seen, frame, timers };
}

describe('the store of the webview', () => {
  it('tells of all patches between two frames at once', () => {
    const { store, frames, seen, frame } = open([says('a')]);
    store.receive({ type: 'patch', epoch: 1, seq: 1, ops: [['text', 0, 0, 'b']] });
    store.receive({
      type: 'patch',
      epoch: 1,
      seq: 2,
      ops: [
        ['text', 0, 0, 'c'],
        ['header', { status: 'Writing…' }],
      ],
    });
    assert.equal(frames.length, 1);
    frame();
    assert.equal(seen.length, 2);
    assert.deepEqual(seen[1]?.parts.get(0)?.get(0), { text: 'bc', input: '', output: '', set: false });
    assert.equal(seen[1]?.header, true);
  });

  it('names the message that is finished by one that follows', () => {
    const { store, seen, frame } = open([says('a')]);
    store.receive({ type: 'patch', epoch: 1, seq: 1, ops: [['message', says('b')]] });
    frame();
    assert.deepEqual([...(seen[1]?.parts.keys() ?? [])], [0]);
    assert.equal(seen[1]?.messagesAdded, 1);
  });

  it('asks for a snapshot once for a gap, and goes on from it', () => {
    const { store, posted, seen, frame } = open([says('a')]);
    store.receive({ type: 'patch', epoch: 1, seq: 2, ops: [['text', 0, 0, 'lost']] });
    store.receive({ type: 'patch', epoch: 1, seq: 3, ops: [['text', 0, 0, 'lost']] });
    frame();
    assert.deepEqual(posted, [{ type: 'needSnapshot' }]);
    assert.equal(seen.length, 1);
    assert.equal(
      store.held?.view.messages[0]?.parts[0]?.type === 'text' && store.held.view.messages[0].parts[0].text,
      'a',
    );
    store.receive({
      type: 'snapshot',
      sessionId: 's',
      epoch: 2,
      seq: 3,
      total: 0,
      from: 0,
      messages: [],
      header,
      draft: '',
    });
  });

  it('asks for a page once, and again only for another', () => {
    const { store, posted } = open([says('b')], 200);
    store.needPage();
    store.needPage();
    assert.deepEqual(posted, [{ type: 'needPage', epoch: 1, before: 199, count: 60 }]);
    store.receive({ type: 'page', epoch: 1, from: 139, messages: Array.from({ length: 60 }, () => says('a')) });
    store.needPage();
    assert.equal(posted.length, 2);
  });

  it('says that a page is slow, or why it failed, until it is there, and asks again when told to', () => {
    const { store, posted, seen, frame, timers } = open([says('b')], 200);
    const page = (from: number, count: number): HostMessage => ({
      type: 'page',
      epoch: 1,
      from,
      messages: Array.from({ length: count }, () => says('a')),
    });
    const states: string[] = [];
    const note = (): void => {
      frame();
      states.push(store.earlier.kind === 'failed' ? store.earlier.message : store.earlier.kind);
    };
    store.needPage();
    timers.splice(0).forEach(({ run }) => run());
    note();
    store.receive({ type: 'pageFailed', epoch: 1, before: 7, message: 'another' });
    store.receive({ type: 'pageFailed', epoch: 9, before: 199, message: 'another' });
    note();
    store.receive({ type: 'pageFailed', epoch: 1, before: 199, message: 'The disk is gone.' });
    note();
    store.needPage();
    assert.equal(posted.length, 1, 'what failed is not asked for by itself');
    store.retryPage();
    note();
    store.receive(page(139, 60));
    note();
    assert.deepEqual(states, ['slow', 'slow', 'The disk is gone.', 'waiting', 'waiting']);
    assert.deepEqual(posted, [
      { type: 'needPage', epoch: 1, before: 199, count: 60 },
      { type: 'needPage', epoch: 1, before: 199, count: 60 },
    ]);
    assert.equal(seen.filter(({ earlier }) => earlier).length, 4);
    timers.splice(0).forEach(({ run }) => run());
    note();
    assert.equal(states.at(-1), 'waiting', 'what came in time is not slow');
  });

  it('forgets the oldest messages of a long session, never those from a given one on', () => {
    const { store } = open(Array.from({ length: 500 }, (_, index) => says(String(index))));
    store.forgetBefore(100);
    assert.equal(store.held?.view.from, 100);
    store.forgetBefore(490);
    assert.equal(store.held?.view.from, 260);
    assert.equal(store.held.view.messages.length, 240);
  });
});
