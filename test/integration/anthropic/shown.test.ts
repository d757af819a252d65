import assert from 'node:assert/strict';
import type { RunSettings, Session } from '../../../src/core/session.ts';
import { createHeadless } from '../../host/headless.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import { call, say, type Step } from '../../modelServer/steps.ts';
import { eventually } from '../../support/eventually.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { dummyKey, lookTool } from './harness.ts';

/** What a person sees of it, in a session. */
describe('Claude by API key: what is shown', () => {
  let folder: ReturnType<typeof makeStoreFolder>;
  let server: ModelServer;
  let close: () => Promise<void>;

  beforeEach(() => {
    folder = makeStoreFolder();
  });
  afterEach(async () => {
    await close();
    await server.close();
    folder.dispose();
  });

  async function begin(steps: readonly Step[], settings: Partial<RunSettings> = {}): Promise<Session> {
    server = await startModelServer({ steps, strict: true });
    const { manager } = createHeadless({
      root: folder.root,
      cwd: folder.root,
      command: 'unused',
      env: {},
      defaultRuntime: 'anthropic',
      anthropic: { url: server.url, key: dummyKey },
      settings: { tools: [lookTool((what) => `contents of ${what}`)], ...settings },
    });
    close = () => manager.close();
    await manager.restore();
    const session = await manager.ensureForeground(() => undefined);
    assert.ok(session);
    return session;
  }

  const header = (session: Session) => session.model.view.header;
  const notices = (session: Session): string => JSON.stringify(session.model.view.messages);

  it('is each wait for a service that is overloaded, which can be stopped', async () => {
    const session = await begin([{ status: 529, errorType: 'overloaded_error', message: 'Overloaded' }]);
    await session.send('Go.');
    await eventually(
      () => header(session).status === 'The service is overloaded or failing. Trying again in 1 s (1 of 8).',
      'the wait is shown',
    );
    assert.equal(header(session).state, 'running');
    await session.cancel();
    await session.whenSettled();
    assert.deepEqual(
      [header(session).state, header(session).reason, server.main.length],
      ['cancelled', 'You stopped this turn.', 1],
    );
  });

  it('is how full the model’s window is, and that the conversation was compacted before it was full', async () => {
    const session = await begin([
      { reply: [call('look', { what: 'a' })], usage: { input_tokens: 600_000, cache_read_input_tokens: 0 } },
      { reply: [call('look', { what: 'b' })], usage: { input_tokens: 850_000, cache_read_input_tokens: 0 } },
      { reply: [say('Notes on a and b.')] },
      { reply: [say('It is done.')] },
    ]);
    const seen: (number | undefined)[] = [];
    session.onDidAppend(({ events }) => {
      for (const { event } of events) {
        if (event.type === 'contextUsed') {
          seen.push(Math.round((100 * event.usedTokens) / event.windowTokens));
        }
      }
    });
    await session.send('Look at both, please.');
    await session.whenSettled();
    assert.equal(header(session).state, 'done');
    assert.deepEqual(seen, [60, 85, 0, 0]);
    assert.match(notices(session), /The conversation was compacted from \d+ to \d+ tokens\./);
    assert.match(JSON.stringify(server.main[3]?.body.messages), /<user>\\nLook at both, please\.\\n<\/user>/);
    assert.equal(server.main[2]?.body.tool_choice.type, 'none');
  });

  it('is why a turn ended that did not end by itself', async () => {
    const again: Step = { reply: [call('look', { what: 'a' })] };
    const session = await begin([again], { limits: { maxSteps: 2 } });
    const endOf = async (text: string) => {
      await session.send(text);
      await session.whenSettled();
      return [header(session).state, session.model.reasonCode, header(session).reason];
    };
    server.play([{ ...again }, { ...again }, { reply: [say('never')] }]);
    assert.deepEqual(await endOf('Go.'), ['error', 'maxSteps', 'The turn reached its limit of 2 steps.']);
    server.play([{ reply: [say('I will not.')], stopReason: 'refusal' }]);
    assert.deepEqual(await endOf('Go on.'), ['error', 'refusal', 'The model refused to go on.']);
    server.play([{ reply: [say('Too lo')], stopReason: 'max_tokens' }]);
    assert.deepEqual(await endOf('Tell me.'), [
      'error',
      'maxTokens',
      'The answer reached the length that the model may write at once.',
    ]);
    server.play([{ status: 401, errorType: 'authentication_error', message: 'invalid' }]);
    assert.deepEqual(await endOf('And now?'), [
      'error',
      'notLoggedIn',
      'Anthropic refused the API key: it is wrong, has been withdrawn, or may not do this.',
    ]);
    server.play([{ reply: [say('Fine.')] }]);
    assert.deepEqual(await endOf('At last?'), ['done', undefined, undefined]);
  });

  it('is what a model does that calls what there is not, or calls without end', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => call('look', { what: `${index}` }));
    const session = await begin([
      { reply: [call('fly', { to: 'the moon' }, 'toolu_fly'), call('look', { what: 'a', broken: 1 }, 'toolu_look')] },
      { reply: many, chunkChars: 100 },
      { reply: [say('I see.')] },
    ]);
    await session.send('Go.');
    await session.whenSettled();
    assert.equal(header(session).state, 'done');
    assert.match(notices(session), /There is no tool fly\. There are: look, ask_user, present_plan\./);
    assert.match(notices(session), /The model asked for 10000 tool calls in one answer\. Only the first 100 are made/);
    assert.match(JSON.stringify(server.main[2]?.body.messages.at(-1)), /9900 of your calls were not made/);
  });
});
