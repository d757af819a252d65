import assert from 'node:assert/strict';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { EventMapper } from '../../../../src/runtimes/claudeCode/eventMapper.ts';
import type { Line } from './replay.ts';

function mapAll(mapper: EventMapper, ...lines: readonly Line[]): readonly RuntimeEvent[] {
  return lines.flatMap((line) => mapper.map(line));
}

function inTurn(options = { resumed: false }): EventMapper {
  const mapper = new EventMapper(options);
  mapper.beginTurn();
  return mapper;
}

const stream = (event: Line): Line => ({ type: 'stream_event', event, parent_tool_use_id: null });
const start = (id: string): Line =>
  stream({ type: 'message_start', message: { id, usage: { input_tokens: 10, output_tokens: 1 } } });
const assistant = (id: string, content: readonly unknown[], more: Line = {}): Line => ({
  type: 'assistant',
  message: { id, model: 'm', content },
  parent_tool_use_id: null,
  ...more,
});
const success = (more: Line = {}): Line => ({
  type: 'result',
  subtype: 'success',
  is_error: false,
  stop_reason: 'end_turn',
  terminal_reason: 'completed',
  duration_ms: 5,
  num_turns: 1,
  usage: {},
  ...more,
});
const init = (more: Line = {}): Line => ({ type: 'system', subtype: 'init', session_id: 's', model: 'm', ...more });

