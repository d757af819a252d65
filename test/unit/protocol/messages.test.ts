import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  applyPage,
  applyPatch,
  holdSnapshot,
  maxComposedLength,
  parseWebviewMessage,
} from '../../../src/protocol/messages.ts';
import type { Header } from '../../../src/protocol/view.ts';

const header: Header = {
  name: 'n',
  runtime: 'r',
  runtimeName: 'R',
  mode: 'ask',
  state: 'idle',
  status: '',
  queued: [],
  pending: [],
  commands: [],
};
const snapshot = {
  type: 'snapshot' as const,
  sessionId: 's',
  epoch: 2,
  seq: 5,
  total: 3,
  from: 3,
  messages: [],
  header,
  draft: '',
};
const notice = (text: string) => ({
  role: 'notice' as const,
  at: 0,
  parts: [{ type: 'notice' as const, level: 'info' as const, text, actions: [] }],
});

describe('what the webview sends', () => {
  it('is taken only in the forms of the protocol', () => {
    assert.deepEqual(parseWebviewMessage({ type: 'send', requestId: 1, sessionId: 's', text: 'hi', more: 1 }), {
      type: 'send',
      requestId: 1,
      sessionId: 's',
      text: 'hi',
    });
    assert.deepEqual(parseWebviewMessage({ type: 'answer', questionId: 'q', answers: { a: 'b', c: ['d'] } }), {
      type: 'answer',
      questionId: 'q',
      answers: Object.assign(Object.create(null), { a: 'b', c: ['d'] }),
    });
    for (const bad of [
      { type: 'send', requestId: 1, sessionId: 's', text: 'x'.repeat(maxComposedLength + 1) },
      { type: 'decide', approvalId: 'a', decision: 'allowEverything' },
      { type: 'setMode', mode: 'bypassPermissions' },
      { type: 'action', action: 'runShell' },
      { type: 'answer', questionId: 'q', answers: { a: 1 } },
      { type: 'openFile' },
      { type: 'executeCommand', command: 'x' },
      null,
      [],
      'send',
    ]) {
      assert.equal(parseWebviewMessage(bad), undefined, JSON.stringify(bad)?.slice(0, 80));
    }
  });

  it('never throws, whatever comes', () => {
    const type = fc.constantFrom(
      'send',
      'needPage',
      'decide',
      'answer',
      'draft',
      'setMode',
      'openDiff',
      'openFile',
      'action',
      'unqueue',
      'cancelTurn',
      'x',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.tuple(type, fc.object()).map(([name, rest]) => ({ ...rest, type: name })),
        ),
        (value) => {
          parseWebviewMessage(value);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('a held view', () => {
  it('takes patches in order only, and says when one is missing', () => {
    const held = holdSnapshot(snapshot);
    const patch = (epoch: number, seq: number) =>
      applyPatch(held, { type: 'patch', epoch, seq, ops: [['message', notice(`${seq}`)]] });
    assert.deepEqual(
      [patch(2, 6), patch(2, 6), patch(1, 9), patch(2, 8), patch(3, 1), patch(2, 7)],
      ['applied', 'stale', 'stale', 'gap', 'gap', 'applied'],
    );
    assert.deepEqual([held.seq, held.view.total, held.view.messages.length], [7, 5, 2]);
  });

  it('takes a page only where it fits', () => {
    const held = holdSnapshot(snapshot);
    const page = (epoch: number, from: number, count: number) =>
      applyPage(held, {
        type: 'page',
        epoch,
        from,
        messages: Array.from({ length: count }, (_, index) => notice(`${from + index}`)),
      });
    assert.deepEqual([page(1, 0, 3), page(2, 0, 2), page(2, 1, 2), page(2, 0, 1)], [false, false, true, true]);
    assert.deepEqual([held.view.from, held.view.messages.length], [0, 3]);
  });
});
