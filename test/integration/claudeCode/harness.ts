import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Log } from '../../../src/base/log.ts';
import type { Clock, ProcessLauncher } from '../../../src/core/ports.ts';
import type {
  Answer,
  ApprovalGate,
  RunContext,
  RunResult,
  Runtime,
  RuntimeKind,
  ToolRequest,
  Verdict,
} from '../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { machineServices } from '../../../src/platform/machineServices.ts';
import { NodeProcessLauncher } from '../../../src/platform/processLauncher.ts';
import { systemClock } from '../../../src/platform/systemClock.ts';
import { claudeCodeKind } from '../../../src/runtimes/claudeCode/claudeCodeKind.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import type { Step } from '../../modelServer/steps.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** The pinned CLI. */
export function claudeCli(): string {
  const candidates = [
    process.env['GREENROOM_CLAUDE'],
    process.env['CLAUDE_CLI'],
    path.join(
      root,
      'tools',
      'node_modules',
      '@anthropic-ai',
      `claude-code-${process.platform}-${process.arch}`,
      'claude',
    ),
  ];
  const found = candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
  if (found === undefined) {
    throw new Error('Claude Code is not installed for the tests: run `npm run tools`.');
  }
  return found;
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface GateScript {
  readonly judge?: (request: ToolRequest) => Promise<Verdict> | Verdict;
  readonly ask?: (request: ToolRequest, reason: string, signal: AbortSignal) => Promise<Answer> | Answer;
  readonly askQuestions?: ApprovalGate['askQuestions'];
  readonly approvePlan?: ApprovalGate['approvePlan'];
}

export interface RunOptions {
  readonly steps: readonly Step[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly gate?: GateScript;
  readonly context?: Partial<RunContext>;
  readonly env?: Readonly<Record<string, string>>;
  readonly launcher?: ProcessLauncher;
  readonly clock?: Clock;
  /** The folders, where a test prepares them or a second run uses them again; removed with the run unless `keepStage`. */
  readonly stage?: Stage;
  readonly keepStage?: boolean;
}

/** The folders of one test: the person's home, the session's directory, and a place for temporary files. */
export class Stage {
  readonly root: string;
  readonly home: string;
  readonly work: string;
  readonly tmp: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'gc-')));
    this.home = path.join(this.root, 'h');
    this.work = path.join(this.root, 'w');
    this.tmp = path.join(this.root, 't');
    for (const folder of [this.home, this.work, this.tmp]) {
      mkdirSync(folder);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** A run of the real CLI against a scripted model. */
export class TestRun {
  readonly stage: Stage;
  readonly server: ModelServer;
  readonly kind: RuntimeKind;
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  readonly context: RunContext;
  result: RunResult | undefined;
  #done: Promise<RunResult> | undefined;
  readonly #ownsStage: boolean;
  #listeners: (() => void)[] = [];

  private constructor(
    stage: Stage,
    ownsStage: boolean,
    server: ModelServer,
    kind: RuntimeKind,
    runtime: Runtime,
    context: RunContext,
  ) {
    this.stage = stage;
    this.#ownsStage = ownsStage;
    this.server = server;
    this.kind = kind;
    this.runtime = runtime;
    this.context = context;
  }

  static async create(options: RunOptions): Promise<TestRun> {
    const stage = options.stage ?? new Stage();
    const server = await startModelServer({
      steps: options.steps,
      ...(options.headers === undefined ? {} : { headers: options.headers }),
    });
    const configured = { ...cleanClaudeEnv({ home: stage.home, tmp: stage.tmp, url: server.url }), ...options.env };
    const launcher = options.launcher ?? new NodeProcessLauncher({ log: silentLog });
    const kind = testKind(launcher, configured, options.clock);
    const { steps: _steps, gate = {} } = options;
    const context: RunContext = {
      ...runContext('session', stage.work),
      env: Object.fromEntries(Object.entries(configured).filter(([name]) => name.startsWith('CLAUDE_CODE_'))),
      approvals: {
        judge: async (request) => (await gate.judge?.(request)) ?? { kind: 'allow', reason: 'the test allows it' },
        ask: (request, reason, signal) => Promise.resolve(gate.ask?.(request, reason, signal) ?? { kind: 'allow' }),
        askQuestions: (id, questions, signal) =>
          gate.askQuestions?.(id, questions, signal) ?? Promise.resolve(undefined),
        approvePlan: (id, plan, signal) =>
          gate.approvePlan?.(id, plan, signal) ?? Promise.resolve({ kind: 'allow', mode: 'ask' }),
      },
      ...options.context,
    };
    return new TestRun(stage, options.keepStage !== true, server, kind, await kind.create(), context);
  }

  start(): Promise<RunResult> {
    this.#done = this.runtime.start(this.context, (event) => {
      this.events.push(event);
      for (const listener of [...this.#listeners]) {
        listener();
      }
    });
    void this.#done.then((result) => {
      this.result = result;
    });
    return this.#done;
  }

  /** Resolves with the first event, from `from` on, that fits. */
  until(fits: (event: RuntimeEvent) => boolean, from = 0): Promise<RuntimeEvent> {
    let next = from;
    return new Promise((resolve) => {
      // Each event is looked at once: what fits depends on it, and on those before it.
      const look = (): void => {
        let found: RuntimeEvent | undefined;
        while (found === undefined && next < this.events.length) {
          const event = this.events[next] as RuntimeEvent;
          found = fits(event) ? event : undefined;
          next += 1;
        }
        if (found !== undefined) {
          this.#listeners = this.#listeners.filter((listener) => listener !== look);
          resolve(found);
        }
      };
      this.#listeners.push(look);
      look();
    });
  }

  untilType<T extends RuntimeEvent['type']>(type: T, from = 0): Promise<Extract<RuntimeEvent, { readonly type: T }>> {
    return this.until((event) => event.type === type, from) as Promise<Extract<RuntimeEvent, { readonly type: T }>>;
  }

  /** Resolves once `count` turns have ended. */
  untilTurns(count: number): Promise<RuntimeEvent> {
    let ends = 0;
    return this.until((event) => {
      ends += isTurnEnd(event) ? 1 : 0;
      return ends >= count;
    });
  }

  turnEnds(): readonly RuntimeEvent[] {
    return this.events.filter(isTurnEnd);
  }

  /** What a person would see: without the run log, deltas of a part joined. */
  seen(): readonly unknown[] {
    return seen(this.events);
  }

  text(): string {
    return this.events.map((event) => (event.type === 'textDelta' ? event.text : '')).join('');
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    await this.#done;
    await this.server.close();
    if (this.#ownsStage) {
      this.stage.remove();
    }
  }
}

