import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import { apiVersion } from '../../../src/runtimes/anthropic/anthropicClient.ts';
import { call, say, think } from '../../modelServer/steps.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { ApiRun, dummyKey, lookTool, seen, writeTool } from './harness.ts';

const usage = {
  type: 'usage',
  inputTokens: 100,
  outputTokens: 42,
  cacheReadTokens: 300,
  cacheWriteTokens: 20,
  costUsd: 0.0007,
  costIsEstimate: true,
};
const contextUsed = { type: 'contextUsed', usedTokens: 462, windowTokens: 1_000_000 };

describe('Claude by API key: turns', () => {
  let run: ApiRun | undefined;
  afterEach(async () => {
    await run?.close();
    assert.deepEqual(run?.complaints ?? [], []);
    run = undefined;
  });

  it('streams thinking, text and calls, makes the calls, and goes on until an answer without any', async () => {
    const written: string[] = [];
    run = await ApiRun.create({
      steps: [
        { reply: [think('I have to look.'), say('Looking.'), call('look', { what: 'a.txt' }, 'toolu_1')] },
        { reply: [call('write', { text: 'seen' }, 'toolu_2')] },
        { reply: [say('Done.')] },
      ],
      tools: [
        lookTool((what) => `contents of ${what}`),
        writeTool((text) => {
          written.push(text);
          return 'written';
        }),
      ],
    });
    run.start();
    await run.turnEnd();
    assert.deepEqual(written, ['seen']);
    assert.deepEqual(seen(run.events), [
      { type: 'sessionStarted', nativeSessionId: 'session', model: 'claude-sonnet-5-5', commands: ['compact'] },
      { type: 'stepStarted' },
      { type: 'reasoningDelta', partId: 'r1-t1-s1a1-0', text: 'I have to look.' },
      { type: 'textDelta', partId: 'r1-t1-s1a1-1', text: 'Looking.' },
      { type: 'toolCallStreaming', id: 'toolu_1', name: 'look', text: '{"what":"a.txt"}' },
      usage,
      contextUsed,
      { type: 'toolCallStarted', id: 'toolu_1', name: 'look', title: 'a.txt', inputText: '{"what":"a.txt"}' },
      { type: 'toolResult', id: 'toolu_1', output: 'contents of a.txt', outcome: 'completed' },
      { type: 'stepStarted' },
      { type: 'toolCallStreaming', id: 'toolu_2', name: 'write', text: '{"text":"seen"}' },
      usage,
      contextUsed,
      { type: 'toolCallStarted', id: 'toolu_2', name: 'write', title: 'notes.txt', inputText: '{"text":"seen"}' },
      { type: 'toolResult', id: 'toolu_2', output: 'written', outcome: 'completed' },
      { type: 'stepStarted' },
      { type: 'textDelta', partId: 'r1-t1-s3a1-0', text: 'Done.' },
      usage,
      contextUsed,
      { type: 'turnComplete', stopReason: 'endTurn', totalTokens: 1_386, turnCount: 3, toolCallCount: 2 },
    ]);
  });

  it('sends the key as the service and as gateways want it, and nothing of the environment', async () => {
    const config = makeStoreFolder();
    mkdirSync(config.root, { recursive: true });
    const elsewhere = 'http://127.0.0.1:9';
    const profile = JSON.stringify({
      profiles: { default: { api_key: 'not-this-key', base_url: elsewhere } },
      active_profile: 'default',
    });
    for (const name of ['config.json', 'credentials.json', 'profiles.json']) {
      writeFileSync(path.join(config.root, name), profile);
    }
    const misleading = {
      ANTHROPIC_API_KEY: 'not-this-key',
      ANTHROPIC_AUTH_TOKEN: 'not-this-token',
      ANTHROPIC_BASE_URL: elsewhere,
      ANTHROPIC_CUSTOM_HEADERS: 'x-smuggled: yes\nauthorization: Bearer not-this-one\nx-stainless-smuggled: yes',
      ANTHROPIC_LOG: 'debug',
      ANTHROPIC_PROFILE: 'default',
      ANTHROPIC_CONFIG_DIR: config.root,
      ANTHROPIC_IDENTITY_TOKEN: 'not-this-token',
      ANTHROPIC_FEDERATION_RULE_ID: 'rule',
      ANTHROPIC_ORGANIZATION_ID: 'not-this-organization',
      ANTHROPIC_SERVICE_ACCOUNT_ID: 'account',
      ANTHROPIC_WORKSPACE_ID: 'not-this-workspace',
      ANTHROPIC_OPEN_TELEMETRY: 'true',
    };
    Object.assign(process.env, misleading);
    try {
      run = await ApiRun.create({ steps: [{ reply: [say('Hello.')] }] });
      run.start();
      await run.turnEnd();
    } finally {
      for (const name of Object.keys(misleading)) {
        delete process.env[name];
      }
      config.dispose();
    }
    const { headers = {} } = run.server.main[0] ?? {};
    assert.deepEqual(
      [headers['authorization'], headers['x-api-key'], run.server.requests.length],
      [`Bearer ${dummyKey}`, dummyKey, 1],
    );
    assert.doesNotMatch(JSON.stringify(headers), /not-this|smuggled/);
    const byFetch = /^(?:accept-encoding|accept-language|connection|content-length|host|sec-fetch-mode)$/;
    assert.deepEqual(Object.fromEntries(Object.entries(headers).filter(([name]) => !byFetch.test(name))), {
      accept: 'application/json',
      'anthropic-version': apiVersion,
      authorization: `Bearer ${dummyKey}`,
      'content-type': 'application/json',
      'user-agent': 'Greenroom',
      'x-api-key': dummyKey,
    });
  });

  it('speaks the version of the API that its SDK speaks', async () => {
    const versions: (string | null)[] = [];
    const sdk = new BaseAnthropic({
      apiKey: dummyKey,
      authToken: null,
      baseURL: 'http://127.0.0.1:9',
      maxRetries: 0,
      fetch: (_url, init) => {
        versions.push(new Headers(init?.headers).get('anthropic-version'));
        return Promise.resolve(Response.json({}));
      },
    });
    await sdk.get('/v1/models');
    assert.deepEqual(versions, [apiVersion]);
  });

  it('sends thinking back unchanged, and marks what the cache may keep', async () => {
    run = await ApiRun.create({
      steps: [{ reply: [think('Careful.'), call('look', { what: 'a' }, 'toolu_1')] }, { reply: [say('Done.')] }],
      tools: [lookTool(() => 'text')],
    });
    run.start();
    await run.turnEnd();
    const body = run.server.main[1]?.body;
    assert.deepEqual(body.messages, [
      { role: 'user', content: [{ type: 'text', text: 'go', cache_control: { type: 'ephemeral' } }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Careful.', signature: 'c2lnbmF0dXJl' },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: { what: 'a' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [{ type: 'text', text: 'text' }],
            cache_control: { type: 'ephemeral' },
          },
        ],
      },
    ]);
    assert.deepEqual(
      [body.system[0].cache_control, body.tools.at(-1).cache_control, body.thinking.type],
      [{ type: 'ephemeral' }, { type: 'ephemeral' }, 'adaptive'],
    );
  });

  it('begins each request as the one before it, so that the cache finds it', async () => {
    run = await ApiRun.create({
      steps: [
        { reply: [think('Careful.'), call('look', { what: 'a' }, 'toolu_1')] },
        { reply: [say('And this.'), call('look', { what: 'b' }, 'toolu_2')] },
        { reply: [say('Done.')] },
        { reply: [say('More.')] },
      ],
      tools: [lookTool((what) => `contents of ${what}`)],
    });
    run.start();
    await run.turnEnd();
    run.runtime.send('More.');
    await run.turnEnd(2);
    const withoutMarks = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === 'cache_control' ? undefined : item)));
    const bodies = run.server.main.map(({ body }) => body);
    assert.equal(bodies.length, 4);
    for (const [index, body] of bodies.entries()) {
      const before = withoutMarks(bodies[index - 1] ?? { ...body, messages: [] });
      const now = withoutMarks(body);
      assert.deepEqual([now.system, now.tools], [before.system, before.tools]);
      assert.deepEqual(now.messages.slice(0, before.messages.length), before.messages);
    }
  });

  it('serves turn after turn, and ends when it has been idle', async () => {
    run = await ApiRun.create({
      steps: [{ reply: [say('one')] }, { reply: [say('two')] }],
      context: { idleSeconds: 1 },
    });
    run.start();
    await run.turnEnd();
    assert.equal(run.runtime.send('more'), true);
    await run.turnEnd(2);
    assert.deepEqual(
      run.server.main[1]?.body.messages.map(({ role }: { role: string }) => role),
      ['user', 'assistant', 'user'],
    );
    await run.untilType('done');
    assert.equal(run.runtime.send('too late'), false);
  });

  it('stops at once when it is interrupted in the middle of an answer, and the service notices', async () => {
    run = await ApiRun.create({
      steps: [{ reply: [say('word '.repeat(2_000))], chunkChars: 5, delayMs: 5 }, { reply: [say('Here again.')] }],
    });
    run.start();
    await run.untilType('textDelta');
    await run.runtime.interrupt();
    assert.equal((await run.turnEnd()).type, 'turnCancelled');
    await run.server.main[0]?.aborted;
    assert.equal(run.runtime.send('Go on.'), true);
    const next = await run.turnEnd(2);
    assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn');
    const said = JSON.stringify(run.server.main[1]?.body.messages);
    assert.match(said, /"role":"assistant","content":\[{"type":"text","text":"word /);
    assert.match(said, /The user stopped the answer above/);
  });

  it('stops a tool, and makes no other call, when it is interrupted', async () => {
    const looking = Promise.withResolvers<void>();
    run = await ApiRun.create({
      steps: [{ reply: [call('look', { what: 'a' }, 'toolu_1'), call('write', { text: 'b' }, 'toolu_2')] }],
      tools: [
        lookTool((_what, signal) => {
          looking.resolve();
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve('half'), { once: true }));
        }),
        writeTool(() => 'never'),
      ],
    });
    run.start();
    await looking.promise;
    await run.runtime.interrupt();
    assert.equal((await run.turnEnd()).type, 'turnCancelled');
    assert.deepEqual(
      run.events.filter(({ type }) => type === 'toolResult'),
      [
        { type: 'toolResult', id: 'toolu_1', output: 'half', outcome: 'completed' },
        {
          type: 'toolResult',
          id: 'toolu_2',
          output: 'The user stopped this call before it ended.',
          outcome: 'cancelled',
        },
      ],
    );
  });

  it('carries images to the model', async () => {
    const look = lookTool(() => '');
    const data = Buffer.from('a picture').toString('base64');
    run = await ApiRun.create({
      steps: [{ reply: [call('look', { what: 'a.png' }, 'toolu_1')] }, { reply: [say('A cat.')] }],
      tools: [
        {
          ...look,
          prepare: () => ({
            wants: { access: 'read', paths: [] },
            run: () => Promise.resolve({ text: '', isError: false, images: [{ mediaType: 'image/png', data }] }),
          }),
        },
      ],
    });
    run.start();
    await run.turnEnd();
    assert.deepEqual(run.server.main[1]?.body.messages.at(-1).content[0].content, [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
    ]);
  });

  it('uses the key that there is when the model is called', async () => {
    const stored: { key?: string } = {};
    run = await ApiRun.create({
      steps: [{ reply: [say('Hello.')] }],
      credential: () => Promise.resolve(stored.key === undefined ? undefined : { key: stored.key }),
    });
    run.start();
    const end = await run.turnEnd();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual(
      [
        end.error?.code,
        end.error?.actions.map(({ id, argument }) => `${id} ${argument}`)[0],
        run.server.requests.length,
      ],
      ['notLoggedIn', 'setApiKey anthropic', 0],
    );
    stored.key = 'a-new-key';
    run.runtime.send('Again.');
    assert.equal((await run.turnEnd(2)).type, 'turnComplete');
    assert.equal(run.server.main[0]?.headers['authorization'], 'Bearer a-new-key');
  });

  it('asks the service once about a model that it does not know, and does without an answer', async () => {
    run = await ApiRun.create({ steps: [{ reply: [say('Hello.')] }], context: { model: 'local-model' } });
    run.start();
    await run.turnEnd();
    assert.deepEqual(
      run.server.requests.map(({ method, url }) => `${method} ${url}`),
      ['GET /v1/models/local-model', 'POST /v1/messages'],
    );
    const { body } = run.server.main[0] ?? {};
    assert.deepEqual([body.model, body.max_tokens, body.thinking], ['local-model', 8_192, undefined]);
    assert.equal((await run.untilType('usage')).costUsd, undefined);
  });
});
