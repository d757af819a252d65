import assert from 'node:assert/strict';
import { knownModel, unknownModel } from '../../../../src/runtimes/anthropic/models.ts';
import { requestBody } from '../../../../src/runtimes/anthropic/requestBody.ts';
import { messagesProblem } from '../../../modelServer/messagesProblem.ts';
import type { ModelMessage } from '../../../../src/runtimes/shared/modelMessages.ts';
import type { ModelRequest } from '../../../../src/runtimes/shared/modelVendor.ts';

const cache_control = { type: 'ephemeral' };
const adaptive = knownModel('claude-opus-5-5') ?? unknownModel;
const budget = knownModel('claude-sonnet-4-5-20250929') ?? unknownModel;

const user = (text: string): ModelMessage => ({ role: 'user', blocks: [{ type: 'text', text }] });
const request = (messages: readonly ModelMessage[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'claude-opus-5-5',
  system: 'Be good.',
  tools: [],
  toolUse: 'auto',
  messages,
  ...more,
});
const thought: ModelMessage = {
  role: 'assistant',
  vendor: 'anthropic',
  model: 'claude-opus-5-5',
  blocks: [
    { type: 'reasoning', text: 'Hm.', seal: '{"signature":"sig"}' },
    { type: 'reasoning', text: '', seal: '{"redacted":"enc"}' },
    { type: 'reasoning', text: 'without a seal', seal: '{"signature":""}' },
    { type: 'call', id: 'c1', name: 'read', inputText: '{"path":"a"}' },
  ],
};
const result: ModelMessage = {
  role: 'user',
  blocks: [{ type: 'result', callId: 'c1', name: 'read', text: 'text', isError: false, images: [] }],
};

describe('A request to the Messages API', () => {
  it('sends thinking back with its seal, and marks what stays the same for the cache', () => {
    const tool = { name: 'read', description: 'Reads.', inputSchema: { type: 'object' } };
    assert.deepEqual(
      requestBody(request([user('one'), thought, result], { tools: [tool, { ...tool, name: 'write' }] }), adaptive),
      {
        model: 'claude-opus-5-5',
        max_tokens: 32_000,
        stream: true,
        system: [{ type: 'text', text: 'Be good.', cache_control }],
        tools: [
          { name: 'read', description: 'Reads.', input_schema: { type: 'object' } },
          { name: 'write', description: 'Reads.', input_schema: { type: 'object' }, cache_control },
        ],
        tool_choice: { type: 'auto' },
        thinking: { type: 'adaptive', display: 'summarized' },
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'one', cache_control }] },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
              { type: 'redacted_thinking', data: 'enc' },
              { type: 'tool_use', id: 'c1', name: 'read', input: { path: 'a' } },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'text' }], cache_control },
            ],
          },
        ],
      },
    );
  });

  it('marks no more than the service allows', () => {
    const long = [user('1'), thought, result, { ...thought }, result, { ...thought }, user('2')];
    const tools = [{ name: 'read', description: '', inputSchema: {} }];
    const text = JSON.stringify(requestBody(request(long, { tools }), adaptive));
    assert.equal(text.split('"cache_control"').length - 1, 4);
  });

  it('leaves out what was sealed for another model or by another vendor', () => {
    for (const other of [
      { ...thought, model: 'claude-sonnet-5-5' },
      { ...thought, vendor: 'openai' },
    ]) {
      const { messages } = requestBody(request([user('one'), other, result]), adaptive);
      assert.deepEqual(messages[1]?.content, [{ type: 'tool_use', id: 'c1', name: 'read', input: { path: 'a' } }]);
    }
  });

  it('asks older models for thinking with a budget, except in a turn that began without', () => {
    const older = (message: ModelMessage) =>
      requestBody(request([user('one'), message, result], { model: 'claude-sonnet-4-5-20250929' }), budget).thinking;
    assert.deepEqual(older({ ...thought, model: 'claude-sonnet-4-5-20250929' }), {
      type: 'enabled',
      budget_tokens: 10_000,
    });
    assert.equal(older(thought), undefined);
    assert.equal(requestBody(request([user('one')], { model: 'local' }), unknownModel).thinking, undefined);
    assert.equal(requestBody(request([user('one')], { model: 'local' }), unknownModel).max_tokens, 8_192);
  });

  it('names the tools although none may be called', () => {
    const tools = [{ name: 'read', description: '', inputSchema: {} }];
    assert.deepEqual(requestBody(request([user('one')], { tools, toolUse: 'none' }), adaptive).tool_choice, {
      type: 'none',
    });
    assert.equal('tools' in requestBody(request([user('one')]), adaptive), false);
  });

  it('carries images, says what cannot be shown, and never sends what would be refused', () => {
    const picture = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const;
    const body = requestBody(
      request([
        { role: 'user', blocks: [picture, { type: 'image', mediaType: 'image/tiff', data: 'AAAA' }] },
        { ...thought, blocks: [{ type: 'call', id: 'c1', name: 'read', inputText: '{"broken' }] },
        {
          role: 'user',
          blocks: [
            { type: 'result', callId: 'c1', name: 'read', text: ' ', isError: true, images: [] },
            { type: 'result', callId: 'c2', name: 'read', text: '', isError: false, images: [picture] },
          ],
        },
      ]),
      adaptive,
    );
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    assert.deepEqual(
      body.messages.map(({ content }) => content),
      [
        [image, { type: 'text', text: '(an image of the kind image/tiff, which cannot be shown)', cache_control }],
        [{ type: 'tool_use', id: 'c1', name: 'read', input: {} }],
        [
          { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: '(no output)' }], is_error: true },
          { type: 'tool_result', tool_use_id: 'c2', content: [image], cache_control },
        ],
      ],
    );
  });

  it('sends nothing that is no valid text, name or object, whatever a model or a tool has said', () => {
    const half = '\u{1F600}'.slice(0, 1);
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const calls = [
      ['a b/c', 'read the file!', `{"path":"${half}","${half}":[1,"${half}"]}`],
      ['', '', '[1]'],
      ['c3', 'x'.repeat(300), '"text"'],
      ['c4', 'read', deep],
      ['c5', 'read', '{"path":"\\ud83d"}'],
    ] as const;
    const body = requestBody(
      request(
        [
          user(`half a face: ${half}`),
          { ...thought, blocks: calls.map(([id, name, inputText]) => ({ type: 'call', id, name, inputText })) },
          {
            role: 'user',
            blocks: calls.map(([callId, name]) => ({
              type: 'result',
              callId,
              name,
              text: `cut off ${half}`,
              isError: false,
              images: [],
            })),
          },
        ],
        { system: `said ${half}`, tools: [{ name: 'read', description: half, inputSchema: {} }] },
      ),
      adaptive,
    );
    assert.equal(messagesProblem(body), undefined);
    const [first] = body.messages[1]?.content ?? [];
    assert.deepEqual(first, {
      type: 'tool_use',
      id: 'a_20b_2fc',
      name: 'read_the_file_',
      input: { path: '\ufffd', '\ufffd': [1, '\ufffd'] },
    });
  });
});
