import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Session } from '../../../src/core/session.ts';
import { createHeadless } from '../../host/headless.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, say, type Step, think } from '../../modelServer/steps.ts';
import { eventually } from '../../support/eventually.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { dummyKey, lookTool, writeTool } from './harness.ts';

const isLong = process.env['GREENROOM_LONG'] === '1';

describe('Claude by API key: resuming', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let server: ModelServer;
  let window: ReturnType<typeof open>;
  let host: ChildProcess | undefined;

  beforeEach(() => {
    folder = makeStoreFolder();
  });
  afterEach(async () => {
    host?.kill('SIGKILL');
    await window.manager.close();
    await server.close();
    folder.dispose();
  });

  const looking = Promise.withResolvers<void>();
  const tools = [
    lookTool((what, signal) => {
      looking.resolve();
      return what === 'forever'
        ? new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }))
        : `contents of ${what} ${'x'.repeat(50_000)}`;
    }),
    writeTool(() => 'written'),
  ];

  function open() {
    return createHeadless({
      root: folder.root,
      cwd: folder.root,
      command: 'unused',
      env: {},
      defaultRuntime: 'anthropic',
      anthropic: { url: server.url, key: dummyKey },
      settings: { tools },
    });
  }

  async function begin(steps: readonly Step[]): Promise<Session> {
    server = await startModelServer({ steps, strict: true });
    window = open();
    await window.manager.restore();
    return stage();
  }

  async function stage(): Promise<Session> {
    const session = await window.manager.ensureForeground(() => undefined);
    assert.ok(session);
    return session;
  }

  async function reopen(): Promise<Session> {
    await window.manager.close();
    window = open();
    await window.manager.restore();
    return stage();
  }

  const reasonOf = (session: Session) => [session.model.view.header.state, session.model.reasonCode];

  it('sends after a restart what it would have sent without one, thinking and large results included', async () => {
    const first = await begin([
      { reply: [think('Let me see.'), call('look', { what: 'a' }, 'toolu_1'), call('look', { what: 'b' }, 'toolu_2')] },
      { reply: [say('Seen both.')] },
      { reply: [say('Still here.')] },
    ]);
    await first.send('Look at both.');
    await first.whenSettled();
    const second = await reopen();
    assert.equal(second.id, first.id);
    await second.send('And now?');
    await second.whenSettled();
    assert.deepEqual(reasonOf(second), ['done', undefined]);
    const withoutMarks = (value: unknown) =>
      JSON.parse(JSON.stringify(value, (key, item: unknown) => (key === 'cache_control' ? undefined : item)));
    const [, before, after] = server.main.map(({ body }) => withoutMarks(body));
    assert.deepEqual(after.messages.slice(0, 3), before.messages);
    assert.deepEqual(after.messages.slice(3), [
      { role: 'assistant', content: [{ type: 'text', text: 'Seen both.' }] },
      { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
    ]);
    assert.deepEqual([after.system, after.tools], [before.system, before.tools]);
  });

  it('goes on after it was cut off in the middle of a call', async () => {
    const first = await begin([
      {
        reply: [
          call('look', { what: 'a' }, 'toolu_1'),
          call('look', { what: 'forever' }, 'toolu_2'),
          call('write', { text: 'x' }, 'toolu_3'),
        ],
      },
      { reply: [say('Back at work.')] },
    ]);
    await first.send('Look.');
    await looking.promise;
    await eventually(
      () => JSON.stringify(first.model.view.messages).includes('contents of a'),
      'the first call has ended',
    );
    const second = await reopen();
    assert.deepEqual(reasonOf(second), ['error', 'interrupted']);
    await second.send('Continue.');
    await second.whenSettled();
    assert.deepEqual(reasonOf(second), ['done', undefined]);
    const results = server.main[1]?.body.messages[2].content;
    assert.deepEqual(
      results.map((block: { type: string; content?: { text: string }[]; text?: string }) =>
        (block.content?.[0]?.text ?? block.text ?? '').slice(0, 25),
      ),
      ['contents of a xxxxxxxxxxx', 'This call was cut off bef', 'This call was cut off bef', 'Continue.'],
    );
  });

  it('goes on after it was cut off in the middle of an answer', async () => {
    const first = await begin([
      { reply: [say('word '.repeat(1_000))], chunkChars: 5, delayMs: 5 },
      { reply: [say('From the beginning, then.')] },
    ]);
    await first.send('Tell me.');
    await eventually(() => JSON.stringify(first.model.view.messages).includes('word word'), 'it has begun');
    const second = await reopen();
    await second.send('Continue.');
    await second.whenSettled();
    assert.deepEqual(reasonOf(second), ['done', undefined]);
    assert.equal(server.main[1]?.body.messages.length, 1);
  });

  it('continues with an approval that was given after the window had closed', async () => {
    const first = await begin([
      { reply: [call('write', { text: 'x' }, 'toolu_1')] },
      { reply: [call('write', { text: 'x' }, 'toolu_2')] },
      { reply: [say('Written.')] },
    ]);
    await first.send('Write.');
    await eventually(() => first.model.view.header.pending.length === 1, 'it is asked');
    const second = await reopen();
    const [pending] = second.model.view.header.pending;
    assert.equal(pending?.interrupted, true);
    await window.manager.decide(pending.id, 'allowOnce');
    await second.whenSettled();
    assert.deepEqual(reasonOf(second), ['done', undefined]);
    assert.match(JSON.stringify(server.main[2]?.body.messages.at(-1)), /written/);
  });

  it('goes on from a log that is torn off at any byte', async function () {
    this.timeout(120_000);
    const first = await begin([
      { reply: [think('Let me see.'), say('Looking.'), call('look', { what: 'a' }), call('look', { what: 'b' })] },
      { reply: [think('And now?'), call('look', { what: 'x'.repeat(3_000) })] },
      { reply: [say('Written.')] },
      { reply: [think('Once more.'), call('look', { what: 'c' })] },
      { reply: [say('All seen.')] },
    ]);
    await first.send('Look at both.');
    await first.whenSettled();
    await first.send('And at c.');
    await first.whenSettled();
    await window.manager.close();
    const log = path.join(folder.root, 'sessions', `${first.id}.jsonl`);
    const whole = readFileSync(log);
    const cuts = fc.sample(fc.integer({ min: 200, max: whole.length }), isLong ? 200 : 15);
    for (const cut of cuts) {
      writeFileSync(log, whole.subarray(0, cut));
      server.play([{ reply: [say('Here again.')] }]);
      window = open();
      await window.manager.restore();
      const session = await window.manager.open(first.id);
      await session.send('Continue.');
      await session.whenSettled();
      assert.deepEqual(reasonOf(session), ['done', undefined], `torn off at byte ${cut}`);
      await window.manager.close();
    }
  });

  it('goes on after its host was killed, wherever that was', async function () {
    this.timeout(120_000);
    server = await startModelServer({
      steps: [
        ({ body }) =>
          JSON.stringify(body.messages.at(-1)).includes('Continue.')
            ? { reply: [say('Here again.')] }
            : { reply: [say('Looking.'), call('look', { what: 'a' }), call('look', { what: 'b' })], delayMs: 1 },
      ],
      strict: true,
    });
    const script = fileURLToPath(import.meta.resolve('./killedHost.ts'));
    for (const events of [4, 15, 40]) {
      const started = spawn(process.execPath, [script, folder.root, server.url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      host = started;
      const exited = new Promise((resolve) => started.on('exit', resolve));
      let count = 0;
      for await (const _line of createInterface({ input: started.stdout })) {
        count += 1;
        if (count === events) {
          started.kill('SIGKILL');
        }
      }
      await exited;
      window = open();
      await window.manager.restore();
      const session = await stage();
      await session.send('Continue.');
      await session.whenSettled();
      assert.deepEqual(reasonOf(session), ['done', undefined], `killed after ${events} events`);
      await window.manager.close();
    }
  });
});
