import assert from 'node:assert/strict';
import { withoutOldOutputs, wordsOf } from '../../../../src/runtimes/shared/compaction.ts';
import { ContextMeter, estimateTokens } from '../../../../src/runtimes/shared/contextMeter.ts';
import type { ModelMessage } from '../../../../src/runtimes/shared/modelMessages.ts';
import { AgentHarness, pastOf, tool } from './agentHarness.ts';
import { assertValid, failure, ScriptedVendor } from './scriptedVendor.ts';

const read = tool({ name: 'read', isReadOnly: true });

describe('Compacting a conversation', () => {
  let harness: AgentHarness | undefined;
  afterEach(async () => {
    await harness?.close();
    harness = undefined;
  });

  const texts = (messages: readonly ModelMessage[] | undefined): string =>
    (messages ?? []).flatMap(({ blocks }) => blocks.map((block) => ('text' in block ? block.text : ''))).join('\n');

  it('happens between two steps, before the window is full, and the work goes on', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { text: 'Looking.', calls: [['read', { what: 'a' }, 'c1']], inputTokens: 170_000 },
        { text: 'I read a.', inputTokens: 171_000 },
        { text: 'It is done.', inputTokens: 900 },
      ),
      { tools: [read], prompt: 'Find the word, and be brief.' },
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    const [, notes, after] = harness.vendor.requests;
    assert.deepEqual([notes?.toolUse, after?.toolUse], ['none', 'auto']);
    assert.match(texts(notes?.messages.slice(-1)), /Write these notes/);
    assert.equal(after?.messages.length, 1);
    assert.match(
      texts(after?.messages),
      /<user>\nFind the word, and be brief\.\n<\/user>[\s\S]*<notes>\nI read a\.\n<\/notes>/,
    );
    assert.equal(harness.text, 'Looking.It is done.');
    const [started, finished] = harness.of('compaction');
    assert.deepEqual([started?.phase, finished?.phase], ['started', 'finished']);
    assert.ok((finished?.tokensBefore ?? 0) > 160_000 && (finished?.tokensAfter ?? 0) < 5_000);
    assert.deepEqual(
      harness.of('contextUsed').map(({ usedTokens }) => usedTokens > 100_000),
      [true, false, false],
    );
  });

  it('keeps every request within the window when the calls of one turn bring more than fits', async () => {
    const vendor = new ScriptedVendor(
      { text: 'First.', calls: [['read', { what: 'a' }]], inputTokens: 4_000 },
      { text: 'Second.', calls: [['read', { what: 'b' }]], inputTokens: 12_000 },
      { text: 'Notes on a and b.', inputTokens: 15_000 },
      { text: 'Third.', calls: [['read', { what: 'c' }]], inputTokens: 4_000 },
      { text: 'It is done.', inputTokens: 12_000 },
    );
    vendor.windowTokens = 20_000;
    harness = new AgentHarness(vendor, {
      tools: [tool({ name: 'read', isReadOnly: true, act: (what) => what.repeat(500_000) })],
      prompt: 'Read all of them.',
    }).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(
      [vendor.requests.map(({ toolUse }) => toolUse), harness.of('compaction').map(({ phase }) => phase)],
      [
        ['auto', 'auto', 'none', 'auto', 'auto'],
        ['started', 'finished'],
      ],
    );
    for (const { messages } of vendor.requests) {
      assert.ok(estimateTokens(messages) < vendor.windowTokens * 0.9, `${estimateTokens(messages)}`);
    }
    assert.match(texts(vendor.requests.at(-1)?.messages), /<user>\nRead all of them\.\n<\/user>/);
  });

  it('happens before the first call of a model whose window is smaller', async () => {
    const vendor = new ScriptedVendor({ text: 'One.', inputTokens: 150_000 }, { text: 'Notes.' }, { text: 'Two.' });
    vendor.windowTokens = 1_000_000;
    harness = new AgentHarness(vendor).start();
    await harness.turn();
    vendor.windowTokens = 100_000;
    await harness.runtime.setModel('model-small');
    await harness.send('Go on.');
    assert.deepEqual(
      vendor.requests.map(({ toolUse, model }) => `${toolUse} ${model}`),
      ['auto model-1', 'none model-small', 'auto model-small'],
    );
    assert.deepEqual(
      harness.of('contextUsed').map(({ windowTokens }) => windowTokens),
      [1_000_000, 100_000, 100_000],
    );
  });

  it('leaves out every output and image where the service still finds the question too long', async () => {
    const tooLong = { failure: failure('promptTooLong', { isTooLong: true }) };
    const picture = tool({ name: 'look', isReadOnly: true });
    harness = new AgentHarness(
      new ScriptedVendor(
        { calls: [['look', { what: 'a' }, 'c1']] },
        tooLong,
        tooLong,
        tooLong,
        { text: 'Notes.' },
        { text: 'On with it.' },
      ),
      {
        tools: [
          {
            ...picture,
            prepare: () => ({
              wants: { access: 'read', paths: [] },
              run: () =>
                Promise.resolve({
                  text: 'a picture',
                  isError: false,
                  images: [{ mediaType: 'image/png', data: 'AAAA' }],
                }),
            }),
          },
        ],
      },
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    const asked = harness.vendor.requests.map(({ messages }) => JSON.stringify(messages).includes('AAAA'));
    assert.deepEqual(asked, [false, true, true, true, false, false]);
    assert.equal(harness.text, 'On with it.');
  });

  it('keeps a message that has no answer yet as it is', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { text: 'First answer.', inputTokens: 190_000 },
        { text: 'Notes.' },
        { text: 'Second answer.' },
      ),
      { prompt: 'First.' },
    ).start();
    await harness.turn();
    await harness.send('Second.');
    const after = harness.vendor.requests.at(-1)?.messages;
    assert.match(texts(after), /<user>\nFirst\.\n<\/user>[\s\S]*Notes\.[\s\S]*Second\.$/);
    assert.doesNotMatch(texts(after), /<user>\nSecond/);
  });

  it('is done when the person asks for it, with their wishes, and counts as a turn', async () => {
    harness = new AgentHarness(
      new ScriptedVendor({ text: 'An answer.' }, { text: 'Notes on it.' }, { text: 'Yes.' }),
    ).start();
    await harness.turn();
    const end = await harness.send('/compact Mind the names.');
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.match(texts(harness.vendor.requests[1]?.messages), /The user adds: Mind the names\./);
    await harness.send('Go on.');
    assert.match(texts(harness.vendor.requests[2]?.messages), /Notes on it\.[\s\S]*Go on\.$/);
    assert.deepEqual(harness.of('sessionStarted')[0]?.commands, ['compact']);
  });

  it('holds for later runs too', async () => {
    const first = new AgentHarness(new ScriptedVendor({ text: 'An answer.' }, { text: 'Notes on it.' })).start();
    await first.turn();
    await first.send('/compact');
    await first.close();
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' }), {
      run: 2,
      prompt: 'Go on.',
      nativeSessionId: 'session',
      past: pastOf(first.events),
    }).start();
    await harness.turn();
    assert.match(texts(harness.vendor.requests[0]?.messages), /Do it\.[\s\S]*Notes on it\.[\s\S]*Go on\.$/);
    assert.doesNotMatch(texts(harness.vendor.requests[0]?.messages), /An answer/);
  });

  it('is tried when the service says that the conversation is too long', async () => {
    const tooLong = { failure: failure('promptTooLong', { isTooLong: true }) };
    harness = new AgentHarness(
      new ScriptedVendor({ text: 'One.' }, tooLong, { text: 'Notes.' }, { text: 'Two.' }),
    ).start();
    await harness.turn();
    const end = await harness.send('Second.');
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.equal(harness.text, 'One.Two.');
    harness.vendor.play(tooLong);
    const failed = await harness.send('Third.');
    assert.equal(failed.type === 'turnComplete' && failed.error?.code, 'promptTooLong');
  });

  it('goes on after an answer for which there was no room', async () => {
    harness = new AgentHarness(
      new ScriptedVendor({ text: 'Half', stop: 'contextFull' }, { text: 'Notes.' }, { text: ' and half.' }),
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.equal(harness.text, 'Half and half.');
  });

  it('changes nothing when it fails or is stopped', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'One.' }, { failure: failure('overloaded') })).start();
    await harness.turn();
    const failed = await harness.send('/compact');
    assert.equal(failed.type === 'turnComplete' && failed.error?.code, 'overloaded');
    harness.vendor.play({ text: '', stop: 'end' });
    const empty = await harness.send('/compact');
    assert.equal(empty.type === 'turnComplete' && empty.error?.code, 'promptTooLong');
    harness.vendor.play({ hangs: true });
    const requests = harness.vendor.requests.length;
    harness.runtime.send('/compact');
    await harness.until(() => (harness?.vendor.requests.length ?? 0) > requests);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn(4)).type, 'turnCancelled');
    harness.vendor.play({ text: 'Two.' });
    await harness.send('Second.');
    assert.match(texts(harness.vendor.requests.at(-1)?.messages), /Do it\.\nOne\.\nSecond\.$/);
  });

  it('needs nothing where nothing was said', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'never' }), { prompt: '/compact' }).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.equal(harness.vendor.requests.length, 0);
  });

  it('keeps the words of the person: the first, the newest, and long ones by their ends', () => {
    const prompt = (text: string) => ({ kind: 'prompt', text, images: [], notes: ['a note'] }) as const;
    assert.deepEqual(wordsOf([prompt('one'), prompt(' '), prompt('two')]), ['one', 'two']);
    const [cut = ''] = wordsOf([prompt(`begin${'x'.repeat(20_000)}end`)]);
    assert.ok(cut.startsWith('begin') && cut.endsWith('end') && cut.length < 8_200);
    const many = wordsOf(Array.from({ length: 30 }, (_, index) => prompt(`${index} ${'x'.repeat(4_000)}`)));
    assert.deepEqual(
      [many[0]?.slice(0, 2), many[1], many.at(-1)?.slice(0, 3), many.length],
      ['0 ', '[16 messages are left out here]', '29 ', 15],
    );
    assert.deepEqual(wordsOf([{ kind: 'summary', notes: 'n', words: ['old'] }, prompt('new')]), ['old', 'new']);
  });

  it('leaves out the oldest outputs where the conversation does not even fit into the question', () => {
    const output = (id: string): ModelMessage[] => [
      { role: 'assistant', vendor: 'v', model: 'm', blocks: [{ type: 'call', id, name: 'read', inputText: '{}' }] },
      {
        role: 'user',
        blocks: [{ type: 'result', callId: id, name: 'read', text: 'x'.repeat(30_000), isError: false, images: [] }],
      },
    ];
    const messages: ModelMessage[] = [
      { role: 'user', blocks: [{ type: 'text', text: 'go' }] },
      ...output('1'),
      ...output('2'),
    ];
    const smaller = withoutOldOutputs(messages, 11_000);
    assertValid(smaller);
    assert.ok(estimateTokens(smaller) <= 11_000);
    assert.deepEqual(smaller.at(-1), messages.at(-1));
    assert.equal(withoutOldOutputs(messages, 50_000), messages);
  });

  it('measures by what the service counted, and estimates what came since', () => {
    const meter = new ContextMeter();
    const one: ModelMessage[] = [{ role: 'user', blocks: [{ type: 'text', text: 'x'.repeat(300) }] }];
    const two: ModelMessage[] = [{ role: 'user', blocks: [{ type: 'text', text: 'x'.repeat(600) }] }];
    meter.restart(1_000);
    assert.equal(meter.tokensOf(one), 1_100);
    meter.measured(5_000, one);
    assert.deepEqual([meter.tokensOf(one), meter.tokensOf(two)], [5_000, 5_100]);
  });
});
