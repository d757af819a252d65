import assert from 'node:assert/strict';
import { needOf, needsSentence, nextNeedingYou } from '../../../src/core/attention.ts';
import type { Attention, SessionInfo } from '../../../src/core/sessionInfo.ts';

const info = (
  id: string,
  state: SessionInfo['state'],
  attention: readonly Attention[] = [],
  place: SessionInfo['place'] = 'background',
): SessionInfo => ({
  id,
  shortId: id,
  name: id,
  summary: id,
  runtime: 'fake',
  place,
  state,
  attention,
  cwd: '/w',
  createdAt: 0,
  queued: [],
});

describe('what a session needs of the person', () => {
  it('is an answer, help, or a look at what came of it', () => {
    const needs = [
      info('a', 'running', ['needsApproval', 'unread']),
      info('a', 'error', ['needsApproval', 'interrupted']),
      info('a', 'running', ['stalled']),
      info('a', 'error', ['unread']),
      info('a', 'error', ['interrupted', 'unread']),
      info('a', 'idle', ['rateLimited', 'unread']),
      info('a', 'done', ['unread']),
      info('a', 'running', ['unread']),
    ].map(needOf);
    assert.deepEqual(needs, ['answer', 'answer', 'help', 'help', 'help', 'help', 'look', 'look']);
  });

  it('is nothing once it was seen, or while it only runs, or if they stopped it themselves', () => {
    const needs = [
      info('a', 'idle'),
      info('a', 'running'),
      info('a', 'done'),
      info('a', 'error'),
      info('a', 'error', ['interrupted']),
      info('a', 'idle', ['rateLimited']),
      info('a', 'cancelled', ['unread']),
    ].map(needOf);
    assert.deepEqual(new Set(needs), new Set([undefined]));
  });

  it('sends them to requests first, then to failures, then to news, in the order of the slots', () => {
    const stage = info('stage', 'running', ['needsApproval'], 'foreground');
    const slots = [
      info('news', 'done', ['unread']),
      info('quiet', 'running'),
      info('failed', 'error', ['unread']),
      info('asks', 'running', ['needsApproval']),
      info('asks-too', 'running', ['needsApproval']),
    ];
    const order: (string | undefined)[] = [];
    let left = [stage, ...slots];
    for (let next = nextNeedingYou(left); next !== undefined; next = nextNeedingYou(left)) {
      order.push(next.id);
      left = left.filter((session) => session !== next);
    }
    assert.deepEqual(order, ['asks', 'asks-too', 'failed', 'news', 'stage']);
    assert.equal(nextNeedingYou([info('a', 'running'), info('b', 'done')]), undefined);
  });

  it('is told with its numbers', () => {
    const asks = info('a', 'running', ['needsApproval']);
    const news = info('a', 'done', ['unread']);
    assert.deepEqual(
      [needsSentence([asks]), needsSentence([asks, asks, news]), needsSentence([news, news]), needsSentence([])],
      ['1 session needs you', '2 sessions need you, 1 session is unread', '2 sessions are unread', undefined],
    );
  });
});
