// The same streams, read by the simplest things that read them, for `apiSessions.bench.ts`: `floorHost.ts url way`.
import Anthropic from '@anthropic-ai/sdk';
import { createParser } from 'eventsource-parser';
import { Meter } from '../slots/meter.ts';
import { type FromHost, slotNonce, slots, stageNonce, type ToHost } from '../slots/script.ts';

const [url = '', way = ''] = process.argv.slice(2);
const tell = (message: FromHost): boolean | undefined => process.send?.(message);
const meter = new Meter();
let reading: readonly Promise<void>[] = [];

const question = (nonce: string) => ({
  model: 'claude-sonnet-5-5',
  max_tokens: 1_000,
  messages: [{ role: 'user' as const, content: `Write about ${nonce}.` }],
});

async function* bytesOf(nonce: string): AsyncGenerator<string> {
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', body: JSON.stringify(question(nonce)) });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    yield decoder.decode(bytes, { stream: true });
  }
}

async function readBytes(nonce: string): Promise<void> {
  for await (const text of bytesOf(nonce)) {
    if (nonce === stageNonce) {
      meter.saw(text);
    }
  }
}

async function readParsed(nonce: string): Promise<void> {
  const parser = createParser({
    onEvent: ({ data }) => {
      const event = JSON.parse(data) as { readonly delta?: { readonly text?: string } };
      if (nonce === stageNonce) {
        meter.saw(event.delta?.text ?? '');
      }
    },
  });
  for await (const text of bytesOf(nonce)) {
    parser.feed(text);
  }
}

async function readBySdk(nonce: string): Promise<void> {
  const client = new Anthropic({ apiKey: 'not-a-key-but-a-dummy', baseURL: url, maxRetries: 0, openTelemetry: false });
  for await (const event of await client.messages.create({ ...question(nonce), stream: true })) {
    if (nonce === stageNonce && event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
      meter.saw(event.delta.text);
    }
  }
}

const read = { bytes: readBytes, parsed: readParsed, sdk: readBySdk }[way] ?? readBytes;

process.on('message', (message: ToHost) => {
  switch (message) {
    case 'everybody':
      reading = [...Array.from({ length: slots }, (_, slot) => slotNonce(slot)), stageNonce].map(read);
      tell({ type: 'started' });
      break;
    case 'measure':
      meter.start();
      tell({ type: 'measuring' });
      void Promise.all(reading).then(() => tell({ type: 'measured', measured: meter.stop() }));
      break;
    default:
      process.disconnect();
  }
});
