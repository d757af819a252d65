import assert from 'node:assert/strict';
import { AgentHarness, pastOf, tool } from './agentHarness.ts';
import { failure, type ScriptedStep, ScriptedVendor } from './scriptedVendor.ts';

const read = (act?: (what: string, signal: AbortSignal) => Promise<string> | string) =>
  tool({ name: 'read', isReadOnly: true, ...(act === undefined ? {} : { act }) });
const write = (act?: (what: string, signal: AbortSignal) => Promise<string> | string) =>
  tool({ name: 'write', ...(act === undefined ? {} : { act }) });

describe('The loop of an agent', () => {
  let harness: AgentHarness | undefined;
  afterEach(async () => {
    await harness?.close();
    assert.equal(harness?.clock.timers ?? 0, 0, 'no timer is left');
    harness = undefined;
  });

  it('makes the calls, gives their results back, and ends with an answer without any', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { reasoning: 'Hm.', text: 'Looking.', calls: [['read', { what: 'a' }, 'c1']] },
        { text: 'It says: read a.' },
      ),
      { tools: [read()] },
    ).start();
    const end = await harness.turn();
    assert.deepEqual(
      { ...end, durationMs: 0 },
      { type: 'turnComplete', stopReason: 'endTurn', durationMs: 0, totalTokens: 220, turnCount: 2, toolCallCount: 1 },
    );
    assert.deepEqual(harness.vendor.requests.at(-1)?.messages, [
      { role: 'user', blocks: [{ type: 'text', text: 'Do it.' }] },
      {
        role: 'assistant',
        vendor: 'scripted',
        model: 'model-1',
        blocks: [
          { type: 'reasoning', text: 'Hm.', seal: 'sealed' },
          { type: 'text', text: 'Looking.' },
          { type: 'call', id: 'c1', name: 'read', inputText: '{"what":"a"}' },
        ],
      },
      {
        role: 'user',
        blocks: [{ type: 'result', callId: 'c1', name: 'read', text: 'read a', isError: false, images: [] }],
      },
    ]);
    assert.deepEqual(
      harness.vendor.requests[0]?.tools.map(({ name }) => name),
      ['read', 'ask_user', 'present_plan'],
    );
  });

  it('asks the gate before each call, in the terms that approvals are decided in', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['write', { what: 'a' }, 'c1']] }, {}), {
      tools: [write()],
    }).start();
    await harness.turn();
    assert.deepEqual(harness.gate.judged, [
      { toolCallId: 'c1', toolName: 'write', input: { what: 'a' }, access: 'edit', paths: ['a'] },
    ]);
  });

  it('runs calls that only read side by side, and the others alone and in their order', async () => {
    const acts: string[] = [];
    let running = 0;
    const act = (name: string) => async (what: string) => {
      running += 1;
      acts.push(`${name} ${what} (${running})`);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return what;
    };
    harness = new AgentHarness(
      new ScriptedVendor(
        {
          calls: [
            ['read', { what: '1' }],
            ['read', { what: '2' }],
            ['write', { what: '3' }],
            ['write', { what: '4' }],
            ['read', { what: '5' }],
          ],
        },
        {},
      ),
      { tools: [read(act('read')), write(act('write'))] },
    ).start();
    await harness.turn();
    assert.deepEqual(acts, ['read 1 (1)', 'read 2 (2)', 'write 3 (1)', 'write 4 (1)', 'read 5 (1)']);
  });

  it('makes a result of everything that goes wrong with a call', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        {
          calls: [
            ['fly', {}, 'unknown'],
            ['write', '{"what": ', 'noJson'],
            ['write', { whom: 1 }, 'misfit'],
            ['write', { what: 'a' }, 'refused'],
            ['write', { what: 'b' }, 'rejected'],
            ['write', { what: 'c' }, 'unjudged'],
            ['write', { what: 'd' }, 'thrown'],
            ['write', { what: 'e' }, 'fine'],
          ],
        },
        { text: 'I see.' },
      ),
      {
        tools: [
          write((what) => {
            if (what === 'd') throw new Error('the disk is full');
            return what;
          }),
        ],
      },
    );
    harness.gate.onJudge = ({ toolCallId }) => {
      if (toolCallId === 'unjudged') return Promise.reject(new Error('no rules'));
      return Promise.resolve(
        toolCallId === 'refused'
          ? { kind: 'deny', reason: 'plan mode' }
          : toolCallId === 'rejected'
            ? { kind: 'ask', reason: 'it changes something' }
            : { kind: 'allow', reason: '' },
      );
    };
    harness.gate.onAsk = () => Promise.resolve({ kind: 'deny', message: 'not this one' });
    harness.start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(harness.results, [
      'unknown failed: There is no tool fly. There are: write, ask_user, present_plan.',
      'noJson failed: The arguments are no valid JSON: {"what": ',
      'misfit failed: The arguments of write do not fit: ✖ Invalid input: expected string, received undefined\n  → at what',
      'refused failed: plan mode',
      'rejected failed: not this one',
      'unjudged failed: no rules',
      'thrown failed: The tool itself failed: the disk is full',
      'fine completed: e',
    ]);
  });

  it('makes a result of a tool that fails before it is asked for', async () => {
    const broken = {
      ...write(),
      prepare: () => {
        throw new Error('a bug in the tool');
      },
    };
    harness = new AgentHarness(
      new ScriptedVendor(
        { calls: [['write', { what: 'a' }, 'c1'] as const, ['read', { what: 'b' }, 'c2'] as const] },
        {},
      ),
      { tools: [broken, read()] },
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(harness.results, ['c1 failed: The tool itself failed: a bug in the tool', 'c2 completed: read b']);
    assert.deepEqual(
      harness.of('toolCallStarted').map(({ id }) => id),
      ['c1', 'c2'],
    );
  });

  it('ends at its limit of steps, and can be continued', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['read', { what: 'again' }]] }), {
      tools: [read()],
      limits: { maxSteps: 3 },
    }).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual(
      [end.stopReason, end.error?.message, end.turnCount],
      ['maxSteps', 'The turn reached its limit of 3 steps.', 3],
    );
    harness.vendor.play({ text: 'Enough.' });
    const next = await harness.send('Go on.');
    assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn');
  });

  it('ends when the session has cost its budget, what it cost before included', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['read', { what: 'a' }]], costUsd: 0.4 }), {
      tools: [read()],
      limits: { maxSteps: 100, budgetUsd: 2 },
      spentUsd: 1.5,
    }).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual(
      [end.stopReason, end.error?.message, end.turnCount],
      ['budget', 'The session has cost $2.30; its budget is $2.00.', 2],
    );
  });

  it('says once that it cannot keep to a budget where the price of the model is not known', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['read', { what: 'a' }]] }, { text: 'Done.' }), {
      tools: [read()],
      limits: { maxSteps: 100, budgetUsd: 2 },
    }).start();
    await harness.turn();
    await harness.send('More.');
    assert.deepEqual(
      harness.of('warning').map(({ code, message }) => [code, message]),
      [
        [
          'budgetUnknown',
          'What the model "model-1" costs is not known, so that the budget of $2.00 cannot be watched.',
        ],
      ],
    );
  });

  it('goes on without the images that the service cannot read, and says so', async () => {
    const look = tool({ name: 'look', isReadOnly: true });
    const refused = failure('apiError', { refusesImages: true });
    harness = new AgentHarness(
      new ScriptedVendor({ calls: [['look', { what: 'a' }, 'c1']] }, { failure: refused }, { text: 'Without it.' }),
      {
        tools: [
          {
            ...look,
            prepare: () => ({
              wants: { access: 'read', paths: [] },
              run: () =>
                Promise.resolve({ text: 'a.png', isError: false, images: [{ mediaType: 'image/png', data: 'AAAA' }] }),
            }),
          },
        ],
      },
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.deepEqual(harness.vendor.requests.at(-1)?.messages.at(-1)?.blocks, [
      {
        type: 'result',
        callId: 'c1',
        name: 'look',
        text: 'a.png\n[The image that was here could not be read by the service.]',
        isError: false,
        images: [],
      },
    ]);
    assert.deepEqual(
      harness.of('warning').map(({ code }) => code),
      ['imagesLeftOut'],
    );
    harness.vendor.play({ failure: refused });
    const next = await harness.send('Again.');
    assert.equal(next.type === 'turnComplete' && next.error?.code, 'apiError', 'there is none left to leave out');
  });

  it('ends with a refusal, which the model does not read again', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { text: 'I will not.', stop: 'refusal', explanation: 'against the rules' },
        { text: 'Gladly.' },
      ),
    ).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual([end.stopReason, end.error?.details], ['refusal', 'against the rules']);
    await harness.send('Something else.');
    assert.doesNotMatch(JSON.stringify(harness.vendor.requests.at(-1)?.messages), /I will not/);
  });

  it('says that an answer was too long, and goes on with it when asked', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'A long sto', stop: 'length' }, { text: 'ry.' })).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual([end.stopReason, end.error?.actions.map(({ id }) => id)], ['maxTokens', ['continue']]);
    await harness.send('Continue.');
    assert.equal(harness.text, 'A long story.');
  });

  it('tells a call whose arguments broke off to come in smaller pieces, and goes on', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        { calls: [['read', { what: 'a' }, 'c1']], brokenCall: ['write', '{"what":"half of'], stop: 'length' },
        { text: 'Smaller then.' },
      ),
      { tools: [read(), write()] },
    ).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
    assert.match(harness.results[0] ?? '', /^broken failed: The arguments broke off/);
    assert.equal(harness.results[1], 'c1 completed: read a');
  });

  it('gives a call another id where that one is taken', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        {
          calls: [
            ['read', { what: 'a' }, 'x'],
            ['read', { what: 'b' }, 'x'],
          ],
        },
        { calls: [['read', { what: 'c' }, 'x']] },
        {},
      ),
      { tools: [read()] },
    ).start();
    await harness.turn();
    assert.deepEqual(harness.results, ['x completed: read a', 'x_2 completed: read b', 'x_3 completed: read c']);
  });

  it('ends every call of an answer that broke off or was stopped, those with the same id too', async () => {
    const twice: ScriptedStep['calls'] = [
      ['read', { what: 'a' }, 'x'],
      ['read', { what: 'b' }, 'x'],
    ];
    harness = new AgentHarness(
      new ScriptedVendor({ calls: twice, failure: failure('overloaded', { retryReason: 'busy' }) }, {}),
      { tools: [read()] },
    ).start();
    await harness.turn();
    const broke = 'cancelled: The answer broke off before this call was complete.';
    assert.deepEqual(harness.results, [`x ${broke}`, `x_2 ${broke}`]);
    harness.vendor.play({ calls: twice, hangs: true });
    harness.runtime.send('Again.');
    await harness.until(() => harness?.of('toolCallStreaming').some(({ id }) => id === 'x_4') === true);
    void harness.runtime.interrupt();
    await harness.turn(2);
    const stopped = 'cancelled: The user stopped this call before it ended.';
    assert.deepEqual(harness.results.slice(2), [`x_3 ${stopped}`, `x_4 ${stopped}`]);
  });

  it('makes the first of 10,000 calls of one answer, and tells the person and the model what became of the others', async () => {
    let made = 0;
    const many = Array.from({ length: 10_000 }, (_, index) => ['write', { what: `${index}` }, `c${index}`] as const);
    harness = new AgentHarness(new ScriptedVendor({ text: 'All at once.', calls: many }, { text: 'In turns.' }), {
      tools: [write((what) => ((made += 1), what))],
    }).start();
    const end = await harness.turn();
    assert.ok(end.type === 'turnComplete');
    assert.deepEqual([end.stopReason, end.toolCallCount, made, harness.results.length], ['endTurn', 100, 100, 100]);
    assert.deepEqual(
      harness.of('warning').map(({ code, message }) => [code, message]),
      [
        [
          'tooManyCalls',
          'The model asked for 10000 tool calls in one answer. Only the first 100 are made; it has been told to ask again for the others.',
        ],
      ],
    );
    const last = harness.vendor.requests.at(-1)?.messages.at(-1)?.blocks.at(-1);
    assert.match(last?.type === 'text' ? last.text : '', /9900 of your calls were not made/);
    assert.ok(harness.events.length < 1_000, `${harness.events.length} events`);
  });

  it('gives the model of a result of 100 MB its beginning and its end', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['read', { what: 'a' }, 'c1']] }, { text: 'Long.' }), {
      tools: [read(() => `begin${'x'.repeat(100 * 1024 * 1024)}end`)],
    }).start();
    await harness.turn();
    const [told] = harness.vendor.requests.at(-1)?.messages.at(-1)?.blocks ?? [];
    assert.ok(told?.type === 'result' && told.text.length < 101_000);
    assert.match(told.text, /^begin[\s\S]*\[… 104757608 characters are left out here …\][\s\S]*end$/);
  });

  it('gives the results of one answer together no more room than there is', async () => {
    const vendor = new ScriptedVendor(
      { calls: Array.from({ length: 50 }, (_, index) => ['read', { what: `${index}` }] as const) },
      { text: 'Seen.' },
    );
    vendor.windowTokens = 200_000;
    harness = new AgentHarness(vendor, { tools: [read((what) => what.repeat(90_000))] }).start();
    await harness.turn();
    assert.equal(harness.of('compaction').length, 0);
    const blocks = vendor.requests.at(-1)?.messages.at(-1)?.blocks ?? [];
    const lengths = blocks.map((block) => (block.type === 'result' ? block.text.length : 0));
    assert.ok(lengths.reduce((sum, length) => sum + length, 0) < 350_000, lengths.join(' '));
    assert.ok(lengths[0] === 90_000 && (lengths.at(-1) ?? 0) > 1_000, lengths.join(' '));
    const last = blocks.at(-1);
    assert.match(last?.type === 'result' ? last.text : '', /left out here: the results of these calls are too long/);
  });

  it('says so when the model ends its turn without a word', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: ' \n' }, { text: 'Done.' }), {}).start();
    const silent = await harness.turn();
    harness.runtime.send('Again.');
    await harness.turn(2);
    assert.equal(silent.type, 'turnComplete');
    assert.deepEqual(
      harness.of('warning').map(({ code, message }) => [code, message]),
      [['emptyAnswer', 'The model ended its turn without a word.']],
    );
  });

  it('shows what a call says while it runs', async () => {
    const speaking = tool({ name: 'speak' });
    harness = new AgentHarness(new ScriptedVendor({ calls: [['speak', { what: 'a' }, 'c1']] }, {}), {
      tools: [
        {
          ...speaking,
          prepare: () => ({
            wants: { access: 'read', paths: [] },
            run: async ({ progress }) => {
              progress('one');
              await new Promise((resolve) => setImmediate(resolve));
              progress('one two');
              return { text: 'one two three', isError: false };
            },
          }),
        },
      ],
    }).start();
    await harness.turn();
    assert.deepEqual(
      harness.of('toolOutput').map(({ text }) => text),
      ['one', ' two'],
    );
  });

  it('asks the person, and presents a plan, without an approval', async () => {
    harness = new AgentHarness(
      new ScriptedVendor(
        {
          calls: [
            ['ask_user', { questions: [{ question: 'Which?', options: [{ label: 'A' }, { label: 'B' }] }] }, 'q'],
          ],
        },
        { calls: [['present_plan', { plan: '1. Do it.' }, 'p']] },
        { calls: [['ask_user', { question: 'Which?' }, 'misfit']] },
        {},
      ),
    );
    harness.gate.answers = { 'Which?': 'B' };
    harness.start();
    await harness.turn();
    assert.deepEqual(harness.results.slice(0, 2), [
      'q completed: Which? B',
      'p completed: The user approved the plan. Plan mode is over: carry the plan out.',
    ]);
    assert.match(harness.results[2] ?? '', /^misfit failed: The arguments of ask_user do not fit/);
    assert.deepEqual(harness.gate.judged, []);
  });

  it('tells the model when plan mode begins and ends', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' }), { mode: 'plan' }).start();
    await harness.turn();
    await harness.send('And now?');
    await harness.runtime.setMode('ask');
    await harness.send('Go.');
    await harness.send('More.');
    const notes = harness.vendor.requests
      .at(-1)
      ?.messages.flatMap(({ role, blocks }) => (role === 'user' ? blocks : []))
      .map((block) => (block.type === 'text' ? block.text.replaceAll('\n', ' ').slice(0, 28) : ''));
    assert.deepEqual(notes, [
      '<note> Plan mode is on: chan',
      'Do it.',
      '<note> Plan mode is on: chan',
      'And now?',
      '<note> Plan mode is off: you',
      'Go.',
      'More.',
    ]);
  });

  it('leaves plan mode with the approval of the plan, and says so once', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['present_plan', { plan: '1.' }]] }, { text: 'Begun.' }), {
      mode: 'plan',
    }).start();
    await harness.turn();
    await harness.send('Go on.');
    assert.doesNotMatch(JSON.stringify(harness.vendor.requests.at(-1)?.messages.slice(-1)), /Plan mode/);
  });

  it('says once what was sent twice because nothing answered', async () => {
    harness = new AgentHarness(new ScriptedVendor({ failure: failure('keyRefused') }, { text: 'Hello.' })).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.error?.code, 'keyRefused');
    await harness.send('Do it.');
    assert.deepEqual(harness.vendor.requests.at(-1)?.messages, [
      { role: 'user', blocks: [{ type: 'text', text: 'Do it.' }] },
    ]);
  });

  it('says what keeps it from calling a model, without a session or a step, and begins when that is gone', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'Hello.' }));
    harness.vendor.trouble = { code: 'notLoggedIn', message: 'There is no key.', actions: [] };
    harness.start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.error?.code, 'notLoggedIn');
    assert.deepEqual(
      harness.events.map(({ type }) => type),
      ['turnComplete'],
    );
    harness.vendor.trouble = undefined;
    await harness.send('Again.');
    assert.deepEqual([harness.of('sessionStarted').length, harness.text], [1, 'Hello.']);
  });

  it('changes its model for the next turn', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' })).start();
    await harness.turn();
    assert.equal(await harness.runtime.setModel('model-2'), true);
    assert.equal(await harness.runtime.setModel(undefined), false);
    await harness.send('Again.');
    assert.deepEqual(
      [harness.vendor.requests.map(({ model }) => model), harness.of('sessionStarted').map(({ model }) => model)],
      [
        ['model-1', 'model-2'],
        ['model-1', 'model-2'],
      ],
    );
  });

  it('goes on in another run with what the last one left behind', async () => {
    const first = new AgentHarness(new ScriptedVendor({ calls: [['read', { what: 'a' }, 'c1']] }, { text: 'Noted.' }), {
      tools: [read()],
    }).start();
    await first.turn();
    await first.close();
    harness = new AgentHarness(new ScriptedVendor({ text: 'I remember.' }), {
      run: 2,
      prompt: 'Do you remember?',
      nativeSessionId: 'session',
      past: pastOf(first.events),
    }).start();
    await harness.turn();
    assert.deepEqual(harness.vendor.requests[0]?.messages, [
      ...(first.vendor.requests[1]?.messages ?? []),
      { role: 'assistant', vendor: 'scripted', model: 'model-1', blocks: [{ type: 'text', text: 'Noted.' }] },
      { role: 'user', blocks: [{ type: 'text', text: 'Do you remember?' }] },
    ]);
  });

  it('starts afresh with the whole transcript where nothing is left', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'I see.' }), {
      nativeSessionId: 'session',
      freshPrompt: () => Promise.resolve('This continues… Do it.'),
      past: () => Promise.resolve([]),
    }).start();
    await harness.turn();
    assert.deepEqual(harness.vendor.requests[0]?.messages, [
      { role: 'user', blocks: [{ type: 'text', text: 'This continues… Do it.' }] },
    ]);
  });

  it('ends the turn in an error where the past cannot be read, and tries again with the next', async () => {
    let tries = 0;
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' }), {
      nativeSessionId: 'session',
      past: () => ((tries += 1) === 1 ? Promise.reject(new Error('no disk')) : Promise.resolve([])),
    }).start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.error?.code, 'unexpected');
    const next = await harness.send('Again.');
    assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn');
  });

  it('ends the turn when what it waits for is taken back', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['write', { what: 'a' }, 'c1']] }), { tools: [write()] });
    harness.gate.onJudge = () => Promise.resolve({ kind: 'ask', reason: 'it changes something' });
    harness.gate.onAsk = () => Promise.resolve({ kind: 'withdrawn' });
    harness.start();
    assert.equal((await harness.turn()).type, 'turnCancelled');
    assert.deepEqual(harness.results, ['c1 cancelled: The user stopped this call before it ended.']);
  });

  it('keeps what a call did although it was stopped', async () => {
    harness = new AgentHarness(
      new ScriptedVendor({
        calls: [
          ['write', { what: 'a' }, 'c1'],
          ['write', { what: 'b' }, 'c2'],
        ],
      }),
      {
        tools: [
          write(
            (what, signal) =>
              new Promise((resolve) =>
                signal.addEventListener('abort', () => resolve(`wrote half of ${what}`), { once: true }),
              ),
          ),
        ],
      },
    ).start();
    await harness.until(() => harness?.of('toolCallStarted').length === 1);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn()).type, 'turnCancelled');
    assert.deepEqual(harness.results, [
      'c1 completed: wrote half of a',
      'c2 cancelled: The user stopped this call before it ended.',
    ]);
  });

  it('leaves behind a tool that does not end when it is stopped', async () => {
    harness = new AgentHarness(new ScriptedVendor({ calls: [['write', { what: 'a' }, 'c1']] }), {
      tools: [write(() => new Promise<string>(() => undefined))],
    }).start();
    await harness.until(() => harness?.of('toolCallStarted').length === 1);
    void harness.runtime.interrupt();
    assert.equal((await harness.turn()).type, 'turnCancelled');
    assert.equal(
      harness.log.lines.some((line) => line.includes('left behind')),
      true,
    );
  });

  it('tells the model that it was stopped, and what it had said', async () => {
    harness = new AgentHarness(new ScriptedVendor({ reasoning: 'Hm.', text: 'I begin with', hangs: true })).start();
    await harness.until(() => harness?.text === 'I begin with');
    void harness.runtime.interrupt();
    await harness.turn();
    harness.vendor.play({ text: 'As you like.' });
    await harness.send('Differently.');
    assert.deepEqual(harness.vendor.requests.at(-1)?.messages.slice(1), [
      {
        role: 'assistant',
        vendor: 'scripted',
        model: 'model-1',
        blocks: [
          { type: 'reasoning', text: 'Hm.', seal: 'sealed' },
          { type: 'text', text: 'I begin with' },
        ],
      },
      {
        role: 'user',
        blocks: [
          { type: 'text', text: '[The user stopped the answer above.]' },
          { type: 'text', text: 'Differently.' },
        ],
      },
    ]);
  });

  it('keeps running turns apart from a listener that fails', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' }));
    harness.onEvent = ({ type }) => {
      if (type === 'textDelta') throw new Error('a listener');
    };
    harness.start();
    const end = await harness.turn();
    assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn');
  });

  it('drives one run, and can be stopped before it starts', async () => {
    harness = new AgentHarness(new ScriptedVendor({ text: 'Yes.' }));
    await harness.runtime.stop();
    harness.start();
    assert.equal((await harness.turn()).type, 'turnCancelled');
    const again = await harness.runtime.start(harness.context, () => undefined);
    assert.equal(again.error?.code, 'unexpected');
  });

  const scenes = (): readonly ScriptedStep[] => [
    {
      reasoning: 'Hm.',
      text: 'First I look.',
      calls: [
        ['read', { what: 'a' }],
        ['read', { what: 'b' }],
      ],
    },
    { text: 'cut', failure: failure('overloaded', { retryReason: 'It is overloaded.' }) },
    {
      text: 'Then I write.',
      calls: [
        ['write', { what: 'a' }],
        ['write', { what: 'b' }],
      ],
    },
    { text: 'Done.' },
  ];

  it('can be interrupted at any event: one end, a result for every call, and a conversation that goes on', async () => {
    const whole = new AgentHarness(new ScriptedVendor(...scenes()), { tools: [read(), write()] }).start();
    await whole.turn();
    await whole.close();
    for (let at = 1; at < whole.events.length - 1; at++) {
      const one = new AgentHarness(new ScriptedVendor(...scenes()), { tools: [read(), write()] });
      one.onEvent = () => {
        if (one.events.length === at) void one.runtime.interrupt();
      };
      one.start();
      const end = await one.turn();
      const open = new Set(one.of('toolCallStreaming').map(({ id }) => id));
      for (const { id } of one.of('toolResult')) open.delete(id);
      assert.deepEqual([one.ends.length, [...open]], [1, []], `interrupted at event ${at}`);
      one.vendor.play({ text: 'Back.' });
      const next = await one.send('Go on.');
      assert.equal(next.type === 'turnComplete' && next.stopReason, 'endTurn', `${at}: ${JSON.stringify(end)}`);
      await one.close();
    }
  });

  it('can go on from any beginning of its log: no conversation that is sent is invalid', async () => {
    const first = new AgentHarness(new ScriptedVendor(...scenes()), { tools: [read(), write()] }).start();
    await first.turn();
    first.vendor.play({ calls: [['read', { what: 'c' }]] }, { text: 'More.' });
    await first.send('More.');
    await first.close();
    for (let at = 0; at <= first.events.length; at++) {
      const later = new AgentHarness(new ScriptedVendor({ text: 'Here again.' }), {
        run: 2,
        prompt: 'Continue.',
        nativeSessionId: 'session',
        past: pastOf(first.events.slice(0, at)),
      }).start();
      const end = await later.turn();
      assert.equal(end.type === 'turnComplete' && end.stopReason, 'endTurn', `cut off after event ${at}`);
      await later.close();
    }
  });
});
