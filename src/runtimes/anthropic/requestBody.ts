import type {
  CacheControlEphemeral,
  ContentBlockParam,
  ImageBlockParam,
  MessageCreateParamsStreaming,
  TextBlockParam,
  ThinkingConfigParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import { isRecord, parseJson } from '../../base/json.ts';
import type { AnswerBlock, ImageBlock } from '../shared/history.ts';
import type { ModelMessage, UserBlock } from '../shared/modelMessages.ts';
import type { ModelRequest } from '../shared/modelVendor.ts';
import type { AnthropicModel } from './models.ts';
import { decodeSeal } from './seal.ts';
import { sendable, sendableId, sendableName } from './sendable.ts';

/** Longer answers are rare, and cut ones are continued. */
const maxAnswerTokens = 32_000;
const thinkingBudgetTokens = 10_000;
/** The service allows four marks: one for the tools, one for the system prompt, the others for the newest messages. */
const cachedMessages = 2;
/** Marks what only this service can read. */
export const vendorId = 'anthropic';
const cache: CacheControlEphemeral = { type: 'ephemeral' };
const imageTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

interface Sent {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlockParam[];
}

/** The request as the Messages API wants it. What stays the same from call to call is marked for its cache. */
export function requestBody(request: ModelRequest, model: AnthropicModel): MessageCreateParamsStreaming {
  const thinking = thinkingOf(request, model);
  return sendable({
    model: request.model,
    max_tokens: Math.min(model.maxOutputTokens, maxAnswerTokens),
    stream: true,
    system: [{ type: 'text', text: request.system, cache_control: cache }],
    messages: withCacheMarks(request.messages.map((message) => messageOf(message, request.model, thinking))),
    ...(request.tools.length === 0
      ? {}
      : { tools: toolsOf(request), tool_choice: { type: request.toolUse === 'none' ? 'none' : 'auto' } }),
    ...(thinking === undefined ? {} : { thinking }),
  });
}

/** The older way of thinking wants every turn with calls to begin with it: what has been cut or was another model's does not. */
function thinkingOf(request: ModelRequest, model: AnthropicModel): ThinkingConfigParam | undefined {
  switch (model.thinking) {
    case 'adaptive':
      return { type: 'adaptive', display: 'summarized' };
    case 'none':
      return undefined;
    case 'budget': {
      const last = request.messages.findLast((message) => message.role === 'assistant');
      const isOpen = last !== undefined && last.blocks.some((block) => block.type === 'call');
      const enabled = { type: 'enabled', budget_tokens: thinkingBudgetTokens } as const;
      const first = isOpen ? messageOf(last, request.model, enabled).content[0]?.type : undefined;
      return !isOpen || first === 'thinking' || first === 'redacted_thinking' ? enabled : undefined;
    }
  }
}

function toolsOf({ tools }: ModelRequest): Tool[] {
  return tools.map(({ name, description, inputSchema }, index) => ({
    name,
    description,
    input_schema: inputSchema as unknown as Tool['input_schema'],
    ...(index === tools.length - 1 ? { cache_control: cache } : {}),
  }));
}

function messageOf(message: ModelMessage, model: string, thinking: ThinkingConfigParam | undefined): Sent {
  if (message.role === 'user') {
    return { role: 'user', content: message.blocks.flatMap(userBlock) };
  }
  // Another model's thinking is sealed for that one.
  const isOwn = thinking !== undefined && message.vendor === vendorId && message.model === model;
  return {
    role: 'assistant',
    content: message.blocks.flatMap((block) => (block.type === 'reasoning' && !isOwn ? [] : answerBlock(block))),
  };
}

function userBlock(block: UserBlock): ContentBlockParam[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }];
    case 'image':
      return [imageBlock(block)];
    case 'result':
      return [
        {
          type: 'tool_result',
          tool_use_id: sendableId(block.callId),
          content: [
            ...(block.text.trim() === '' && block.images.length > 0 ? [] : [textOrNothing(block.text)]),
            ...block.images.map(imageBlock),
          ],
          ...(block.isError ? { is_error: true } : {}),
        },
      ];
  }
}

/** Text without words is refused. */
function textOrNothing(text: string): TextBlockParam {
  return { type: 'text', text: text.trim() === '' ? '(no output)' : text };
}

function imageBlock({ mediaType, data }: ImageBlock): ImageBlockParam | TextBlockParam {
  return imageTypes.includes(mediaType)
    ? {
        type: 'image',
        source: { type: 'base64', media_type: mediaType as 'image/png', data },
      }
    : { type: 'text', text: `(an image of the kind ${mediaType}, which cannot be shown)` };
}

function answerBlock(block: AnswerBlock): ContentBlockParam[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }];
    case 'call': {
      const input = parseJson(block.inputText);
      return [
        {
          type: 'tool_use',
          id: sendableId(block.id),
          name: sendableName(block.name),
          input: isRecord(input) ? input : {},
        },
      ];
    }
    case 'reasoning': {
      const { signature, redacted } = decodeSeal(block.seal);
      if (redacted !== undefined) {
        return [{ type: 'redacted_thinking', data: redacted }];
      }
      return signature === undefined || signature === '' ? [] : [{ type: 'thinking', thinking: block.text, signature }];
    }
  }
}

/** Marks the ends of the newest messages of the user: up to there the next call finds everything in the cache. */
function withCacheMarks(messages: Sent[]): Sent[] {
  let marks = cachedMessages;
  for (const message of messages.toReversed()) {
    const last = message.content.at(-1);
    if (marks === 0) {
      break;
    }
    if (message.role === 'user' && last !== undefined && isMarkable(last)) {
      message.content[message.content.length - 1] = { ...last, cache_control: cache };
      marks -= 1;
    }
  }
  return messages;
}

function isMarkable(
  block: ContentBlockParam,
): block is Extract<ContentBlockParam, { type: 'text' | 'image' | 'tool_result' }> {
  return block.type === 'text' || block.type === 'image' || block.type === 'tool_result';
}
