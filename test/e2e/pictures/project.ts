/** The little project in the pictures: a ticket desk that has to limit how often it is asked. */
export const project: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "ticket-desk",
  "type": "module",
  "scripts": { "start": "node src/server.ts", "test": "node --test" }
}
`,
  'README.md': '# Ticket desk\n\nSells the seats of a small theatre over HTTP.\n',
  'src/server.ts': `import { createServer } from 'node:http';
import { RateLimiter } from './rateLimiter.ts';
import { handle } from './routes.ts';

const limiter = new RateLimiter();

createServer((request, response) => {
  if (!limiter.allows(request)) {
    response.writeHead(429).end('Too many requests');
    return;
  }
  handle(request, response);
}).listen(8080);
`,
  'src/rateLimiter.ts': `import type { IncomingMessage } from 'node:http';
import { Budgets } from './budgets.ts';

/** Refuses who asks too often. */
export class RateLimiter {
  readonly #budgets = new Budgets(60);

  allows({ socket }: IncomingMessage): boolean {
    return this.#budgets.shared.spend();
  }
}
`,
  'src/routes.ts': `import type { IncomingMessage, ServerResponse } from 'node:http';

export function handle(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ path: request.url, seats: 120 }));
}
`,
  'test/rateLimiter.test.ts': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimiter } from '../src/rateLimiter.ts';

test('allows as many requests as it is told', () => {
  const limiter = new RateLimiter();
  const from = (remoteAddress: string) => ({ socket: { remoteAddress } }) as never;
  assert.deepEqual([1, 2, 3].map(() => limiter.allows(from('a'))), [true, true, false]);
});
`,
};

export const limiterBefore = '    return this.#budgets.shared.spend();';

export const limiterAfter = [
  "    const client = socket.remoteAddress ?? '';",
  '    return this.#budgets.of(client).spend();',
].join('\n');
