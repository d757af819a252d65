import assert from 'node:assert/strict';
import { errorOfExit, errorOfResult, isUnknownConversation } from '../../../../src/runtimes/claudeCode/failures.ts';

const failed = (error: string | undefined, text: string, more: Readonly<Record<string, unknown>> = {}) =>
  errorOfResult(
    { subtype: 'success', is_error: true, result: text, ...more },
    { error, apiError: undefined, status: undefined, text },
    'some-model',
  ).code;

describe('What a failure is called', () => {
  for (const [code, error, text, more] of [
    ['notLoggedIn', 'authentication_failed', 'Not logged in · Please run /login'],
    ['notLoggedIn', undefined, 'Invalid API key · Fix external API key'],
    ['notLoggedIn', undefined, 'refused', { api_error_status: 401 }],
    ['rateLimited', 'rate_limit', "You've hit your 5-hour limit · resets 8:38am (UTC)", { api_error_status: 429 }],
    ['rateLimited', 'rate_limit', "You've hit your session limit · resets 8:40am (UTC)"],
    ['overloaded', 'rate_limit', 'API Error: Request rejected (429)', { api_error_status: 429 }],
    ['overloaded', 'server_error', 'API Error: 529 Overloaded. Try again'],
    ['overloaded', 'server_error', 'API Error: 500 Internal server error'],
    ['networkUnreachable', undefined, 'API Error: Unable to connect to API (ECONNREFUSED)'],
    ['modelNotFound', 'model_not_found', 'There is an issue with the selected model (x).'],
    ['promptTooLong', 'invalid_request', 'Prompt is too long'],
    ['promptTooLong', undefined, 'x', { terminal_reason: 'prompt_too_long' }],
    ['apiError', 'billing_error', 'Credit balance is too low'],
    ['apiError', 'unknown', 'API Error: 400 something', { api_error_status: 400 }],
    ['crashed', undefined, 'something else went wrong'],
  ] as const) {
    it(`${code}: ${error ?? ''} ${text}`, () => {
      assert.equal(failed(error, text, more), code);
    });
  }

  it('is told from the last words of a process that could not begin', () => {
    const codes = [
      "error: unknown option '--include-partial-messages'",
      "error: unknown option '--mine'",
      "error: option '--permission-mode <mode>' argument 'nope' is invalid. Allowed choices are plan.",
      'Invalid API key · Please run /login',
      'Segmentation fault',
    ].map((output) => errorOfExit(1, output, ['--mine']).code);
    assert.deepEqual(codes, ['cliTooOld', 'badSetting', 'badSetting', 'notLoggedIn', 'crashed']);
  });

  it('has the end of the last words, and no more than fits', () => {
    const { details = '', message } = errorOfExit(139, `${'x'.repeat(100_000)} the end`, []);
    assert.ok(details.length < 5000 && details.endsWith('the end'));
    assert.match(message, /signal 11/);
  });

  it('has a button for whatever can be done', () => {
    assert.deepEqual(
      errorOfExit(1, "error: unknown option '--x'", []).actions.map(({ id }) => id),
      ['updateCli', 'openInstallPage'],
    );
  });

  it('knows a conversation that is gone', () => {
    assert.equal(isUnknownConversation('No conversation found with session ID: x'), true);
    assert.equal(isUnknownConversation('Something else'), false);
  });
});