function isTurnEnd({ type }: RuntimeEvent): boolean {
  return type === 'turnComplete' || type === 'turnCancelled';
}

/** A run of the pinned CLI in which everything is allowed. */
function runContext(sessionId: string, cwd: string): RunContext {
  return {
    sessionId,
    run: 1,
    agentName: 'Claude Code',
    command: claudeCli(),
    args: [],
    env: {},
    prompt: 'go',
    cwd,
    projectRoot: cwd,
    inactivityTimeoutSeconds: 60,
    idleSeconds: 60,
    mode: 'ask',
    permissionMode: 'inherit',
    loadProjectSettings: false,
    approvals: {
      judge: () => Promise.resolve({ kind: 'allow', reason: 'the test allows it' }),
      ask: () => Promise.resolve({ kind: 'allow' }),
      askQuestions: () => Promise.resolve(undefined),
      approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
    },
  };
}

/** Starts a run in a stage's folders, for a host that is going to be killed and sees nothing of it. */
export async function startUnwatchedRun(launcher: ProcessLauncher, url: string, stageRoot: string): Promise<void> {
  const [home, tmp, work] = ['h', 't', 'w'].map((name) => path.join(stageRoot, name)) as [string, string, string];
  const runtime = await testKind(launcher, cleanClaudeEnv({ home, tmp, url })).create();
  void runtime.start({ ...runContext(stageRoot, work), inactivityTimeoutSeconds: 0 }, () => undefined);
}

function testKind(
  launcher: ProcessLauncher,
  env: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): RuntimeKind {
  const services = machineServices({ clock, ids: { uuid: () => randomUUID() }, log: silentLog });
  return claudeCodeKind({ ...services, launcher, environment: () => env });
}

/** The events without the run log's and without durations, with the deltas of a part joined. */
export function seen(events: readonly RuntimeEvent[]): readonly unknown[] {
  const out: RuntimeEvent[] = [];
  for (const event of events) {
    if (event.type === 'agentJson' || event.type === 'rawOutput') {
      continue;
    }
    const last = out.at(-1);
    if (
      (event.type === 'textDelta' || event.type === 'reasoningDelta') &&
      last?.type === event.type &&
      last.partId === event.partId
    ) {
      out[out.length - 1] = { ...last, text: last.text + event.text };
    } else if (event.type === 'toolCallStreaming' && last?.type === event.type && last.id === event.id) {
      out[out.length - 1] = { ...last, text: last.text + event.text };
    } else {
      out.push(event);
    }
  }
  return out.map((event) => {
    if (event.type !== 'turnComplete' && event.type !== 'turnCancelled') {
      return event;
    }
    const { durationMs: _durationMs, ...rest } = event;
    return rest;
  });
}

/** The process of the CLI itself among those of a home. */
export function cliPid(home: string): number | undefined {
  return processesWith(home).find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(claudeCli());
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
}

/** Pids of processes whose environment has this value, as a leak check that knows nothing of the code under test. */
export function processesWith(needle: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        const state = readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
        return state !== 'Z' && readFileSync(`/proc/${name}/environ`, 'latin1').includes(needle);
      } catch {
        return false;
      }
    })
    .map(Number);
}
