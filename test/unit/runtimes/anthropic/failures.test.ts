import assert from 'node:assert/strict';
import {
  failureOfCut,
  failureOfEvent,
  failureOfNetwork,
  failureOfResponse,
} from '../../../../src/runtimes/anthropic/failures.ts';

const now = 1_700_000_000_000;
const facts = {
  model: 'claude-none',
  baseUrl: 'https://gateway.example',
  now,
  redact: (text: string) => text.replaceAll('secret-key', '[redacted]'),
};

function failed(status: number, type: string, message: string, headers: Record<string, string> = {}) {
  return failureOfResponse(
    {
      status,
      text: JSON.stringify({ type: 'error', error: { type, message } }),
      header: (name) => headers[name],
    },
    facts,
  );
}

describe('Failures of the Messages API', () => {
  it('have a name, say whether trying again may help, and when', () => {
    const told = (failure: ReturnType<typeof failed>) => [
      failure.error.code,
      failure.retryReason !== undefined,
      failure.retryAfterMs,
    ];
    assert.deepEqual(
      [
        failed(401, 'authentication_error', 'invalid x-api-key'),
        failed(403, 'permission_error', 'not allowed'),
        failed(402, 'billing_error', 'pay'),
        failed(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
        failed(404, 'not_found_error', 'model: claude-none'),
        failed(404, 'not_found_error', 'no such path'),
        failed(400, 'invalid_request_error', 'prompt is too long: 250000 tokens > 200000 maximum'),
        failed(413, 'request_too_large', 'Request exceeds the maximum size'),
        failed(400, 'invalid_request_error', 'messages: at least one message is required'),
        failed(429, 'rate_limit_error', 'slow down', { 'retry-after': '7' }),
        failed(429, 'rate_limit_error', 'slow down', { 'retry-after': new Date(now + 9_000).toUTCString() }),
        failed(429, 'rate_limit_error', 'never', { 'x-should-retry': 'false' }),
        failed(529, 'overloaded_error', 'Overloaded'),
        failed(500, 'api_error', 'oops', { 'retry-after-ms': '250' }),
        failed(503, '', ''),
        failed(409, 'conflict_error', 'busy'),
      ].map(told),
      [
        ['notLoggedIn', false, undefined],
        ['notLoggedIn', false, undefined],
        ['accountUnpaid', false, undefined],
        ['accountUnpaid', false, undefined],
        ['modelNotFound', false, undefined],
        ['apiError', false, undefined],
        ['promptTooLong', false, undefined],
        ['promptTooLong', false, undefined],
        ['apiError', false, undefined],
        ['rateLimited', true, 7_000],
        ['rateLimited', true, 9_000],
        ['rateLimited', false, undefined],
        ['overloaded', true, undefined],
        ['overloaded', true, 250],
        ['overloaded', true, undefined],
        ['overloaded', true, undefined],
      ],
    );
  });

  it('say until when a limit lasts: the latest of those that are used up', () => {
    const { limit } = failed(429, 'rate_limit_error', 'limit', {
      'retry-after': '5',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': new Date(now + 60_000).toISOString(),
      'anthropic-ratelimit-tokens-remaining': '0',
      'anthropic-ratelimit-tokens-reset': new Date(now + 90_000).toISOString(),
      'anthropic-ratelimit-input-tokens-remaining': '12',
      'anthropic-ratelimit-input-tokens-reset': new Date(now + 900_000).toISOString(),
    });
    assert.deepEqual(limit, { type: 'rateLimit', status: 'blocked', resetsAt: now + 90_000 });
    assert.deepEqual(
      failed(429, 'rate_limit_error', 'limit', {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(now / 1000 + 3600),
      }).limit,
      { type: 'rateLimit', status: 'blocked', resetsAt: now + 3_600_000 },
    );
  });

  it('say where an image is the trouble', () => {
    assert.deepEqual(
      [
        failed(400, 'invalid_request_error', 'Could not process image'),
        failed(400, 'invalid_request_error', 'messages.2.content.0.image.source.base64: image exceeds 5 MB maximum'),
        failed(400, 'invalid_request_error', 'messages: at least one message is required'),
      ].map(({ refusesImages, retryReason }) => [refusesImages, retryReason]),
      [
        [true, undefined],
        [true, undefined],
        [undefined, undefined],
      ],
    );
  });

  it('offer what can be done about them', () => {
    const offered = (failure: ReturnType<typeof failed>) =>
      failure.error.actions.map(({ id, argument }) => (argument === undefined ? id : `${id} ${argument}`));
    assert.deepEqual(offered(failed(401, '', '')), ['setApiKey anthropic', 'retry']);
    assert.deepEqual(offered(failed(404, 'not_found_error', 'model: claude-none')), ['chooseModel']);
    assert.deepEqual(offered(failed(413, '', '')), ['compact', 'newSession']);
  });

  it('show what the service said, without secrets, and not more than can be read', () => {
    assert.equal(
      failed(400, 'invalid_request_error', 'bad secret-key').error.details,
      '400 invalid_request_error: bad [redacted]',
    );
    const html = failureOfResponse({ status: 502, text: '<html>Bad Gateway</html>', header: () => undefined }, facts);
    assert.deepEqual([html.error.code, html.error.details], ['overloaded', '502 <html>Bad Gateway</html>']);
    assert.ok((failed(400, '', 'x'.repeat(9_000)).error.details?.length ?? 0) < 4_100);
  });

  it('come in the middle of a stream too, or from the network', () => {
    assert.deepEqual(
      [
        failureOfEvent({ type: 'overloaded_error', message: 'Overloaded' }, facts),
        failureOfEvent({ type: 'rate_limit_error' }, facts),
        failureOfEvent({}, facts),
        failureOfEvent({ type: 'invalid_request_error', message: 'prompt is too long' }, facts),
        failureOfEvent({ type: 'invalid_request_error', message: 'wrong' }, facts),
        failureOfEvent({ type: 'authentication_error' }, facts),
        failureOfNetwork('fetch failed: ECONNREFUSED', facts),
        failureOfCut('terminated', facts),
      ].map(({ error, retryReason, maxRetries }) => [error.code, retryReason !== undefined, maxRetries]),
      [
        ['overloaded', true, undefined],
        ['rateLimited', true, undefined],
        ['overloaded', true, undefined],
        ['promptTooLong', false, undefined],
        ['apiError', false, undefined],
        ['notLoggedIn', false, undefined],
        ['networkUnreachable', true, 4],
        ['networkUnreachable', true, undefined],
      ],
    );
  });
});
