import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf8 } from '../../../../src/base/utf8.ts';
import { OutputLog } from '../../../../src/core/shells/outputLog.ts';
import { UnreadOutput } from '../../../../src/core/shells/unreadOutput.ts';
import { droppedMark, maxInlineCharacters, readForModel } from '../../../../src/core/tools/readForModel.ts';

const nowhere = (): undefined => undefined;

function unreadOf(text: string, cap = 1024 * 1024): UnreadOutput {
  const log = new OutputLog(10 * 1024 * 1024, cap);
  const unread = new UnreadOutput(log, cap);
  const bytes = Buffer.from(text);
  unread.push(bytes);
  log.push(bytes, false);
  return unread;
}

describe('what a model is shown of unread output', () => {
  it('is all of it where it is not too much', () => {
    const { text, readTo } = readForModel(unreadOf('one\ntwo\n').peek(false), nowhere);
    assert.deepEqual([text, readTo], ['one\ntwo\n', 8]);
  });

  it('says once, between the first quarter and the rest, how many bytes were dropped', () => {
    const { text } = readForModel(unreadOf('a'.repeat(10_000) + 'b'.repeat(10_000), 8000).peek(false), nowhere);
    assert.equal(text, `${'a'.repeat(2000)}\n${droppedMark(12_000)}\n${'b'.repeat(6000)}`);
    assert.ok(Buffer.byteLength(text) <= 8000 + 200);
    assert.equal(
      droppedMark(12_000),
      '…[background shell output exceeded the unread-buffer cap; 12000 bytes dropped; call bash_output more often to drain it]',
    );
  });

  it('is the beginning and the end, with the place of the rest, where that is stored', () => {
    const whole = Array.from({ length: 20_000 }, (_, line) => `${line} ä🙂\n`).join('');
    const asked: unknown[] = [];
    const { text, readTo } = readForModel(unreadOf(whole).peek(false), (parts) => {
      asked.push(...parts);
      return `/logs/x.log from byte ${parts[0]?.from}`;
    });
    assert.ok(text.length <= maxInlineCharacters && text.length > maxInlineCharacters - 500);
    const [, head = '', count, from, tail = ''] =
      /^([^]*)\n…\[(\d+) characters omitted; they are in \/logs\/x\.log from byte (\d+)\]…\n([^]*)$/.exec(text) ?? [];
    assert.ok(whole.startsWith(head) && whole.endsWith(tail));
    assert.equal(head.length + Number(count) + tail.length, whole.length);
    assert.equal(Number(from), Buffer.byteLength(head));
    assert.equal(readTo, Buffer.byteLength(whole));
    assert.deepEqual(asked.at(-1), { from: Buffer.byteLength(head), to: readTo - Buffer.byteLength(tail) });
  });

  it('never leaves out the mark of what was dropped', () => {
    const unread = unreadOf('a'.repeat(500_000) + 'b'.repeat(500_000), 200_000);
    const { text } = readForModel(unread.peek(false), () => '/x from byte 1');
    assert.ok(text.length <= maxInlineCharacters);
    assert.match(
      text,
      /^a+\n…\[\d+ characters omitted; they are in \/x from byte 1\]…\n…\[.* 800000 bytes dropped;.*\]\nb+$/,
    );
  });

  it('is only a beginning where the rest is stored nowhere: that stays unread', () => {
    const whole = 'ä'.repeat(50_000);
    const unread = unreadOf(whole);
    const first = unread.peek(false);
    const { text, readTo } = readForModel(first, nowhere);
    assert.ok(text.length <= maxInlineCharacters);
    assert.match(text, /\n…\[more is unread: call bash_output again\]$/);
    unread.advance(first, readTo);
    assert.equal(unread.pendingBytes, 100_000 - readTo);
  });

  it('gives every kept character exactly once over several readings, and every mark', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 400_000 }), fc.integer({ min: 4096, max: 200_000 }), (length, cap) => {
        const unread = unreadOf(Array.from({ length: length / 10 }, (_, at) => `${at} 日\n`).join(''), cap);
        const { head, tail, droppedBytes } = unread.peek(true);
        let seen = '';
        for (let at = 0; unread.pendingBytes > 0 && at < 100; at++) {
          const found = unread.peek(true);
          const { text, readTo } = readForModel(found, nowhere);
          seen += text.replace('\n…[more is unread: call bash_output again]', '');
          unread.advance(found, readTo);
        }
        const mark = droppedBytes === 0 ? '' : `\n${droppedMark(droppedBytes)}\n`;
        assert.ok(seen === decodeUtf8(head) + mark + decodeUtf8(tail));
      }),
      { numRuns: 60 },
    );
  });
});
