import assert from 'node:assert/strict';
import { MessageRangeReading } from '../../../src/core/messageRange.ts';
import { createSessionModel } from '../../../src/core/sessionReducer.ts';
import type { Message } from '../../../src/protocol/view.ts';

const identity = { id: '00000000-0000-4000-8000-000000000001', runtime: 'fake', cwd: '/w', createdAt: 1 };

/** Reads user messages 0, 1, …; `damaged`: those that cannot be read. */
function read(count: number, before: number, wanted: number, damaged: readonly number[] = []) {
  const range = new MessageRangeReading(createSessionModel(identity, ''), before, wanted);
  for (let index = 0; index < count; index++) {
    if (damaged.includes(index)) {
      range.noteDamage();
    } else {
      const event = { type: 'userMessage', messageId: `${index}`, text: `${index}` } as const;
      range.add({ seq: index + 1, at: index, run: 0, event });
    }
  }
  return range;
}

const texts = (messages: readonly Message[]) =>
  messages.map(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')).join('|'));

describe('a page of messages', () => {
  it('is those that were asked for', () => {
    const range = read(10, 8, 3);
    assert.equal(range.isComplete, true);
    const { from, messages } = range.finish(10, undefined);
    assert.deepEqual([from, texts(messages)], [5, ['5', '6', '7']]);
  });

  it('is shorter where messages are large, and has the newest', () => {
    const range = new MessageRangeReading(createSessionModel(identity, ''), 50, 50);
    for (let index = 0; index < 50; index++) {
      const event = { type: 'userMessage', messageId: `${index}`, text: 'x'.repeat(500_000) } as const;
      range.add({ seq: index + 1, at: index, run: 0, event });
    }
    const { from, messages } = range.finish(50, undefined);
    assert.ok(messages.length >= 1 && messages.length < 10, `${messages.length}`);
    assert.equal(from + messages.length, 50);
  });

  it('has a notice in the place of each message that cannot be read, and every other in its own', () => {
    const range = read(10, 10, 8, [4, 5]);
    assert.equal(range.isDamaged, true);
    const { from, messages } = range.finish(10, 'damaged');
    assert.deepEqual(
      [from, texts(messages)],
      [2, ['2', '3', 'damaged', 'This message cannot be read any more.', '6', '7', '8', '9']],
    );
    assert.equal(messages[2]?.role, 'notice');
  });

  it('says where something is missing that was no message of its own', () => {
    const { from, messages } = read(6, 5, 3, [4]).finish(5, 'damaged');
    assert.deepEqual([from, texts(messages)], [2, ['2', '3', 'damaged|5']]);
  });

  it('keeps what stood in messages that are too many, and every other in its own place', () => {
    const { from, messages } = read(6, 4, 4, [3]).finish(4, 'damaged');
    assert.deepEqual([from, texts(messages)], [0, ['0', '1', '2', 'damaged|4|5']]);
  });

  it('does not believe that millions of messages are missing', () => {
    const { from, messages } = read(6, 5_000_000, 4).finish(5_000_000, 'damaged');
    assert.deepEqual([from, messages.length], [4_999_996, 4]);
  });
});
