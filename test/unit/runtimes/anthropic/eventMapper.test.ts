import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { EventMapper } from '../../../../src/runtimes/anthropic/eventMapper.ts';
import type { ModelChunk } from '../../../../src/runtimes/shared/modelVendor.ts';

const fixture = path.join(import.meta.dirname, '..', '..', '..', 'fixtures', 'anthropic', 'calls.sse');
const recorded: readonly unknown[] = readFileSync(fixture, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('data: '))
  .map((line) => JSON.parse(line.slice(6)));

/** What comes of the events: deltas of a block joined, and no signs of life. */
function map(events: readonly unknown[]) {
  const chunks: ModelChunk[] = [];
  const mapper = new EventMapper((chunk) => {
    const last = chunks.at(-1);
    if ((chunk.type === 'text' || chunk.type === 'reasoning') && last?.type === chunk.type) {
      chunks[chunks.length - 1] = { ...last, text: last.text + chunk.text };
    } else if (chunk.type === 'callInput' && last?.type === 'callInput' && last.id === chunk.id) {
      chunks[chunks.length - 1] = { ...last, text: last.text + chunk.text };
    } else if (chunk.type !== 'alive') {
      chunks.push(chunk);
    }
  });
  for (const event of events) {
    mapper.take(event);
  }
  return { chunks, end: mapper.end, tokens: mapper.tokens };
}

const start = (index: number, content_block: unknown) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, value: unknown) => ({ type: 'content_block_delta', index, delta: value });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const ended = (stop_reason: string, more: object = {}) => ({ type: 'message_delta', delta: { stop_reason, ...more } });

describe('The events of the Messages API', () => {
  it('become thinking, text and calls in their order, with what the service wants back', () => {
    const input = '{"path":"src/a.ts","note":"é\\"\\\\"}';
    assert.deepEqual(map(recorded), {
      chunks: [
        { type: 'reasoning', block: 0, text: 'I look at the file — 先看文件。' },
        {
          type: 'block',
          value: { type: 'reasoning', text: 'I look at the file — 先看文件。', seal: '{"signature":"c2lnbmF0dXJl"}' },
        },
        { type: 'text', block: 1, text: 'Looking at it…' },
        { type: 'block', value: { type: 'text', text: 'Looking at it…' } },
        { type: 'call', id: 'toolu_01', name: 'read_file' },
        { type: 'callInput', id: 'toolu_01', text: input },
        { type: 'block', value: { type: 'call', id: 'toolu_01', name: 'read_file', inputText: input } },
        { type: 'call', id: 'toolu_02', name: 'read_file' },
        { type: 'callInput', id: 'toolu_02', text: '{"path":"b"}' },
        { type: 'block', value: { type: 'call', id: 'toolu_02', name: 'read_file', inputText: '{"path":"b"}' } },
      ],
      end: { kind: 'stopped', stop: 'calls' },
      tokens: { input: 100, output: 42, cacheRead: 300, cacheWrite: 20 },
    });
  });

  it('keep thinking that only the service can read, and pass over blocks that are not known', () => {
    const { chunks } = map([
      start(0, { type: 'redacted_thinking', data: 'ZW5j' }),
      stop(0),
      start(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '{"q":1}' }),
      stop(1),
      start(2, { type: 'text', text: 'Found ' }),
      delta(2, { type: 'citations_delta', citation: {} }),
      delta(2, { type: 'text_delta', text: 'it.' }),
      stop(2),
    ]);
    assert.deepEqual(chunks, [
      { type: 'block', value: { type: 'reasoning', text: '', seal: '{"redacted":"ZW5j"}' } },
      { type: 'text', block: 2, text: 'Found it.' },
      { type: 'block', value: { type: 'text', text: 'Found it.' } },
    ]);
  });

  it('may give the arguments of a call at once, or none', () => {
    const { chunks } = map([
      start(0, { type: 'tool_use', id: 'a', name: 'x', input: { path: 'p' } }),
      stop(0),
      start(1, { type: 'tool_use', id: 'b', name: 'y', input: {} }),
      stop(1),
      start(2, { type: 'tool_use', input: {} }),
      stop(2),
    ]);
    assert.deepEqual(
      chunks.filter(({ type }) => type === 'block'),
      [
        { type: 'block', value: { type: 'call', id: 'a', name: 'x', inputText: '{"path":"p"}' } },
        { type: 'block', value: { type: 'call', id: 'b', name: 'y', inputText: '' } },
        { type: 'block', value: { type: 'call', id: 'call-2', name: '', inputText: '' } },
      ],
    );
  });

  it('say why the model stopped', () => {
    const stops = [
      'end_turn',
      'stop_sequence',
      'tool_use',
      'max_tokens',
      'model_context_window_exceeded',
      'pause_turn',
      'new',
    ];
    assert.deepEqual(
      stops.map((reason) => {
        const { end } = map([ended(reason)]);
        return end?.kind === 'stopped' ? end.stop : undefined;
      }),
      ['end', 'end', 'calls', 'length', 'contextFull', 'pause', 'end'],
    );
    assert.deepEqual(map([ended('refusal', { stop_details: { type: 'refusal', explanation: 'because' } })]).end, {
      kind: 'stopped',
      stop: 'refusal',
      explanation: 'because',
    });
  });

  it('have no end where they break off, and say what went wrong where the service does', () => {
    assert.equal(map(recorded.slice(0, -2)).end, undefined);
    assert.deepEqual(map([...recorded.slice(0, 5), { type: 'error', error: { type: 'overloaded_error' } }]).end, {
      kind: 'error',
      error: { type: 'overloaded_error' },
    });
  });

  it('count what a later report corrects, and keep what it does not mention', () => {
    const usage = (value: object) => ({ type: 'message_delta', delta: {}, usage: value });
    assert.deepEqual(
      map([
        {
          type: 'message_start',
          message: { usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: null } },
        },
        usage({ output_tokens: 7 }),
        usage({ output_tokens: 9, input_tokens: 6, cache_creation_input_tokens: 3 }),
      ]).tokens,
      { input: 6, output: 9, cacheRead: 0, cacheWrite: 3 },
    );
    assert.equal(map([]).tokens, undefined);
  });

  it('may be anything at all without breaking what understands them', () => {
    const anything = fc.oneof(fc.anything(), fc.constantFrom(...recorded), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 30 }), (events) => {
        const { chunks } = map(events);
        return chunks.every((chunk) => chunk.type !== 'text' || typeof chunk.text === 'string');
      }),
    );
  });
});
