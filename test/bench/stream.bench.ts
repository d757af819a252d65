import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { createParser } from 'eventsource-parser';
import { ChatFeed } from '../../src/core/chatFeed.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { AnthropicVendor } from '../../src/runtimes/anthropic/anthropicVendor.ts';
import { createHeadless } from '../host/headless.ts';
import { makeStoreFolder } from '../support/storeFolder.ts';
import { median, type Bench } from './bench.ts';
import { noOlderMessages } from '../support/noOlderMessages.ts';

const deltas = 20_000;
const rounds = 5;
const writeBytes = 64 * 1024;
const key = 'not-a-key-but-a-dummy';

/** The bytes of one long answer. */
function answer(): Buffer {
  const events: object[] = [
    { type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...Array.from({ length: deltas }, (_, index) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: ` word ${index}` },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: deltas } },
    { type: 'message_stop' },
  ];
  return Buffer.from(
    events.map((event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

async function serve(bytes: Buffer): Promise<{ readonly url: string; close(): void }> {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (at: number): void => {
      if (at >= bytes.length) {
        response.end();
      } else if (response.write(bytes.subarray(at, at + writeBytes))) {
        setImmediate(send, at + writeBytes);
      } else {
        response.once('drain', () => send(at + writeBytes));
      }
    };
    send(0);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const ask = { model: 'claude-sonnet-5-5', max_tokens: 1_000, messages: [{ role: 'user' as const, content: 'go' }] };

async function parsed(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', body: JSON.stringify(ask) });
  let count = 0;
  const parser = createParser({
    onEvent: ({ data }) => {
      count += (JSON.parse(data) as { type: string }).type === 'content_block_delta' ? 1 : 0;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    parser.feed(decoder.decode(bytes, { stream: true }));
  }
  return count;
}

async function bySdk(url: string): Promise<number> {
  const client = new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0, openTelemetry: false });
  let count = 0;
  for await (const event of await client.messages.create({ ...ask, stream: true })) {
    count += event.type === 'content_block_delta' ? 1 : 0;
  }
  return count;
}

async function byUs(url: string): Promise<number> {
  const vendor = new AnthropicVendor(
    { clock: systemClock, fetch: (place, init) => fetch(place, init), credential: () => Promise.resolve({ key }) },
    url,
  );
  let count = 0;
  const request = { model: ask.model, system: 'x', tools: [], toolUse: 'auto', messages: [] } as const;
  await vendor.call(
    request,
    ({ type }) => {
      count += type === 'text' ? 1 : 0;
    },
    new AbortController().signal,
  );
  return count;
}

/** The whole way: to a session's state, its file, and the messages for a webview. */
async function whole(url: string): Promise<number> {
  const store = makeStoreFolder();
  const { manager } = createHeadless({
    root: store.root,
    cwd: store.root,
    command: 'unused',
    env: {},
    defaultRuntime: 'anthropic',
    anthropic: { url, key },
  });
  await manager.restore();
  const session = await manager.ensureForeground(() => undefined);
  if (session === undefined) {
    throw new Error('no session');
  }
  let sent = 0;
  const feed = new ChatFeed({
    clock: systemClock,
    draftOf: () => '',
    post: (message) => {
      sent += JSON.stringify(message).length;
    },
    awayOf: () => undefined,
    ...noOlderMessages,
  });
  feed.setVisible(true);
  feed.show(session.id, session.model.view);
  feed.needSnapshot();
  session.onDidAppend(({ ops }) => feed.changed(session.id, ops));
  const started = performance.now();
  await session.send('go');
  await session.whenSettled();
  await session.flush();
  const ms = performance.now() - started;
  feed.dispose();
  await manager.close();
  store.dispose();
  if (sent === 0) {
    throw new Error('nothing was sent');
  }
  return ms;
}

async function msOf(run: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const count = await run();
  if (count !== deltas) {
    throw new Error(`${count} of ${deltas} deltas came`);
  }
  return performance.now() - started;
}

export const bench: Bench = {
  name: `A stream of ${deltas} deltas from the Messages API (us for each)`,
  async run() {
    const server = await serve(answer());
    try {
      const times: Record<'parsed' | 'sdk' | 'ours' | 'whole', number[]> = { parsed: [], sdk: [], ours: [], whole: [] };
      for (let round = 0; round < rounds + 1; round++) {
        const measured = {
          parsed: await msOf(() => parsed(server.url)),
          sdk: await msOf(() => bySdk(server.url)),
          ours: await msOf(() => byUs(server.url)),
          whole: await whole(server.url),
        };
        // The first round warms up.
        for (const name of round === 0 ? [] : (Object.keys(times) as (keyof typeof times)[])) {
          times[name].push(measured[name]);
        }
      }
      const us = (name: keyof typeof times): number => (median(times[name]) * 1_000) / deltas;
      const unit = 'us';
      return [
        { name: 'to our events', value: us('ours'), unit, baseline: us('parsed'), baselineName: 'parsing alone' },
        {
          name: 'to our events',
          value: us('ours'),
          unit,
          baseline: us('sdk'),
          baselineName: "the SDK's own stream",
          maxRatio: 1,
        },
        {
          name: 'to the file and the chat',
          value: us('whole'),
          unit,
          baseline: us('parsed'),
          baselineName: 'parsing alone',
        },
        {
          name: 'to the file and the chat',
          value: us('whole'),
          unit,
          baseline: us('sdk'),
          baselineName: "the SDK's own stream",
          maxRatio: 1.5,
        },
      ];
    } finally {
      server.close();
    }
  },
};
