import { Deferred } from '../../../../src/base/async.ts';
import type { Clock } from '../../../../src/base/clock.ts';
import { toDisposable } from '../../../../src/base/lifecycle.ts';
import type { AgentProcess, LaunchSpec, ProcessEnd } from '../../../../src/core/ports.ts';
import type { ApprovalGate, RunContext, Runtime } from '../../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { claudeCodeKind } from '../../../../src/runtimes/claudeCode/claudeCodeKind.ts';

/** Time that passes only when it is told to. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void) {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.push(timer);
    return toDisposable(() => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    });
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) {
        break;
      }
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A CLI that does what the test says. */
export class FakeCli implements AgentProcess {
  readonly pid = 4242;
  readonly transport = 'pty';
  readonly spec: LaunchSpec;
  readonly frames: Frame[] = [];
  readonly calls: string[] = [];
  /** Answers `initialize` at once. */
  readonly polite: boolean;
  /** Lives on when it is asked to end. */
  stubborn = false;
  readonly #end = new Deferred<ProcessEnd>();
  readonly ended = this.#end.promise;
  #listener: (bytes: Uint8Array) => void = () => undefined;

  constructor(spec: LaunchSpec, polite: boolean) {
    this.spec = spec;
    this.polite = polite;
  }

  onOutput(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
  }

  write(text: string): Promise<void> {
    const frame = JSON.parse(text) as Frame;
    this.frames.push(frame);
    const request = frame['request'] as { subtype?: string } | undefined;
    if (this.polite && request?.subtype === 'initialize') {
      queueMicrotask(() => this.answer(String(frame['request_id'])));
    }
    return Promise.resolve();
  }

  endInput(): void {
    this.calls.push('endInput');
  }

  interrupt(): Promise<void> {
    this.calls.push('interrupt');
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.calls.push('stop');
    this.exit(143);
    await this.ended;
  }

  say(...lines: readonly object[]): void {
    this.print(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  print(text: string): void {
    this.#listener(Buffer.from(text));
  }

  exit(code: number): void {
    this.#end.resolve({ code });
  }

  answer(requestId: string, response: object = {}): void {
    this.say({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } });
  }

  /** What was asked of it through the control protocol. */
  requests(subtype: string): readonly Frame[] {
    return this.frames.filter((frame) => (frame['request'] as { subtype?: string } | undefined)?.subtype === subtype);
  }

  prompts(): readonly unknown[] {
    return this.frames
      .filter(({ type }) => type === 'user')
      .map((frame) => (frame['message'] as { content: unknown }).content);
  }

  /** Our answer to one of its requests. */
  reply(requestId: string): unknown {
    const frame = this.frames.find(
      ({ type, response }) =>
        type === 'control_response' && (response as { request_id?: string }).request_id === requestId,
    );
    return (frame?.['response'] as { response?: unknown } | undefined)?.response;
  }
}

export const init = {
  type: 'system',
  subtype: 'init',
  session_id: 'native',
  model: 'm',
  claude_code_version: '2.1.328',
};
export const success = { type: 'result', subtype: 'success', is_error: false, duration_ms: 1, num_turns: 1, usage: {} };

export interface Bench {
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[];
  readonly clis: FakeCli[];
  readonly context: RunContext;
  /** The CLI that runs now. */
  cli(): FakeCli;
  start(): Promise<unknown>;
  ends(): readonly RuntimeEvent[];
  /** Another run of the same kind, with the same clock and the same list of CLIs. */
  another(): Promise<Bench>;
}

/** A runtime on fakes. */
export async function createBench(
  options: {
    readonly context?: Partial<RunContext>;
    readonly gate?: Partial<ApprovalGate>;
    readonly polite?: boolean;
    /** Instead of starting a CLI. */
    readonly launch?: () => Promise<AgentProcess>;
  } = {},
): Promise<Bench> {
  const clock = new FakeClock();
  const clis: FakeCli[] = [];
  let ids = 0;
  const kind = claudeCodeKind({
    clock,
    ids: { uuid: () => `id${(ids += 1)}` },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    launcher: {
      launch(spec) {
        if (options.launch !== undefined) {
          return options.launch();
        }
        const cli = new FakeCli(spec, options.polite ?? true);
        clis.push(cli);
        return Promise.resolve(cli);
      },
    },
    environment: () => ({ PATH: '/bin', HOME: '/home/x', MY_TOKEN: 'a-secret-token' }),
    findExecutable: (name) => `/usr/bin/${name}`,
    readText: () => Promise.resolve(undefined),
    realPath: (path) => Promise.resolve(path),
    listFiles: () => Promise.resolve([]),
    readLines: () => Promise.resolve(),
    writeSecretFile: () => Promise.reject(new Error('not expected')),
    digest: (text) => `digest of ${text}`,
  });
  const context: RunContext = {
    sessionId: 's',
    run: 1,
    agentName: 'Claude Code',
    command: 'claude',
    args: [],
    env: {},
    prompt: 'go',
    cwd: '/home/x/work',
    projectRoot: '/home/x/work',
    inactivityTimeoutSeconds: 300,
    idleSeconds: 600,
    mode: 'ask',
    permissionMode: 'inherit',
    loadProjectSettings: false,
    approvals: {
      judge: () => Promise.resolve({ kind: 'allow', reason: 'fine' }),
      ask: () => Promise.resolve({ kind: 'allow' }),
      askQuestions: () => Promise.resolve(undefined),
      approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
      ...options.gate,
    },
    ...options.context,
  };
  return createRun();

  async function createRun(): Promise<Bench> {
    const runtime = await kind.create();
    const events: RuntimeEvent[] = [];
    return {
      clock,
      runtime,
      events,
      clis,
      context,
      cli() {
        const cli = clis.at(-1);
        if (cli === undefined) {
          throw new Error('no process was started');
        }
        return cli;
      },
      async start() {
        const done = runtime.start(context, (event) => events.push(event));
        await settle();
        return { done };
      },
      ends: () => events.filter(({ type }) => type === 'turnComplete' || type === 'turnCancelled'),
      another: createRun,
    };
  }
}
