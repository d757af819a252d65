// The same CLIs, read by the simplest thing that reads them, for `slots.bench.ts`: `bareHost.ts url root`.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { buildArgs } from '../../../src/runtimes/claudeCode/args.ts';
import { isolationEnv } from '../../../src/runtimes/claudeCode/projectIsolation.ts';
import { claudeCli } from '../../integration/claudeCode/harness.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { Meter } from './meter.ts';
import { type FromHost, slotNonce, slots, stageNonce, type ToHost } from './script.ts';

const [url = '', root = ''] = process.argv.slice(2);
const tell = (message: FromHost): boolean | undefined => process.send?.(message);
const [home, tmp, cwd] = ['h', 't', 'w'].map((name) => path.join(root, name)) as [string, string, string];
for (const folder of [home, tmp, cwd]) {
  mkdirSync(folder);
}
const args = buildArgs({
  args: [],
  model: undefined,
  mode: 'ask',
  permissionMode: 'inherit',
  nativeSessionId: undefined,
  isolation: { folders: [cwd], mcpConfigFile: undefined },
});
const env = { ...cleanClaudeEnv({ home, tmp, url }), ...isolationEnv, NO_COLOR: '1' };
const meter = new Meter();
const endOfTurn = Buffer.from('"type":"result"');

/** A CLI whose output is counted, and not looked into but for the end of its turn. */
class BareCli {
  readonly #cli: ChildProcessByStdio<Writable, Readable, null>;
  readonly #nonce: string;
  #turnEnded = Promise.withResolvers<void>();
  bytes = 0;

  constructor(nonce: string) {
    this.#nonce = nonce;
    this.#cli = spawn(claudeCli(), args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#write({ type: 'control_request', request_id: 'greeting', request: { subtype: 'initialize' } });
    let before = Buffer.alloc(0);
    this.#cli.stdout.on('data', (bytes: Buffer) => {
      this.bytes += bytes.length;
      if (nonce === stageNonce) {
        meter.saw(bytes.toString('latin1'));
      }
      if (
        Buffer.concat([before, bytes.subarray(0, endOfTurn.length)]).includes(endOfTurn) ||
        bytes.includes(endOfTurn)
      ) {
        this.#turnEnded.resolve();
      }
      before = Buffer.from(bytes.subarray(-endOfTurn.length));
    });
  }

  get turnEnded(): Promise<void> {
    return this.#turnEnded.promise;
  }

  speak(): void {
    this.#turnEnded = Promise.withResolvers();
    this.#write({ type: 'user', message: { role: 'user', content: `Write about ${this.#nonce}.` } });
  }

  async end(): Promise<void> {
    const exited = new Promise((resolve) => this.#cli.once('exit', resolve));
    this.#cli.stdin.end();
    await exited;
  }

  #write(frame: object): void {
    this.#cli.stdin.write(`${JSON.stringify(frame)}\n`);
  }
}

let clis: BareCli[] = [];
let speaking: readonly BareCli[] = [];

const speak = (everybody: boolean): Promise<void> => {
  if (clis.length === 0) {
    clis = Array.from({ length: slots }, (_, slot) => new BareCli(slotNonce(slot)));
  }
  if (everybody) {
    clis.push(new BareCli(stageNonce));
  }
  speaking = clis;
  for (const cli of speaking) {
    cli.speak();
  }
  tell({ type: 'started' });
  return Promise.resolve();
};

async function measure(): Promise<void> {
  meter.start();
  tell({ type: 'measuring' });
  await Promise.all(speaking.map((cli) => cli.turnEnded));
  tell({ type: 'measured', measured: meter.stop() });
}

async function end(): Promise<void> {
  await Promise.all(clis.map((cli) => cli.end()));
  process.disconnect();
}

const does: Readonly<Record<ToHost, () => Promise<void>>> = {
  background: () => speak(false),
  everybody: () => speak(true),
  measure,
  last: () => Promise.resolve(),
  end,
};
process.on('message', (message: ToHost) => {
  void does[message]();
});
