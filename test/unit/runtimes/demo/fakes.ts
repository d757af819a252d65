import type {
  Answer,
  ApprovalGate,
  RunContext,
  RunResult,
  ToolRequest,
  Verdict,
} from '../../../../src/core/runtime.ts';
import type { RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import { DemoRuntime } from '../../../../src/runtimes/demo/demoRuntime.ts';
import type { CommandEnd, DemoWorkshop } from '../../../../src/runtimes/demo/demoWorkshop.ts';
import { ManualClock } from '../../../support/manualClock.ts';
import { MemoryLog } from '../../../support/memoryLog.ts';

/** Files in memory; a command takes a second, prints a line and counts as alive until it has ended. */
export class FakeWorkshop implements DemoWorkshop {
  readonly folder = '/scratch';
  readonly shell = 'posix';
  readonly files = new Map<string, string>();
  readonly commands: string[] = [];
  readonly acts: string[] = [];
  alive = 0;
  prepared: 'whole' | 'made' | 'repaired' = 'made';
  exitCode = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  prepare(files: Readonly<Record<string, string>>) {
    for (const [name, content] of Object.entries(files)) {
      if (!this.files.has(name)) this.files.set(name, content);
    }
    return Promise.resolve(this.prepared);
  }

  read(name: string) {
    this.acts.push(`Read ${name}`);
    return Promise.resolve(this.files.get(name));
  }

  change(name: string, change: (before: string) => string | undefined) {
    this.acts.push(`Edit ${name}`);
    const before = this.files.get(name) ?? '';
    const after = change(before);
    if (after === undefined) return Promise.resolve(undefined);
    this.files.set(name, after);
    return Promise.resolve({ before, after });
  }

  run(command: string, onOutput: (text: string) => void, signal: AbortSignal): Promise<CommandEnd> {
    this.acts.push(`Bash ${command}`);
    this.commands.push(command);
    this.alive += 1;
    onOutput('output of the command\n');
    return new Promise((resolve) => {
      const end = (code: number): void => {
        signal.removeEventListener('abort', stop);
        this.alive -= 1;
        timer.dispose();
        resolve({ code, output: 'output of the command\n', droppedBytes: 0 });
      };
      const timer = this.#clock.after(1_000, () => end(this.exitCode));
      const stop = (): void => end(143);
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}

/** Decides as it is told, after a while; what is open when the signal aborts is withdrawn. */
export class FakeGate implements ApprovalGate {
  readonly calls: string[] = [];
  readonly judged: ToolRequest[] = [];
  open = 0;
  mode: 'ask' | 'plan' = 'ask';
  /** What is answered, in order; `allow` when nothing is left. */
  readonly edits: string[] = [];
  readonly plans: string[] = [];
  answers: Readonly<Record<string, string | readonly string[]>> | undefined | 'first' = 'first';
  judgeError: Error | undefined;
  /** Called when somebody has to decide. */
  onAsk: () => void = () => undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  judge(request: ToolRequest): Promise<Verdict> {
    this.calls.push(`judge ${request.toolName}`);
    this.judged.push(request);
    if (this.judgeError !== undefined) return Promise.reject(this.judgeError);
    return Promise.resolve(
      request.access === 'read'
        ? { kind: 'allow', reason: 'it only reads' }
        : this.mode === 'plan'
          ? { kind: 'deny', reason: 'plan mode is read-only' }
          : { kind: 'ask', reason: 'it changes something' },
    );
  }

  ask(request: ToolRequest, _reason: string, signal: AbortSignal): Promise<Answer> {
    this.calls.push(`ask ${request.toolName}`);
    const said = this.edits.shift() ?? 'allow';
    return this.#wait<Answer>(said === 'allow' ? { kind: 'allow' } : { kind: 'deny', message: said }, signal, {
      kind: 'withdrawn',
    });
  }

  askQuestions(_id: string | undefined, questions: Parameters<ApprovalGate['askQuestions']>[1], signal: AbortSignal) {
    this.calls.push('askQuestions');
    const answers =
      this.answers === 'first'
        ? Object.fromEntries(questions.map(({ question, options }) => [question, options[0]?.label ?? '']))
        : this.answers;
    return this.#wait(answers, signal, undefined);
  }

  approvePlan(_id: string | undefined, plan: string, signal: AbortSignal) {
    this.calls.push(`approvePlan ${plan.split('\n')[0] ?? ''}`);
    const said = this.plans.shift() ?? 'allow';
    type PlanAnswer = Awaited<ReturnType<ApprovalGate['approvePlan']>>;
    if (said === 'allow') this.mode = 'ask';
    return this.#wait<PlanAnswer>(
      said === 'allow' ? { kind: 'allow', mode: 'ask' } : { kind: 'deny', message: said },
      signal,
      {
        kind: 'withdrawn',
      },
    );
  }

  #wait<T>(answer: T, signal: AbortSignal, withdrawn: T): Promise<T> {
    this.open += 1;
    this.onAsk();
    return new Promise((resolve) => {
      const settle = (value: T): void => {
        signal.removeEventListener('abort', withdraw);
        this.open -= 1;
        timer.dispose();
        resolve(value);
      };
      const timer = this.#clock.after(700, () => settle(answer));
      const withdraw = (): void => settle(withdrawn);
      signal.addEventListener('abort', withdraw, { once: true });
    });
  }
}

