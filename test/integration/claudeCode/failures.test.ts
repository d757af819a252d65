import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { planLimit, say, type Step } from '../../modelServer/steps.ts';
import { TestRun } from './harness.ts';

/** Logged in with a subscription, as far as the CLI can tell. */
const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'not-a-token-but-a-dummy', ANTHROPIC_API_KEY: '' };

describe('Claude Code: failures', () => {
  let run: TestRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  type TurnComplete = Extract<RuntimeEvent, { readonly type: 'turnComplete' }>;

  async function turnOf(options: Parameters<typeof TestRun.create>[0]): Promise<TurnComplete> {
    run = await TestRun.create(options);
    void run.start();
    const end = await run.untilTurns(1);
    assert.ok(end.type === 'turnComplete');
    assert.equal(run.turnEnds().length, 1);
    return end;
  }

  /** The turn failed with this code, and the next one works in the same process. */
  async function failsWith(
    code: string,
    first: Step,
    options: Partial<Parameters<typeof TestRun.create>[0]> = {},
  ): Promise<void> {
    const end = await turnOf({ steps: [first], ...options });
    assert.deepEqual([end.stopReason, end.error?.code], ['error', code], JSON.stringify(end));
    run?.server.play([{ reply: [say('Works again.')] }]);
    assert.equal(run?.runtime.send('again'), true);
    const next = await run.untilTurns(2);
    assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn');
  }

  it('says that the login is missing or refused', () =>
    failsWith('notLoggedIn', { status: 401, errorType: 'authentication_error', message: 'invalid x-api-key' }));

  it('says that nobody is logged in', async () => {
    const end = await turnOf({ steps: [{ reply: [say('unused')] }], env: { ANTHROPIC_API_KEY: '' } });
    assert.equal(end.error?.code, 'notLoggedIn');
    assert.deepEqual(
      end.error.actions.map(({ id }) => id),
      ['login', 'retry'],
    );
  });

  it("says until when the account's limit is used up", async () => {
    const resetsAt = Math.ceil(Date.now() / 1000) + 3600;
    const end = await turnOf({
      steps: [planLimit(resetsAt)],
      env: subscription,
    });
    assert.equal(end.error?.code, 'rateLimited');
    const limits = run?.events.filter((event) => event.type === 'rateLimit');
    assert.deepEqual(limits, [
      { type: 'rateLimit', status: 'blocked', resetsAt: resetsAt * 1000, limit: 'five_hour', utilization: 1 },
    ]);
    await run?.runtime.stop();
    assert.equal(run?.result?.rateLimitExit, true);
    assert.equal(run.result.rateLimitResetAt, resetsAt * 1000);
  });

  it('does not take a momentary 429 for the limit of the account', () =>
    failsWith('overloaded', {
      status: 429,
      errorType: 'rate_limit_error',
      message: 'slow down',
      headers: { 'retry-after': '0' },
    }));

  it('says that the service is overloaded, and what it tries', async () => {
    await failsWith('overloaded', { status: 529, errorType: 'overloaded_error', message: 'Overloaded' });
    const retry = run?.events.find((event) => event.type === 'retry');
    assert.deepEqual([retry?.attempt, retry?.maxAttempts, retry?.reason], [1, 1, 'overloaded 529']);
  });

  it('says that the service fails', () => failsWith('overloaded', { status: 500, message: 'Internal server error' }));

  it('says that the model does not exist', () =>
    failsWith(
      'modelNotFound',
      { status: 404, errorType: 'not_found_error', message: 'model: claude-none' },
      {
        context: { model: 'claude-none' },
      },
    ));

  it('says that the prompt is too long', () =>
    failsWith('promptTooLong', {
      status: 400,
      errorType: 'invalid_request_error',
      message: 'prompt is too long: 250000 tokens > 200000 maximum',
    }));

  it('says what the service refused', () =>
    failsWith('apiError', { status: 400, errorType: 'invalid_request_error', message: 'something is wrong with it' }));

  it('says that the service cannot be reached', async () => {
    const end = await turnOf({ steps: [{ hangUp: true }], env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } });
    assert.equal(end.error?.code, 'networkUnreachable', JSON.stringify(end));
  });

  it('gets over a stream that is cut', async () => {
    const end = await turnOf({
      steps: [{ reply: [say('Half of it is')], fault: 'cut' }, { reply: [say('Now all of it.')] }],
    });
    assert.equal(end.stopReason, 'endTurn');
    assert.ok(run?.text().endsWith('Now all of it.'));
  });

  it('gets over an error in the middle of a stream', async () => {
    const end = await turnOf({
      steps: [
        { reply: [say('Half of it is')], fault: { type: 'overloaded_error', message: 'Overloaded' } },
        { reply: [say('Now all of it.')] },
      ],
    });
    assert.equal(end.stopReason, 'endTurn');
    assert.ok(run?.text().endsWith('Now all of it.'));
  });

  it('ends a turn whose stream stalls', async () => {
    const end = await turnOf({
      steps: [{ reply: [say('And then nothing')], fault: 'stall' }],
      context: { inactivityTimeoutSeconds: 2 },
    });
    assert.deepEqual([end.stopReason, end.error?.code], ['error', 'inactive']);
    assert.equal(run?.runtime.send('more'), false);
    await run.runtime.stop();
    assert.equal(run.result?.error?.code, 'inactive');
  });

  it('says that the program is missing', async () => {
    run = await TestRun.create({ steps: [], context: { command: 'no-such-program' } });
    const result = await run.start();
    const [end] = run.turnEnds();
    assert.ok(end?.type === 'turnComplete');
    assert.equal(end.error?.code, 'cliNotFound');
    assert.deepEqual([result.aborted, result.error?.code], [true, 'cliNotFound']);
    assert.equal(run.runtime.status, 'failed');
  });

  it('says that a configured option is not known', async () => {
    const end = await turnOf({ steps: [], context: { args: ['--nonsense'] } });
    assert.equal(end.error?.code, 'badSetting');
    assert.match(end.error.message, /runtimes\.claudeCode\.args.*--nonsense/);
  });

  it('says which mode is not known', async () => {
    const end = await turnOf({ steps: [], context: { permissionMode: 'nonsense' } });
    assert.equal(end.error?.code, 'badSetting');
    assert.match(end.error.message, /permissionMode.*nonsense/);
  });

  it('says how the program ended when it fails at once', async () => {
    run = await TestRun.create({ steps: [], context: { command: '/bin/false' } });
    const result = await run.start();
    assert.equal(result.error?.code, 'crashed');
    assert.equal(run.turnEnds().length, 1);
    assert.equal(result.aborted, true);
  });
});
