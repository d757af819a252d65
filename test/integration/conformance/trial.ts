import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { PastItem } from '../../../src/core/pastItems.ts';
import type { ApprovalGate, RunContext, RunResult, Runtime, RuntimeKind } from '../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../src/core/sessionEvents.ts';
import { createHeadless } from '../../host/headless.ts';
import { cleanClaudeEnv } from '../../modelServer/cleanClaudeEnv.ts';
import { type ModelServer, startModelServer } from '../../modelServer/modelServer.ts';
import type { Step } from '../../modelServer/steps.ts';
import { makeStoreFolder } from '../../support/storeFolder.ts';
import { dummyKey, hurriedClock, lookTool, writeTool } from '../anthropic/harness.ts';
import { claudeCli } from '../claudeCode/harness.ts';
import { scriptFor, type Subject, type Wish } from './subjects.ts';

export interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of doing what the person wishes. */
  readonly steps?: readonly Step[];
}

/** Everything that runs of one runtime share: its service, its folders, its kind. */
export class World {
  readonly subject: Subject;
  readonly server: ModelServer;
  /** Where programs believe the person to be at home. */
  readonly home: string;
  readonly #kind: RuntimeKind;
  /** The folder that runs work in. */
  readonly work: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: ReturnType<typeof makeStoreFolder>;
  readonly #trials: Trial[] = [];

  private constructor(
    subject: Subject,
    server: ModelServer,
    folder: ReturnType<typeof makeStoreFolder>,
    { home, work, env }: { readonly home: string; readonly work: string; readonly env: Record<string, string> },
  ) {
    this.subject = subject;
    this.server = server;
    this.home = home;
    this.work = work;
    this.#env = env;
    this.#folder = folder;
    const host = createHeadless({
      root: path.join(folder.root, 'store'),
      cwd: work,
      command: claudeCli(),
      env,
      demoClock: hurriedClock(20),
      anthropicClock: hurriedClock(5),
      anthropic: { url: server.url, key: dummyKey },
    });
    this.#kind = host.kindOf(subject.id);
  }

  static async create(subject: Subject, options: WorldOptions = {}): Promise<World> {
    const folder = makeStoreFolder();
    const [home, work, tmp] = ['h', 'w', 't'].map((name) => path.join(folder.root, name)) as [string, string, string];
    for (const made of [home, work, tmp]) {
      mkdirSync(made, { recursive: true });
    }
    const server = await startModelServer({ steps: options.steps ?? [scriptFor(subject, work)] });
    const env = { ...cleanClaudeEnv({ home, tmp, url: server.url }), ...options.env };
    return new World(subject, server, folder, { home, work, env });
  }

  /** A run that has not been started. */
  async trial(first: Wish, gate: Partial<ApprovalGate> = {}, more: Partial<RunContext> = {}): Promise<Trial> {
    const context: RunContext = {
      sessionId: 'session',
      run: 1,
      agentName: this.#kind.displayName,
      command: claudeCli(),
      args: [],
      env: Object.fromEntries(Object.entries(this.#env).filter(([name]) => name.startsWith('CLAUDE_CODE_'))),
      prompt: this.promptFor(first),
      cwd: this.#kind.ownFolder ?? this.work,
      projectRoot: this.work,
      inactivityTimeoutSeconds: 60,
      idleSeconds: 60,
      mode: 'ask',
      permissionMode: 'inherit',
      loadProjectSettings: false,
      baseUrl: this.server.url,
      tools: [
        writeTool(() => 'written'),
        lookTool((what, signal) =>
          what === 'forever'
            ? new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
              })
            : `contents of ${what}`,
        ),
      ],
      approvals: {
        judge: () => Promise.resolve({ kind: 'allow', reason: 'the test allows it' }),
        ask: () => Promise.resolve({ kind: 'allow' }),
        askQuestions: () => Promise.resolve(undefined),
        approvePlan: () => Promise.resolve({ kind: 'allow', mode: 'ask' }),
        ...gate,
      },
      ...more,
    };
    const trial = new Trial(this, await this.#kind.create(), context);
    this.#trials.push(trial);
    return trial;
  }

  promptFor(wish: Wish): string {
    const prompt = this.subject.prompts[wish];
    assert.ok(prompt !== undefined, `${this.subject.id} cannot be brought to ${wish}`);
    return prompt;
  }

  async close(): Promise<void> {
    for (const trial of this.#trials) {
      await trial.close();
    }
    await this.server.close();
    this.#folder.dispose();
  }
}

/** One run of a runtime. */
export class Trial {
  readonly runtime: Runtime;
  readonly context: RunContext;
  readonly events: RuntimeEvent[] = [];
  readonly done = Promise.withResolvers<RunResult>();
  /** Told of each event, after it was kept. */
  onEvent: (event: RuntimeEvent) => void = () => undefined;
  readonly #world: World;
  #isStarted = false;
  #listeners: (() => void)[] = [];

