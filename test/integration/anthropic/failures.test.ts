import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { call, say, type Step } from '../../modelServer/steps.ts';
import { ApiRun, type ApiRunOptions, dummyKey, hurriedClock, lookTool } from './harness.ts';

describe('Claude by API key: failures', () => {
  let run: ApiRun | undefined;
  afterEach(async () => {
    await run?.close();
    run = undefined;
  });

  type TurnComplete = Extract<RuntimeEvent, { readonly type: 'turnComplete' }>;

  async function turnOf(options: ApiRunOptions): Promise<TurnComplete> {
    run = await ApiRun.create({ clock: hurriedClock(50), ...options });
    run.start();
    const end = await run.turnEnd();
    assert.ok(end.type === 'turnComplete');
    return end;
  }

  const retries = () => run?.events.filter((event) => event.type === 'retry') ?? [];
  const text = (): string =>
    (run?.events ?? []).map((event) => (event.type === 'textDelta' ? event.text : '')).join('');

  /** The turn fails with this code after so many requests, and the next one works in the same run. */
  async function failsWith(
    code: string,
    step: Step,
    requests: number,
    options: Partial<ApiRunOptions> = {},
  ): Promise<TurnComplete> {
    const end = await turnOf({ steps: [step], ...options });
    assert.deepEqual(
      [end.stopReason, end.error?.code, run?.server.main.length],
      ['error', code, requests],
      JSON.stringify(end),
    );
    assert.doesNotMatch(JSON.stringify(run?.events), new RegExp(dummyKey));
    run?.server.play([{ reply: [say('Works again.')] }]);
    assert.equal(run?.runtime.send('again'), true);
    const next = await run.turnEnd(2);
    assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn');
    return end;
  }

  it('says that the key was refused, and offers to set another', async () => {
    const end = await failsWith(
      'notLoggedIn',
      { status: 401, errorType: 'authentication_error', message: `invalid ${dummyKey}` },
      1,
    );
    assert.deepEqual(
      [end.error?.details, end.error?.actions.map(({ id }) => id)],
      ['401 authentication_error: invalid [redacted]', ['setApiKey', 'retry']],
    );
  });

  it('says that a key is wrong which cannot even be sent', async () => {
    for (const key of ['sk-“quoted”', 'sk-two\nlines', 'sk two words']) {
      const end = await turnOf({ steps: [{ reply: [say('never')] }], credential: () => Promise.resolve({ key }) });
      assert.deepEqual(
        [end.error?.code, end.error?.actions.map(({ id }) => id), run?.server.requests.length, retries()],
        ['notLoggedIn', ['setApiKey', 'retry'], 0, []],
      );
      assert.ok(!JSON.stringify(end).includes(key));
      await run?.close();
    }
    const spaced = await turnOf({
      steps: [{ reply: [say('Fine.')] }],
      credential: () => Promise.resolve({ key: ` ${dummyKey}\n` }),
    });
    assert.equal(spaced.stopReason, 'endTurn');
    assert.equal(run?.server.main[0]?.headers['authorization'], `Bearer ${dummyKey}`);
  });

  it('says that the model does not exist', async () => {
    const end = await failsWith(
      'modelNotFound',
      { status: 404, errorType: 'not_found_error', message: 'model: claude-none' },
      1,
      {
        context: { model: 'claude-sonnet-5' },
      },
    );
    assert.match(end.error?.message ?? '', /"claude-sonnet-5" does not exist/);
  });

  it('says that the prompt is too long', () =>
    failsWith(
      'promptTooLong',
      { status: 400, errorType: 'invalid_request_error', message: 'prompt is too long: 1 > 0' },
      1,
    ).then(() => undefined));

  it('says what the service refused', () =>
    failsWith('apiError', { status: 400, errorType: 'invalid_request_error', message: 'wrong' }, 1).then(
      () => undefined,
    ));

  it('gives up on a service that stays overloaded, after having said each wait', async () => {
    await failsWith('overloaded', { status: 529, errorType: 'overloaded_error', message: 'Overloaded' }, 9);
    assert.deepEqual(
      retries().map((event) => event.type === 'retry' && `${event.attempt} of ${event.maxAttempts}: ${event.reason}`),
      Array.from({ length: 8 }, (_, index) => `${index + 1} of 8: The service is overloaded or failing.`),
    );
  });

  it('waits as long as a 429 asks for, and goes on', async () => {
    const end = await turnOf({
      clock: hurriedClock(10),
      steps: [
        { status: 429, errorType: 'rate_limit_error', message: 'slow down', headers: { 'retry-after': '6' } },
        { reply: [say('Now.')] },
      ],
    });
    assert.equal(end.stopReason, 'endTurn');
    const [retry] = retries();
    assert.ok(retry?.type === 'retry' && retry.delayMs >= 6_000 && retry.delayMs <= 7_500, JSON.stringify(retry));
  });

  it('says until when a limit lasts that is too long to wait for', async () => {
    const end = await turnOf({
      steps: [{ status: 429, errorType: 'rate_limit_error', message: 'limit', headers: { 'retry-after': '7200' } }],
    });
    assert.deepEqual([end.error?.code, retries().length], ['rateLimited', 0]);
    const limit = await run?.untilType('rateLimit');
    assert.ok(Math.abs((limit?.resetsAt ?? 0) - Date.now() - 7_200_000) < 10_000);
    await run?.runtime.stop();
    await run?.untilType('done');
  });

  it('gets over a connection that is closed without an answer', async () => {
    const end = await turnOf({ steps: [{ hangUp: true }, { reply: [say('Here.')] }] });
    assert.deepEqual([end.stopReason, text(), retries().length], ['endTurn', 'Here.', 1]);
  });

  it('says that the service cannot be reached', async () => {
    const end = await turnOf({ steps: [], url: 'http://127.0.0.1:9' });
    assert.deepEqual([end.error?.code, retries().length], ['networkUnreachable', 4]);
    assert.match(end.error?.details ?? '', /fetch failed|ECONNREFUSED|bad port/);
  });

  for (const [what, fault] of [
    ['is cut', 'cut'],
    ['ends in an error', { type: 'overloaded_error', message: 'Overloaded' }],
  ] as const) {
    it(`asks again for an answer whose stream ${what}, and marks the half that was seen`, async () => {
      const looked: string[] = [];
      // What is written just before a connection breaks may be lost with it.
      const half = Promise.withResolvers<void>();
      const pause = { atChunk: 1, until: half.promise };
      const end = await turnOf({
        onEvent: ({ type }) => (type === 'textDelta' ? half.resolve() : undefined),
        steps: [
          { reply: [say('Half of it'), call('look', { what: 'a' }, 'toolu_1')], fault, pause },
          { reply: [say('All of it.'), call('look', { what: 'b' }, 'toolu_2')] },
          { reply: [say(' Done.')] },
        ],
        tools: [
          lookTool((path) => {
            looked.push(path);
            return 'seen';
          }),
        ],
      });
      assert.equal(end.stopReason, 'endTurn');
      assert.deepEqual([looked, text()], [['b'], 'Half of itAll of it. Done.']);
      assert.deepEqual(
        run?.events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
        ['answerBrokeOff'],
      );
      assert.doesNotMatch(JSON.stringify(run?.server.main.at(-1)?.body.messages), /Half of it/);
    });
  }

  it('ends a stream that stalls, asks once more, and then gives up', async () => {
    const end = await turnOf({
      clock: hurriedClock(10),
      steps: [{ reply: [say('And then nothing')], fault: 'stall' }],
      context: { inactivityTimeoutSeconds: 5 },
    });
    assert.deepEqual([end.error?.code, run?.server.main.length], ['inactive', 2]);
    await Promise.all(run?.server.main.map(({ aborted }) => aborted) ?? []);
  });

  it('can be stopped while it waits to try again', async () => {
    run = await ApiRun.create({ steps: [{ status: 529, errorType: 'overloaded_error' }] });
    run.start();
    await run.untilType('retry');
    await run.runtime.interrupt();
    assert.equal((await run.turnEnd()).type, 'turnCancelled');
    assert.equal(run.server.main.length, 1);
  });

  it('sends no key to an address that others could listen to', async () => {
    const end = await turnOf({ steps: [], url: 'http://gateway.example' });
    assert.deepEqual([end.error?.code, run?.server.requests.length], ['badSetting', 0]);
    assert.match(end.error?.message ?? '', /runtimes\.anthropic\.baseUrl.*http:\/\/gateway\.example/);
  });

  it('follows no redirection with the key, and says that the address is not the service', async () => {
    const end = await turnOf({ steps: [{ status: 307, headers: { location: 'http://127.0.0.1:9/elsewhere' } }] });
    assert.deepEqual([end.error?.code, run?.server.main.length, retries()], ['badSetting', 1, []]);
  });

  for (const [what, answer] of [
    [
      'a web page',
      { raw: '<!DOCTYPE html><html><body>Sign in</body></html>', contentType: 'text/html; charset=utf-8' },
    ],
    ['a web page without a type', { raw: '\n <html><body>Sign in</body></html>' }],
    ['a web page that refuses', { raw: '<html>Forbidden</html>', contentType: 'text/html', status: 403 }],
    ['a web page that is missing', { raw: '<html>Not found</html>', contentType: 'text/html', status: 404 }],
    ['a path that is missing', { raw: '{"detail":"Not Found"}', contentType: 'application/json', status: 404 }],
    ['JSON of its own', { raw: '{"status":"ok"}', contentType: 'application/json' }],
  ] as const) {
    it(`says which setting is wrong when the address answers with ${what}`, async () => {
      const end = await failsWith('badSetting', answer, 1);
      assert.match(end.error?.message ?? '', /^The address "http:\/\/127\.0\.0\.1:\d+" answers, but not as the API/);
      assert.deepEqual(
        [end.error?.actions.map(({ id, argument }) => `${id} ${argument}`)[0], retries()],
        ['openSettings greenroom.runtimes.anthropic.baseUrl', []],
      );
    });
  }

  it('tries again when what stands before the service answers with a web page that it is overloaded', async () => {
    const page = { raw: '<html>Bad Gateway</html>', contentType: 'text/html', status: 502 };
    const end = await turnOf({ steps: [page, { reply: [say('Here.')] }] });
    assert.deepEqual([end.stopReason, text(), retries().length], ['endTurn', 'Here.', 1]);
  });

  it('asks once about a model that the service does not know, and says that there is none', async () => {
    const end = await turnOf({
      models: { status: 404, errorType: 'not_found_error', message: 'model: local-model' },
      steps: [{ status: 404, errorType: 'not_found_error', message: 'model: local-model' }],
      context: { model: 'local-model' },
    });
    assert.match(end.error?.message ?? '', /The model "local-model" does not exist/);
    assert.deepEqual(
      run?.server.requests.map(({ method, url }) => `${method} ${url}`),
      ['GET /v1/models/local-model', 'POST /v1/messages'],
    );
  });

  describe('the list of models', () => {
    const listed = async (models: NonNullable<ApiRunOptions['models']>) => {
      run = await ApiRun.create({ steps: [], models });
      return run.models();
    };

    it('has the names that the service gives', async () => {
      const data = [
        { type: 'model', id: 'claude-opus-5-5', display_name: 'Claude Opus 5.5' },
        { type: 'model', id: 'claude-new' },
        { type: 'model' },
      ];
      const raw = JSON.stringify({ data, has_more: false });
      assert.deepEqual(await listed({ raw, contentType: 'application/json' }), [
        { id: 'claude-opus-5-5', name: 'Claude Opus 5.5' },
        { id: 'claude-new', name: 'claude-new' },
      ]);
      const [request] = run?.server.requests ?? [];
      assert.deepEqual(
        [request?.url, request?.headers['authorization']],
        ['/v1/models?limit=100', `Bearer ${dummyKey}`],
      );
    });

    it('says why there is none', async () => {
      const refused = { status: 401, errorType: 'authentication_error', message: `invalid ${dummyKey}` };
      await assert.rejects(listed(refused), { code: 'notLoggedIn', message: /refused the API key/ });
      await run?.close();
      await assert.rejects(listed({ raw: '<html>Sign in</html>', contentType: 'text/html' }), { code: 'badSetting' });
      await run?.close();
      await assert.rejects(listed({ raw: '{"ok":true}', contentType: 'application/json' }), { code: 'badSetting' });
    });
  });
});
