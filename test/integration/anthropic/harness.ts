import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../src/base/clock.ts';
import type { Log } from '../../../src/base/log.ts';
import type { Credential } from '../../../src/core/ports.ts';
import type { ApprovalGate, RunContext, RunResult, Runtime, RuntimeKind } from '../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { defineTool, type Tool } from '../../../src/core/tools/tool.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { anthropicKind } from '../../../src/runtimes/anthropic/anthropicKind.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import type { ErrorStep, RawStep, Step } from '../../modelServer/steps.ts';

export const dummyKey = 'not-a-key-but-a-dummy';

/** Time that passes faster, so that backing off takes no time of the tests. */
export function hurriedClock(times: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * times,
    after: (delayMs, run) => systemClock.after(delayMs / times, run),
  };
}

export interface ApiRunOptions {
  readonly steps: readonly Step[];
  readonly context?: Partial<RunContext>;
  readonly gate?: Partial<ApprovalGate>;
  readonly tools?: readonly Tool[];
  readonly clock?: Clock;
  readonly credential?: () => Promise<Credential | undefined>;
  readonly onEvent?: (event: RuntimeEvent) => void;
  /** What requests for models get. */
  readonly models?: ErrorStep | RawStep;
  /** Instead of the scripted server's. */
  readonly url?: string;
}

/** A run of Claude by API key against a scripted model. */
export class ApiRun {
  readonly server: ModelServer;
  readonly runtime: Runtime;
  readonly kind: RuntimeKind;
  readonly context: RunContext;
  readonly events: RuntimeEvent[] = [];
  complaints: readonly string[] = [];
  result: RunResult | undefined;
  #done: Promise<void> | undefined;
  #listeners: (() => void)[] = [];

  private constructor(server: ModelServer, kind: RuntimeKind, runtime: Runtime, context: RunContext) {
    this.server = server;
    this.kind = kind;
    this.runtime = runtime;
    this.context = context;
  }

  static async create(options: ApiRunOptions): Promise<ApiRun> {
    const server = await startModelServer({
      steps: options.steps,
      strict: true,
      ...(options.models === undefined ? {} : { models: options.models }),
    });
    const complaints: string[] = [];
    const log: Log = {
      info: () => undefined,
      warn: (message) => complaints.push(message),
      error: (message) => complaints.push(message),
    };
    const kind = anthropicKind({
      clock: options.clock ?? systemClock,
      ids: { uuid: () => randomUUID() },
      log,
      platform: 'linux',
      fetch: (url, init) => fetch(url, init),
      credential: options.credential ?? (() => Promise.resolve({ key: dummyKey })),
    });
    const context: RunContext = {
      sessionId: 'session',
      run: 1,
      agentName: 'Claude',
      command: '',
      args: [],
      env: {},
      prompt: 'go',
      cwd: '/work',
      projectRoot: '/work',
      inactivityTimeoutSeconds: 60,
      idleSeconds: 60,
      mode: 'ask',
      permissionMode: 'inherit',
      loadProjectSettings: false,
      baseUrl: options.url ?? server.url,
      tools: options.tools ?? [],
      approvals: { ...allowing, ...options.gate },
      ...options.context,
    };
    const run = new ApiRun(server, kind, await kind.create(), context);
    run.complaints = complaints;
    const { onEvent } = options;
    if (onEvent !== undefined) {
      run.#listeners.push(() => {
        const last = run.events.at(-1);
        if (last !== undefined) {
          onEvent(last);
        }
      });
    }
    return run;
  }

  start(): void {
    this.#done = this.runtime
      .start(this.context, (event) => {
        this.events.push(event);
        for (const listener of [...this.#listeners]) {
          listener();
        }
      })
      .then((result) => {
        this.result = result;
      });
  }

  /** Resolves with the first event that fits, of those there are and those that come. */
  until(fits: (event: RuntimeEvent) => boolean): Promise<RuntimeEvent> {
    let next = 0;
    return new Promise((resolve) => {
      const look = (): void => {
        for (; next < this.events.length; next++) {
          const event = this.events[next];
          if (event !== undefined && fits(event)) {
            this.#listeners = this.#listeners.filter((listener) => listener !== look);
            resolve(event);
            return;
          }
        }
      };
      this.#listeners.push(look);
      look();
    });
  }

  untilType<T extends RuntimeEvent['type']>(type: T): Promise<Extract<RuntimeEvent, { readonly type: T }>> {
    return this.until((event) => event.type === type) as Promise<Extract<RuntimeEvent, { readonly type: T }>>;
  }

  /** The event with which turn number `count` ended. */
  turnEnd(count = 1): Promise<RuntimeEvent> {
    let ends = 0;
    return this.until((event) => {
      ends += event.type === 'turnComplete' || event.type === 'turnCancelled' ? 1 : 0;
      return ends >= count;
    });
  }

  models() {
    return this.kind.models?.(this.context.baseUrl ?? '', AbortSignal.timeout(10_000));
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    await this.#done;
    await this.server.close();
  }
}

const allowing: ApprovalGate = {
  judge: () => Promise.resolve({ kind: 'allow', reason: 'the test allows it' }),
  ask: () => Promise.resolve({ kind: 'allow' }),
  askQuestions: () => Promise.resolve(undefined),
  approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
};

/** The events as a person would see them: deltas of a part joined, without the history and what is for the log. */
export function seen(events: readonly RuntimeEvent[]): readonly unknown[] {
  const out: RuntimeEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === 'history' || event.type === 'rawOutput' || event.type === 'agentJson') {
      continue;
    }
    if ((event.type === 'textDelta' || event.type === 'reasoningDelta') && last?.type === event.type) {
      if (last.partId === event.partId) {
        out[out.length - 1] = { ...last, text: last.text + event.text };
        continue;
      }
    }
    if (event.type === 'toolCallStreaming' && last?.type === event.type && last.id === event.id) {
      out[out.length - 1] = { ...last, text: last.text + event.text };
      continue;
    }
    out.push(event);
  }
  return out.map((event) => {
    if (event.type !== 'turnComplete' && event.type !== 'turnCancelled') {
      return event;
    }
    const { durationMs: _durationMs, ...rest } = event;
    return rest;
  });
}

/** A tool that reads: gives what it is asked for, once `gate` lets it. */
export function lookTool(look: (what: string, signal: AbortSignal) => Promise<string> | string): Tool {
  return defineTool({
    name: 'look',
    description: 'Looks at something.',
    isReadOnly: true,
    input: z.object({ what: z.string() }),
    wants: ({ what }) => ({ access: 'read', paths: [what] }),
    run: async ({ what }, { signal }) => ({ text: await look(what, signal), isError: false }),
  });
}

/** A tool that changes something. */
export function writeTool(write: (text: string, signal: AbortSignal) => Promise<string> | string): Tool {
  return defineTool({
    name: 'write',
    description: 'Writes something.',
    input: z.object({ text: z.string() }),
    wants: () => ({ access: 'edit', paths: ['notes.txt'] }),
    run: async ({ text }, { signal }) => ({ text: await write(text, signal), isError: false }),
  });
}