  constructor(world: World, runtime: Runtime, context: RunContext) {
    this.#world = world;
    this.runtime = runtime;
    this.context = context;
  }

  start(): this {
    this.#isStarted = true;
    void this.runtime
      .start(this.context, (event) => {
        this.events.push(event);
        for (const listener of [...this.#listeners]) {
          listener();
        }
        this.onEvent(event);
      })
      .then((result) => this.done.resolve(result));
    return this;
  }

  send(wish: Wish): boolean {
    return this.runtime.send(this.#world.promptFor(wish));
  }

  /** What a session does with the events, without what is only for the run log. */
  get told(): readonly RuntimeEvent[] {
    return this.events.filter(({ type }) => type !== 'rawOutput' && type !== 'agentJson');
  }

  get ends() {
    return this.events.filter((event) => event.type === 'turnComplete' || event.type === 'turnCancelled');
  }

  get endTypes(): readonly string[] {
    return this.ends.map((end) => (end.type === 'turnComplete' ? end.stopReason : end.type));
  }

  get text(): string {
    return this.of('textDelta')
      .map(({ text }) => text)
      .join('');
  }

  of<T extends RuntimeEvent['type']>(type: T): Extract<RuntimeEvent, { readonly type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<RuntimeEvent, { readonly type: T }>[];
  }

  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) {
          this.#listeners = this.#listeners.filter((listener) => listener !== look);
          resolve();
        }
      };
      this.#listeners.push(look);
      look();
    });
  }

  turns(count: number): Promise<void> {
    return this.until(() => this.ends.length >= count);
  }

  /** What a session hands to its next run. */
  past(): readonly PastItem[] {
    return this.events.flatMap((event): PastItem[] => {
      if (event.type === 'history') {
        return [{ type: 'history', data: event.data }];
      }
      return event.type === 'toolResult'
        ? [{ type: 'toolResult', id: event.id, output: event.output, outcome: event.outcome, images: [] }]
        : [];
    });
  }

  async close(): Promise<void> {
    await this.runtime.stop();
    if (this.#isStarted) {
      await this.done.promise;
    }
  }

  /** What holds of every stream of events, whatever happened. */
  assertWellFormed(): void {
    const open = new Set<string>();
    for (const event of this.told) {
      switch (event.type) {
        case 'toolCallStreaming':
        case 'toolCallStarted':
          open.add(event.id);
          break;
        case 'toolResult':
          assert.ok(open.delete(event.id), 'a result belongs to a call');
          break;
        case 'turnComplete':
        case 'turnCancelled':
          assert.deepEqual([...open], [], 'every call has a result before its turn ends');
          assert.ok(event.durationMs >= 0);
          break;
        case 'usage':
          assert.ok(event.inputTokens + event.outputTokens + event.cacheReadTokens + event.cacheWriteTokens > 0);
          break;
        case 'turnStarted':
          assert.equal(event.origin, 'runtime', 'turns of the person are begun by the session');
          break;
        default:
      }
    }
  }
}
