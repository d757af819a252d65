import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { messagesProblem } from './messagesProblem.ts';
import type { ErrorStep, ModelRequest, RawStep, ReplyBlock, ReplyStep, Step } from './steps.ts';

export interface ModelServerOptions {
  /** Played in order, one for each main request; the last one stays. */
  readonly steps: readonly Step[];
  /** What requests beside the conversation get: titles, warm-ups. */
  readonly side?: Step;
  /** What requests for models get. */
  readonly models?: ErrorStep | RawStep;
  /** Refuses what the real service would refuse of a conversation. */
  readonly strict?: boolean;
  /** Headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ModelServer {
  readonly url: string;
  /** In the order they came. */
  readonly requests: readonly ModelRequest[];
  /** The requests that took a step. */
  readonly main: readonly ModelRequest[];
  /** Replaces what has not been played yet. */
  play(steps: readonly Step[]): void;
  /** Resolves once this many main requests have come. */
  untilMain(count: number): Promise<void>;
  close(): Promise<void>;
}

const defaultChunkChars = 12;
const defaultUsage = {
  input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 300,
  output_tokens: 1,
};
const defaultOutputTokens = 42;

/** A server on loopback that speaks the Anthropic Messages API and plays a script. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const main: ModelRequest[] = [];
  const waiters: { readonly count: number; readonly resolve: () => void }[] = [];
  const closing = Promise.withResolvers<void>();
  let steps = [...options.steps];
  let messages = 0;

  const server = http.createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body = await readJson(incoming);
    const url = incoming.url ?? '';
    const isMessages = /^\/v1\/messages(?:\?|$)/.test(url);
    const aborted = new Promise<void>((resolve) => {
      response.on('close', () => {
        if (!response.writableFinished) {
          resolve();
        }
      });
    });
    const isMain = isMessages && isConversation(body);
    const request: ModelRequest = {
      method: incoming.method ?? '',
      url,
      headers: incoming.headers,
      body,
      main: isMain,
      aborted,
    };
    requests.push(request);
    if (isMain) {
      main.push(request);
      for (const waiter of waiters) {
        if (main.length >= waiter.count) {
          waiter.resolve();
        }
      }
    }
    if (!isMessages) {
      const { models } = options;
      if (models === undefined || !url.startsWith('/v1/models')) {
        sendOther(url, response);
      } else if ('raw' in models) {
        sendRaw(models, response);
      } else {
        sendError(models, response);
      }
      return;
    }
    const problem = options.strict === true ? messagesProblem(body) : undefined;
    if (problem !== undefined) {
      sendError({ status: 400, errorType: 'invalid_request_error', message: problem }, response);
      return;
    }
    let step: Step = isMain ? nextStep() : (options.side ?? { reply: [{ type: 'text', text: 'side' }] });
    while (typeof step === 'function') {
      step = step(request);
    }
    if ('hangUp' in step) {
      incoming.socket.destroy();
    } else if ('raw' in step) {
      sendRaw(step, response);
    } else if ('status' in step) {
      sendError(step, response);
    } else {
      await sendReply(step, request, response);
    }
  }

  function nextStep(): Step {
    const step = steps[0] ?? { status: 400, message: 'the script is at its end' };
    if (steps.length > 1) {
      steps = steps.slice(1);
    }
    return step;
  }

  function headersOf(step: ReplyStep | ErrorStep): Record<string, string> {
    return { 'request-id': `req_test_${requests.length}`, ...options.headers, ...step.headers };
  }

  function sendError(step: ErrorStep, response: http.ServerResponse): void {
    response.writeHead(step.status, { 'content-type': 'application/json', ...headersOf(step) });
    response.end(
      JSON.stringify({
        type: 'error',
        error: { type: step.errorType ?? 'api_error', message: step.message ?? 'an error of the script' },
      }),
    );
  }

  async function sendReply(step: ReplyStep, request: ModelRequest, response: http.ServerResponse): Promise<void> {
    messages += 1;
    const usage = { ...defaultUsage, ...step.usage };
    const stopReason =
      step.stopReason ?? (step.reply.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn');
    const message = {
      id: `msg_test_${String(messages).padStart(4, '0')}`,
      type: 'message',
      role: 'assistant',
      model: request.body?.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    const outputTokens = step.outputTokens ?? defaultOutputTokens;
    if (request.body?.stream !== true) {
      if (typeof step.fault === 'object') {
        sendError({ status: 400, errorType: step.fault.type, message: step.fault.message }, response);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json', ...headersOf(step) });
      const content = step.reply.map((block) => (block.type === 'thinking' ? { ...block, signature: 'c2ln' } : block));
      response.end(
        JSON.stringify({
          ...message,
          content,
          stop_reason: stopReason,
          usage: { ...usage, output_tokens: outputTokens },
        }),
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headersOf(step) });
    const stream = new EventStream(response, step, closing.promise);
    await stream.send({ type: 'message_start', message });
    for (const [index, block] of step.reply.entries()) {
      await stream.block(index, block, step.fault === undefined || index < step.reply.length - 1);
    }
    switch (step.fault) {
      case undefined:
        break;
      case 'cut':
        response.destroy();
        return;
      case 'stall':
        await Promise.race([closing.promise, request.aborted]);
        return;
      default:
        await stream.send({ type: 'error', error: step.fault });
        response.end();
        return;
    }
    await stream.send({
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { output_tokens: outputTokens },
    });
    await stream.send({ type: 'message_stop' });
    response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    main,
    play(next) {
      steps = [...next];
    },
    untilMain(count) {
      return new Promise((resolve) => {
        if (main.length >= count) {
          resolve();
        } else {
          waiters.push({ count, resolve });
        }
      });
    },
    async close() {
      closing.resolve();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The events of one reply, in the pieces and at the pace that the step asks for. */
