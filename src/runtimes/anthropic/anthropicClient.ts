import { BaseAnthropic } from '@anthropic-ai/sdk/client';
import { APIError } from '@anthropic-ai/sdk/error';
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages';
import { createParser } from 'eventsource-parser';
import { messageOf } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import type { FailedResponse } from './failures.ts';

export const defaultBaseUrl = 'https://api.anthropic.com';
/** Until the first byte of an answer; from there on whoever waits watches the silence. */
const answerTimeoutMs = 10 * 60_000;
/** Of one event: no answer of a model comes near it. */
const maxEventLength = 32 * 1024 * 1024;
/** What is read of an answer that is no stream. */
const maxOtherLength = 64 * 1024;

/** The one that this version of the SDK speaks. */
export const apiVersion = '2026-10-21';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ClientOptions {
  readonly fetch: Fetch;
  readonly baseUrl: string;
  readonly key: string;
}

/** How a request ended that did not get to its answer. */
export type RequestFailure =
  | { readonly kind: 'response'; readonly response: FailedResponse }
  | { readonly kind: 'network'; readonly message: string };

/**
 * The official SDK with everything given explicitly: it would look for a key, an address and headers in the environment and
 * in files. It does not try again by itself, so that each attempt can be shown and stopped.
 */
export class AnthropicClient {
  readonly #client: BaseAnthropic;

  constructor({ fetch, baseUrl, key }: ClientOptions) {
    const isVendor = baseUrl === defaultBaseUrl;
    this.#client = new BaseAnthropic({
      apiKey: key,
      authToken: null,
      webhookKey: null,
      baseURL: baseUrl,
      maxRetries: 0,
      timeout: answerTimeoutMs,
      logLevel: 'off',
      openTelemetry: false,
      // Another address gets no key that was meant for this one.
      fetchOptions: { redirect: 'manual' },
      fetch: (url, init) =>
        fetch(url instanceof Request ? url.url : url.toString(), {
          ...init,
          headers: headersOf(key, typeof init?.body === 'string', isVendor),
        }),
    });
  }

  /** Gives each event of the answer's stream as it comes. */
  async stream(
    body: MessageCreateParamsStreaming,
    onEvent: (event: unknown) => void,
    onResponse: (requestId: string | undefined) => void,
    signal: AbortSignal,
  ): Promise<RequestFailure | { readonly kind: 'read' } | { readonly kind: 'cut'; readonly message: string }> {
    const response = await this.#request(() => this.#client.post('/v1/messages', { body, stream: true, signal }));
    if (!(response instanceof Response)) {
      return response;
    }
    onResponse(response.headers.get('request-id') ?? undefined);
    const decoder = new TextDecoder();
    // What came while it is not known to be a stream.
    let other: string | undefined = '';
    const parser = createParser({
      maxBufferSize: maxEventLength,
      onEvent: ({ data }) => {
        other = undefined;
        onEvent(parseJson(data));
      },
      // Only says that the service is still there.
      onComment: () => {
        other = undefined;
        onEvent({ type: 'ping' });
      },
    });
    try {
      for await (const bytes of response.body ?? []) {
        const text = decoder.decode(bytes, { stream: true });
        if (other !== undefined && other.length < maxOtherLength) {
          other += text;
        }
        parser.feed(text);
      }
      // A last event whose empty line is missing.
      parser.feed(`${decoder.decode()}\n\n`);
    } catch (error) {
      return { kind: 'cut', message: causes(error) };
    }
    return other === undefined || other.trim() === ''
      ? { kind: 'read' }
      : { kind: 'response', response: failedResponse(response, other) };
  }

  /** An answer that is JSON. */
  async get(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<RequestFailure | { readonly kind: 'json'; readonly value: unknown }> {
    const response = await this.#request(() => this.#client.get(path, { query, signal }));
    if (!(response instanceof Response)) {
      return response;
    }
    try {
      const text = await response.text();
      const value = parseJson(text);
      return value === undefined
        ? { kind: 'response', response: failedResponse(response, text) }
        : { kind: 'json', value };
    } catch (error) {
      return { kind: 'network', message: causes(error) };
    }
  }

  async #request(send: () => ReturnType<BaseAnthropic['post']>): Promise<Response | RequestFailure> {
    try {
      return await send().asResponse();
    } catch (error) {
      if (error instanceof APIError && typeof error.status === 'number') {
        const { status, headers } = error;
        // The SDK puts the status before what is no JSON.
        const text = error.error === undefined ? error.message.replace(/^\d+ /, '') : JSON.stringify(error.error);
        return { kind: 'response', response: { status, text, header: (name) => headers?.get(name) ?? undefined } };
      }
      return { kind: 'network', message: causes(error) };
    }
  }
}

/**
 * All that is sent: what the SDK would add may come from variables of the environment. The key is shown in the service's
 * own way, and in the older one that stands in front of many gateways.
 */
function headersOf(key: string, hasBody: boolean, isVendor: boolean): Headers {
  const headers = new Headers({
    accept: 'application/json',
    'anthropic-version': apiVersion,
    authorization: `Bearer ${key}`,
    'user-agent': 'Greenroom',
  });
  if (hasBody) {
    headers.set('content-type', 'application/json');
  }
  if (!isVendor) {
    headers.set('x-api-key', key);
  }
  return headers;
}

function failedResponse({ status, headers }: Response, text: string): FailedResponse {
  return { status, text, header: (name) => headers.get(name) ?? undefined };
}

/** What is behind an error says more than the error itself: `fetch failed` has a cause. */
function causes(error: unknown): string {
  const messages: string[] = [];
  for (let at: unknown = error; at !== undefined && at !== null && messages.length < 4;) {
    const code = (at as { code?: unknown }).code;
    messages.push(typeof code === 'string' ? `${messageOf(at)} (${code})` : messageOf(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return messages.join(': ');
}
