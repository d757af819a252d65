import assert from 'node:assert/strict';
import type { Cause } from '../../../src/core/attentionCollector.ts';
import { noticeOf, type OpenRequest, type Present } from '../../../src/core/attentionNotice.ts';
import type { SessionInfo } from '../../../src/core/sessionInfo.ts';

const info = (id: string, more: Partial<SessionInfo> = {}): SessionInfo => ({
  id,
  shortId: id,
  name: id,
  summary: id,
  runtime: 'fake',
  place: 'background',
  state: 'running',
  attention: [],
  cwd: '/w',
  createdAt: 0,
  queued: [],
  ...more,
});
const approval = (line?: string): OpenRequest => ({
  item: { kind: 'approval', id: 'q', toolName: 'Bash', reason: 'why', subject: 'x' },
  line,
});
const asks = (sessionId: string, requestId = `q-${sessionId}`): Cause => ({ sessionId, kind: 'asks', requestId });
const now = new Date(2026, 4, 5, 12, 0).getTime();

function present(
  sessions: readonly SessionInfo[],
  requests: Readonly<Record<string, OpenRequest>> = {},
  more: Partial<Present> = {},
): Present {
  return {
    now,
    onScreenId: undefined,
    wanted: 'all',
    info: (id) => sessions.find((session) => session.id === id),
    request: (id) => requests[id],
    ...more,
  };
}

describe('a notification', () => {
  it('shows a request that fits on one line, and then lets it be decided', () => {
    assert.deepEqual(noticeOf([asks('a')], present([info('a')], { 'q-a': approval('Bash: npm test') })), {
      message: "'a' asks for your approval. Bash: npm test",
      isUrgent: true,
      sessionId: 'a',
      requestId: 'q-a',
      canDecide: true,
    });
    assert.deepEqual(noticeOf([asks('a')], present([info('a')], { 'q-a': approval() })), {
      message: "'a' waits for your approval: Bash",
      isUrgent: true,
      sessionId: 'a',
      requestId: 'q-a',
      canDecide: false,
    });
  });

  it('says in words of each cause what has happened', () => {
    const plan: OpenRequest = { item: { kind: 'plan', id: 'q', plan: '1' }, line: undefined };
    const question: OpenRequest = { item: { kind: 'question', id: 'q', questions: [] }, line: undefined };
    const tell = (cause: Cause, session: Partial<SessionInfo>, request?: OpenRequest) => {
      const notice = noticeOf([cause], present([info('a', session)], request === undefined ? {} : { 'q-a': request }));
      return [notice?.message.replaceAll('\u202f', ' '), notice?.isUrgent, notice?.canDecide];
    };
    const until = new Date(2026, 4, 5, 14, 5).getTime();
    assert.deepEqual(
      [
        tell(asks('a'), {}, plan),
        tell(asks('a'), {}, question),
        tell({ sessionId: 'a', kind: 'failed' }, { state: 'error', reason: 'The disk is full.' }),
        tell({ sessionId: 'a', kind: 'limited' }, { state: 'idle', rateLimitedUntil: until }),
        tell({ sessionId: 'a', kind: 'limited' }, { state: 'idle', reason: 'Used up.' }),
        tell({ sessionId: 'a', kind: 'interrupted' }, { state: 'error' }),
        tell({ sessionId: 'a', kind: 'stalled' }, { attention: ['stalled'] }),
        tell({ sessionId: 'a', kind: 'done' }, { state: 'done' }),
      ],
      [
        ["'a' has made a plan and waits for your approval.", true, false],
        ["'a' has a question for you.", true, false],
        ["'a' failed: The disk is full.", true, false],
        ["'a' is rate limited until 2:05 PM.", true, false],
        ["'a' is rate limited: Used up.", true, false],
        ["'a' was cut off when the window closed or reloaded.", true, false],
        ["'a' has said nothing for a minute.", true, false],
        ["'a' is done.", false, false],
      ],
    );
  });

  it('counts what came in a burst, and goes to what is most urgent', () => {
    const sessions = [
      info('a', { state: 'done' }),
      info('b', { state: 'error' }),
      info('c'),
      info('d', { state: 'done' }),
      info('e', { state: 'done' }),
    ];
    const burst: Cause[] = [
      { sessionId: 'a', kind: 'done' },
      { sessionId: 'b', kind: 'failed' },
      asks('c'),
      asks('c', 'another'),
      { sessionId: 'd', kind: 'done' },
      { sessionId: 'e', kind: 'done' },
    ];
    const requests = { 'q-c': approval('Bash: ls'), another: approval('Bash: ls') };
    assert.deepEqual(noticeOf(burst, present(sessions, requests)), {
      message: 'Background sessions: 1 needs you, 1 failed, 3 are done.',
      isUrgent: true,
      sessionId: 'c',
      canDecide: false,
    });
    assert.deepEqual(noticeOf(burst.slice(2, 4), present(sessions, requests)), {
      message: "'c' has 2 requests for you.",
      isUrgent: true,
      sessionId: 'c',
      canDecide: false,
    });
  });

  it('leaves out what is no longer so, what is on screen, and what is not wanted', () => {
    const sessions = [
      info('gone-on', { state: 'running' }),
      info('answered'),
      info('heard'),
      info('seen', { state: 'done' }),
    ];
    const causes: Cause[] = [
      { sessionId: 'gone-on', kind: 'done' },
      asks('answered'),
      { sessionId: 'heard', kind: 'stalled' },
      { sessionId: 'seen', kind: 'done' },
      { sessionId: 'deleted', kind: 'failed' },
    ];
    assert.equal(noticeOf(causes, present(sessions, {}, { onScreenId: 'seen' })), undefined);
    assert.equal(noticeOf(causes, present(sessions, {}, { wanted: 'attention' })), undefined);
    assert.equal(
      noticeOf([{ sessionId: 'seen', kind: 'failed' }], present(sessions, {}, { wanted: 'none' })),
      undefined,
    );
    const failed = noticeOf([{ sessionId: 'seen', kind: 'failed' }], present(sessions, {}, { wanted: 'attention' }));
    assert.equal(failed?.sessionId, 'seen');
    assert.equal(noticeOf(causes, present(sessions))?.message, "'seen' is done.");
  });

  it('shows names and reasons as the text that they are', () => {
    const session = info('a', {
      summary: `[Fix](command:rm)\u202e\n${'x'.repeat(300)}`,
      state: 'error',
      reason: 'See [here](https://evil.example)',
    });
    const message = noticeOf([{ sessionId: 'a', kind: 'failed' }], present([session]))?.message ?? '';
    assert.match(message, /^'\[Fix\] \(command:rm\)\\u\{202E\} x+…' failed: See \[here\] \(https:/);
    assert.ok(message.length < 260);
  });
});
