import assert from 'node:assert/strict';
import { MessageWindow } from '../../../src/core/messageWindow.ts';
import type { Message, View } from '../../../src/protocol/view.ts';

function viewOf(texts: readonly string[]): View {
  const messages = texts.map((text): Message => ({ role: 'user', at: 0, parts: [{ type: 'text', text }] }));
  return { header: {} as View['header'], total: texts.length, from: 0, messages };
}

const held = ({ from, total, messages }: View) => [from, total, messages.length];

describe('the messages that a session keeps in memory', () => {
  it('are the newest of a number, fewer than it may be, so that they are seldom taken out', () => {
    const view = viewOf(Array.from({ length: 100 }, () => 'x'));
    const window = new MessageWindow({ messages: 100, chars: 1_000_000 });
    assert.equal(window.settle(view), false);
    view.messages.push(...viewOf(['y']).messages);
    view.total += 1;
    assert.equal(window.settle(view), true);
    window.trim(view, view.total);
    assert.deepEqual(held(view), [26, 101, 75]);
    assert.equal(window.settle(view), false);
  });

  it('have so much text, however few they are', () => {
    const view = viewOf(Array.from({ length: 10 }, () => 'x'.repeat(10_000)));
    const window = new MessageWindow({ messages: 100, chars: 50_000 });
    assert.equal(window.settle(view), true);
    window.trim(view, view.total);
    assert.deepEqual(held(view), [7, 10, 3]);
  });

  it('stay from a given one on, and go later', () => {
    const view = viewOf(Array.from({ length: 200 }, () => 'x'));
    const window = new MessageWindow({ messages: 100, chars: 1_000_000 });
    window.settle(view);
    window.trim(view, 50);
    assert.deepEqual(held(view), [50, 200, 150]);
    assert.equal(window.settle(view), true);
    window.trim(view, 200);
    assert.deepEqual(held(view), [125, 200, 75]);
  });
});