/** A run of the demo whose time, tools and person are the test's. */
export class DemoStage {
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly workshop = new FakeWorkshop(this.clock);
  readonly gate = new FakeGate(this.clock);
  readonly events: RuntimeEvent[] = [];
  readonly runtime = new DemoRuntime({ clock: this.clock, log: this.log, workshop: this.workshop });
  onEvent: (event: RuntimeEvent) => void = () => undefined;
  result: RunResult | undefined;
  ended: Promise<RunResult> | undefined;

  start(prompt: string, context: Partial<RunContext> = {}): Promise<RunResult> {
    this.ended = this.runtime.start(
      {
        sessionId: 's',
        run: 1,
        agentName: 'Demo',
        command: '',
        args: [],
        env: {},
        prompt,
        cwd: '/scratch',
        projectRoot: '/scratch',
        inactivityTimeoutSeconds: 0,
        idleSeconds: 600,
        mode: 'ask',
        permissionMode: 'inherit',
        loadProjectSettings: false,
        approvals: this.gate,
        ...context,
      },
      (event) => {
        this.events.push(event);
        this.onEvent(event);
      },
    );
    void this.ended.then((result) => (this.result = result));
    return this.ended;
  }

  get ends(): readonly RuntimeEvent[] {
    return this.events.filter(({ type }) => type === 'turnComplete' || type === 'turnCancelled');
  }

  /** Lets time pass until so many turns have ended. */
  async untilEnds(count: number, limitMs = 120_000): Promise<void> {
    for (let passed = 0; this.ends.length < count; passed += 20) {
      if (passed > limitMs) throw new Error(`the turn did not end within ${limitMs} ms`);
      await this.clock.run(20, 20);
    }
    await this.clock.run(1, 1);
  }

  /** Plays one turn from its first to its last event. */
  async play(prompt: string): Promise<void> {
    void this.start(prompt);
    await this.untilEnds(1);
  }

  /** All that was said, part after part. */
  get said(): string {
    return this.events.map((event) => (event.type === 'textDelta' ? event.text : '')).join('');
  }

  /** The results of the calls: name, outcome, first line. */
  get results(): readonly string[] {
    const names = new Map<string, string>();
    return this.events.flatMap((event) => {
      if (event.type === 'toolCallStarted') names.set(event.id, event.name);
      return event.type === 'toolResult'
        ? [`${names.get(event.id) ?? '?'} ${event.outcome}: ${event.output.split('\n')[0] ?? ''}`]
        : [];
    });
  }
}