describe('EventMapper', () => {
  it('adds only what the stream did not show', () => {
    const events = mapAll(
      inTurn(),
      start('a'),
      stream({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
      assistant('a', [{ type: 'text', text: 'Hello world' }]),
      assistant('a', [{ type: 'text', text: 'Never streamed' }]),
      assistant('b', [{ type: 'thinking', thinking: 'Nor this' }]),
    );
    assert.deepEqual(events, [
      { type: 'stepStarted' },
      { type: 'textDelta', partId: 'p1', text: 'Hello' },
      { type: 'textDelta', partId: 'p1', text: ' world' },
      { type: 'textDelta', partId: 'p2', text: 'Never streamed' },
      { type: 'stepStarted' },
      { type: 'reasoningDelta', partId: 'p3', text: 'Nor this' },
    ]);
  });

  it('keeps two blocks of one kind apart', () => {
    const events = mapAll(
      inTurn(),
      start('a'),
      stream({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
      stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one' } }),
      assistant('a', [{ type: 'text', text: 'one' }]),
      stream({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } }),
      stream({ type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'two' } }),
      assistant('a', [{ type: 'text', text: 'two' }]),
    );
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'textDelta' ? [[event.partId, event.text]] : [])),
      [
        ['p1', 'one'],
        ['p2', 'two'],
      ],
    );
  });

  it('gives a call whose message was given up a result', () => {
    const events = mapAll(
      inTurn(),
      start('a'),
      stream({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'Bash' } }),
      start('b'),
    );
    assert.deepEqual(events.at(-2), { type: 'toolResult', id: 't', output: '', outcome: 'cancelled' });
  });

  it('puts the work of a sub-agent under its call', () => {
    const events = mapAll(inTurn(), {
      ...assistant('inner', [
        { type: 'text', text: 'Looking' },
        { type: 'tool_use', id: 't', name: 'Read', input: { file_path: 'x' } },
      ]),
      parent_tool_use_id: 'agent',
    });
    assert.deepEqual(events, [
      { type: 'textDelta', partId: 'p1', text: 'Looking', parentId: 'agent' },
      { type: 'toolCallStarted', id: 't', name: 'Read', title: 'x', inputText: '{"file_path":"x"}', parentId: 'agent' },
    ]);
  });

  it('reads results that are text or blocks, with pictures', () => {
    const result = (content: unknown, more: Line = {}): Line => ({
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: 't', content, ...more }] },
    });
    const events = mapAll(
      inTurn(),
      result('plain'),
      result([
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      ]),
      result('<tool_use_error>No such file</tool_use_error>', { is_error: true }),
    );
    assert.deepEqual(events, [
      { type: 'toolResult', id: 't', output: 'plain', outcome: 'completed' },
      {
        type: 'toolResult',
        id: 't',
        output: 'a\nb',
        outcome: 'completed',
        images: [{ mediaType: 'image/png', data: 'AAAA' }],
      },
      { type: 'toolResult', id: 't', output: 'No such file', outcome: 'failed' },
    ]);
  });

  it('passes over what nobody said: nudges, replays, marks of an interrupt', () => {
    const said = (content: unknown, more: Line): Line => ({ type: 'user', message: { content }, ...more });
    assert.deepEqual(
      mapAll(
        inTurn(),
        said('Continue from where you left off.', { isSynthetic: true }),
        said('my own words', { isReplay: true }),
        said([{ type: 'text', text: '[Request interrupted by user]' }], {}),
        assistant('x', [{ type: 'text', text: 'No response requested.' }], {
          message: { id: 'x', model: '<synthetic>', content: [{ type: 'text', text: 'No response requested.' }] },
        }),
      ),
      [],
    );
  });

  it('lets is_error decide, not the word success', () => {
    const [end] = mapAll(
      inTurn(),
      success({ is_error: true, result: 'API Error: 500 oh', api_error_status: 500 }),
    ).filter((event) => event.type === 'turnComplete');
    assert.deepEqual([end?.stopReason, end?.error?.code], ['error', 'overloaded']);
  });

  for (const [name, line, reason] of [
    ['the end of the text', success(), 'endTurn'],
    ['the limit of tokens', success({ stop_reason: 'max_tokens' }), 'maxTokens'],
    ['a refusal', success({ stop_reason: 'refusal' }), 'refusal'],
    ['the limit of steps', { type: 'result', subtype: 'error_max_turns', is_error: true }, 'maxSteps'],
    [
      'the limit of steps in an old version',
      { type: 'result', subtype: 'error_max_turns', is_error: false },
      'maxSteps',
    ],
    ['the budget', { type: 'result', subtype: 'error_max_budget_usd', is_error: true }, 'budget'],
    [
      'an interrupt that was not ours',
      {
        type: 'result',
        subtype: 'error_during_execution',
        is_error: true,
        terminal_reason: 'aborted_tools',
        errors: ['x'],
      },
      'cancelled',
    ],
    [
      'a fault',
      { type: 'result', subtype: 'error_during_execution', is_error: true, errors: ['only prompt commands'] },
      'error',
    ],
  ] as const) {
    it(`says that a turn ended by ${name}`, () => {
      const events = inTurn().map(line);
      assert.deepEqual(
        events.map((event) => (event.type === 'turnComplete' ? event.stopReason : event.type)),
        [reason],
      );
    });
  }

  it('ends a turn that finished although it was being interrupted as finished', () => {
    const mapper = inTurn();
    mapper.interrupt();
    assert.deepEqual(
      mapper.map(success()).map(({ type }) => type),
      ['turnComplete'],
    );
  });

  it('ends a turn once, whatever follows', () => {
    const mapper = inTurn();
    const events = mapAll(mapper, success(), success(), success());
    assert.equal(events.length, 1);
    assert.deepEqual(mapper.abandon({ code: 'x', message: '', actions: [] }, 1), []);
  });

  it('tells a turn of ours from one that the CLI began, also when both are there at once', () => {
    const mapper = new EventMapper({ resumed: false });
    mapper.beginTurn();
    mapper.promptSent('mine');
    const events = mapAll(
      mapper,
      { type: 'command_lifecycle', command_uuid: 'mine', state: 'queued' },
      init(),
      success({ origin: { kind: 'task-notification' }, result: 'of the task' }),
      { type: 'command_lifecycle', command_uuid: 'mine', state: 'started' },
      init(),
      success({ result: 'of mine' }),
      init(),
    );
    assert.deepEqual(
      events.map(({ type }) => type),
      ['sessionStarted', 'textDelta', 'turnComplete', 'turnStarted'],
    );
  });

  it('says what a session is only when something about it is new', () => {
    const mapper = inTurn();
    const events = mapAll(
      mapper,
      init({ slash_commands: ['a', '__b'] }),
      success(),
      init({ slash_commands: ['a'] }),
      init({ model: 'n' }),
    );
    assert.deepEqual(
      events.filter((event) => event.type === 'sessionStarted'),
      [
        { type: 'sessionStarted', nativeSessionId: 's', model: 'm', commands: ['a'] },
        { type: 'sessionStarted', nativeSessionId: 's', model: 'n' },
      ],
    );
  });

  it('tells of compaction', () => {
    assert.deepEqual(
      mapAll(
        inTurn(),
        { type: 'system', subtype: 'status', status: 'compacting' },
        { type: 'system', subtype: 'compact_boundary', compact_metadata: { pre_tokens: 462, post_tokens: 25 } },
        { type: 'system', subtype: 'status', status: null },
      ),
      [
        { type: 'compaction', phase: 'started' },
        { type: 'compaction', phase: 'finished', tokensBefore: 462, tokensAfter: 25 },
      ],
    );
  });

  it('reports the usage that the stream told when the process dies', () => {
    const mapper = inTurn();
    mapAll(mapper, start('a'), stream({ type: 'message_delta', usage: { input_tokens: 10, output_tokens: 7 } }));
    assert.deepEqual(mapper.abandon({ code: 'crashed', message: 'm', actions: [] }, 12), [
      { type: 'usage', inputTokens: 10, outputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0 },
      {
        type: 'turnComplete',
        stopReason: 'error',
        error: { code: 'crashed', message: 'm', actions: [] },
        durationMs: 12,
        totalTokens: 17,
        turnCount: 0,
        toolCallCount: 0,
      },
    ]);
  });

  it('knows what runs beside the turns', () => {
    const mapper = inTurn();
    mapper.map({ type: 'system', subtype: 'background_tasks_changed', tasks: [{}, {}] });
    assert.equal(mapper.backgroundTasks, 2);
    assert.equal(mapper.toolRunning, false);
    mapper.map(assistant('a', [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }]));
    assert.equal(mapper.toolRunning, true);
  });
});
