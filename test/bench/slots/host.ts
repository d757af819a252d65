import { type ChildProcess, fork } from 'node:child_process';
import type { FromHost, Measured, ToHost } from './script.ts';

const hostLimitMs = 180_000;

/** A process that says what it has measured. */
export class Host {
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #failed = Promise.withResolvers<never>();
  readonly #heard: FromHost[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(script: string, args: readonly string[]) {
    this.#failed.promise.catch(() => undefined);
    this.#process = fork(script, args, { execArgv: ['--expose-gc'] });
    this.#process.on('message', (message: FromHost) => {
      this.#heard.push(message);
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    });
    this.ended = new Promise((resolve) =>
      this.#process.once('exit', (code) => {
        this.#failed.reject(new Error(`the host ended with ${code}`));
        resolve();
      }),
    );
    const patience = setTimeout(() => this.#failed.reject(new Error('the host takes too long')), hostLimitMs);
    void this.ended.then(() => clearTimeout(patience));
  }

  send(message: ToHost): void {
    this.#process.send(message);
  }

  async until<T extends FromHost['type']>(type: T): Promise<Extract<FromHost, { readonly type: T }>> {
    for (;;) {
      const index = this.#heard.findIndex((message) => message.type === type);
      const [found] = index < 0 ? [] : this.#heard.splice(index, 1);
      if (found !== undefined) {
        return found as Extract<FromHost, { readonly type: T }>;
      }
      await this.orFailure(this.#changed.promise);
    }
  }

  /** Rejects if the host ends before `promise` is settled. */
  orFailure<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#failed.promise]);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/** From the server's write of each piece to the host that has it. */
export function delaysOf(pieces: number, written: readonly number[], seen: Measured['seen']): readonly number[] {
  const delays: number[] = [];
  let next = 0;
  for (const [piece, at] of seen) {
    for (; next <= piece; next++) {
      delays.push(at - (written[next] ?? at));
    }
  }
  if (delays.length !== pieces) {
    throw new Error(`${delays.length} of ${pieces} pieces have come`);
  }
  return delays;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
