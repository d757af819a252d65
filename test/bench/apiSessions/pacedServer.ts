import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { epochMs, stageNonce } from '../slots/script.ts';

export interface PacedServer {
  readonly url: string;
  /** Resolves when so many streams wait for their first delta. */
  waiting(streams: number): Promise<void>;
  /** Writes `count` deltas to each stream that waits, `perSecond` of them, each by itself, and ends the streams. */
  speak(count: number, perSecond: number): Promise<readonly number[]>;
  close(): void;
}

const frame = (event: { readonly type: string }): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
const piece = (at: number): string =>
  frame({
    type: 'content_block_delta',
    ...{ index: 0, delta: { type: 'text_delta', text: `#${String(at).padStart(5, '0')} some words ` } },
  });
const beginning =
  frame({ type: 'message_start', ...{ message: { usage: { input_tokens: 1, output_tokens: 1 } } } }) +
  frame({ type: 'content_block_start', ...{ index: 0, content_block: { type: 'text', text: '' } } });
const ending =
  frame({ type: 'content_block_stop', ...{ index: 0 } }) +
  frame({ type: 'message_delta', ...{ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } } }) +
  frame({ type: 'message_stop' });

/** A service that speaks to many at once at a steady pace, and knows when it wrote what. */
export async function startPacedServer(): Promise<PacedServer> {
  let streams: { readonly response: http.ServerResponse; readonly isOnStage: boolean }[] = [];
  let changed = Promise.withResolvers<void>();
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.socket?.setNoDelay(true);
      response.write(beginning);
      streams.push({ response, isOnStage: body.includes(stageNonce) });
      changed.resolve();
      changed = Promise.withResolvers();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: async (count) => {
      while (streams.length < count) {
        await changed.promise;
      }
    },
    speak: async (count, perSecond) => {
      const speaking = streams;
      streams = [];
      const written: number[] = [];
      const startedAt = performance.now();
      for (let next = 0; next < count;) {
        const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * perSecond) + 1);
        for (; next < due; next++) {
          const text = piece(next);
          for (const { response, isOnStage } of speaking) {
            if (isOnStage) {
              written[next] = epochMs();
            }
            response.write(text);
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      for (const { response } of speaking) {
        response.end(ending);
      }
      return written;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