class EventStream {
  readonly #response: http.ServerResponse;
  readonly #step: ReplyStep;
  readonly #closing: Promise<void>;
  #chunks = 0;

  constructor(response: http.ServerResponse, step: ReplyStep, closing: Promise<void>) {
    this.#response = response;
    this.#step = step;
    this.#closing = closing;
  }

  async send(event: { readonly type: string; readonly [key: string]: unknown }): Promise<void> {
    if (!this.#response.writable) {
      return;
    }
    if (!this.#response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)) {
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          this.#response.off('drain', goOn).off('close', goOn);
          resolve();
        };
        this.#response.on('drain', goOn).on('close', goOn);
      });
    }
  }

  async block(index: number, block: ReplyBlock, complete: boolean): Promise<void> {
    switch (block.type) {
      case 'text':
        await this.send({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
        await this.#pieces(block.text, (text) => this.#delta(index, { type: 'text_delta', text }));
        break;
      case 'thinking':
        await this.send({
          type: 'content_block_start',
          index,
          content_block: { type: 'thinking', thinking: '', signature: '' },
        });
        await this.#pieces(block.thinking, (thinking) => this.#delta(index, { type: 'thinking_delta', thinking }));
        await this.#delta(index, { type: 'signature_delta', signature: 'c2lnbmF0dXJl' });
        break;
      case 'tool_use':
        await this.send({
          type: 'content_block_start',
          index,
          content_block: { type: 'tool_use', id: block.id, name: block.name, input: {} },
        });
        await this.#pieces(JSON.stringify(block.input), (partial_json) =>
          this.#delta(index, { type: 'input_json_delta', partial_json }),
        );
        break;
    }
    if (complete) {
      await this.send({ type: 'content_block_stop', index });
    }
  }

  #delta(index: number, delta: Readonly<Record<string, unknown>>): Promise<void> {
    return this.send({ type: 'content_block_delta', index, delta });
  }

  async #pieces(text: string, send: (piece: string) => Promise<void>): Promise<void> {
    const { chunkChars = defaultChunkChars, cutAtChunk, delayMs, pause, onPiece } = this.#step;
    for (let at = 0; at < text.length; at += chunkChars) {
      if (pause?.atChunk === this.#chunks) {
        await Promise.race([pause.until, this.#closing]);
      }
      onPiece?.(this.#chunks);
      if (cutAtChunk === this.#chunks) {
        this.#response.destroy();
      }
      this.#chunks += 1;
      await send(text.slice(at, at + chunkChars));
      if (delayMs !== undefined && this.#response.writable) {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }
}

/** Requests with tools are the conversation or a sub-agent's; the rest are titles, warm-ups and the like. */
// oxlint-disable-next-line typescript/no-explicit-any
function isConversation(body: any): boolean {
  return (
    Array.isArray(body?.tools) &&
    body.tools.length > 0 &&
    !/haiku/.test(body.model ?? '') &&
    !JSON.stringify(body.messages?.at(-1) ?? '').includes('Warmup')
  );
}

function sendOther(url: string, response: http.ServerResponse): void {
  const isCount = url.includes('count_tokens');
  const isModels = url.includes('/v1/models');
  response.writeHead(isCount || isModels ? 200 : 404, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(
      isCount
        ? { input_tokens: 1234 }
        : isModels
          ? { data: [], has_more: false }
          : { type: 'error', error: { type: 'not_found_error', message: url } },
    ),
  );
}

function sendRaw({ raw, contentType, status }: RawStep, response: http.ServerResponse): void {
  response.writeHead(status ?? 200, contentType === undefined ? {} : { 'content-type': contentType });
  response.end(raw);
}

async function readJson(incoming: http.IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) {
    pieces.push(piece as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    return {};
  }
}
