import { z } from 'zod';
import { boundEvent } from '../../../../src/core/boundEvent.ts';
import { pastItems } from '../../../../src/core/pastItems.ts';
import type { ApprovalGate, RunContext, RunResult } from '../../../../src/core/runtime.ts';
import type { NumberedEvent, RuntimeEvent } from '../../../../src/core/sessionEvents.ts';
import type { ToolRequest } from '../../../../src/core/toolRequest.ts';
import { defineTool, type Tool } from '../../../../src/core/tools/tool.ts';
import { AgentRuntime } from '../../../../src/runtimes/shared/agentRuntime.ts';
import { ManualClock } from '../../../support/manualClock.ts';
import { MemoryCatalog } from '../../../support/memoryCatalog.ts';
import { MemoryLog } from '../../../support/memoryLog.ts';
import type { ScriptedVendor } from './scriptedVendor.ts';

/** Allows everything, unless it is told otherwise. */
export class ToldGate implements ApprovalGate {
  readonly judged: ToolRequest[] = [];
  readonly asked: string[] = [];
  onJudge: (request: ToolRequest) => ReturnType<ApprovalGate['judge']> = () =>
    Promise.resolve({ kind: 'allow', reason: 'told so' });
  onAsk: ApprovalGate['ask'] = () => Promise.resolve({ kind: 'allow' });
  answers: Readonly<Record<string, string>> | undefined = {};

  judge(request: ToolRequest) {
    this.judged.push(request);
    return this.onJudge(request);
  }

  ask(request: ToolRequest, reason: string, signal: AbortSignal) {
    this.asked.push(request.toolName);
    return this.onAsk(request, reason, signal);
  }

  askQuestions() {
    return Promise.resolve(this.answers);
  }

  approvePlan(): ReturnType<ApprovalGate['approvePlan']> {
    return Promise.resolve({ kind: 'allow', mode: 'ask' });
  }
}

/** A run of the loop with a scripted model, in time that the test lets pass. */
export class AgentHarness {
  readonly clock = new ManualClock();
  readonly gate = new ToldGate();
  readonly log = new MemoryLog();
  readonly events: RuntimeEvent[] = [];
  readonly runtime: AgentRuntime;
  readonly vendor: ScriptedVendor;
  readonly context: RunContext;
  result: RunResult | undefined;
  /** Told of each event as it comes. */
  onEvent: (event: RuntimeEvent) => void = () => undefined;

  constructor(vendor: ScriptedVendor, context: Partial<RunContext> = {}) {
    this.vendor = vendor;
    const { clock, log } = this;
    let ids = 0;
    this.runtime = new AgentRuntime(
      { clock, log, platform: 'linux', ids: { uuid: () => `00000000-0000-4000-8000-${(ids += 1)}` } },
      () => vendor,
    );
    this.context = {
      sessionId: 'session',
      run: 1,
      agentName: 'Scripted',
      command: '',
      args: [],
      env: {},
      prompt: 'Do it.',
      cwd: '/work',
      projectRoot: '/work',
      inactivityTimeoutSeconds: 60,
      idleSeconds: 600,
      mode: 'ask',
      permissionMode: 'inherit',
      loadProjectSettings: false,
      approvals: this.gate,
      ...context,
    };
  }

  start(): this {
    void this.runtime
      .start(this.context, (event) => {
        this.events.push(event);
        this.onEvent(event);
      })
      .then((result) => {
        this.result = result;
      });
    return this;
  }

  /** Lets things happen, and `ms` pass, until `done`. */
  async until(done: () => boolean, ms = 400_000): Promise<void> {
    for (let passed = 0; !done() && passed < ms; passed += 50) {
      for (let n = 0; !done() && n < 40; n++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!done()) {
        this.clock.advance(50);
      }
    }
  }

  /** Plays turn number `count` to its end, and gives the event that ended it. */
  async turn(count = 1): Promise<Extract<RuntimeEvent, { type: 'turnComplete' | 'turnCancelled' }>> {
    await this.until(() => this.ends.length >= count);
    const end = this.ends[count - 1];
    if (end === undefined) {
      throw new Error('the turn did not end');
    }
    return end;
  }

  async send(prompt: string) {
    const before = this.ends.length;
    if (!this.runtime.send(prompt)) {
      throw new Error('the run takes no more');
    }
    return this.turn(before + 1);
  }

  async close(): Promise<void> {
    const stopped = this.runtime.stop();
    await this.until(() => this.result !== undefined);
    await stopped;
  }

  get ends() {
    return this.events.filter((event) => event.type === 'turnComplete' || event.type === 'turnCancelled');
  }

  of<T extends RuntimeEvent['type']>(type: T): Extract<RuntimeEvent, { readonly type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<RuntimeEvent, { readonly type: T }>[];
  }

  /** How each call ended, in order: name of the outcome and what the model was told. */
  get results(): readonly string[] {
    return this.of('toolResult').map(({ id, outcome, output }) => `${id} ${outcome}: ${output}`);
  }

  get text(): string {
    return this.of('textDelta')
      .map(({ text }) => text)
      .join('');
  }
}

/** What a later run is given, when the session's log has these events. */
export function pastOf(events: readonly RuntimeEvent[]): NonNullable<RunContext['past']> {
  return () => {
    const catalog = new MemoryCatalog();
    const numbered = events
      .flatMap((event) => boundEvent(event, (text) => catalog.putBlob('s', text)))
      .map((event, index): NumberedEvent => ({ seq: index + 1, at: 0, run: 1, event }));
    return pastItems(numbered, (blob) => catalog.readBlob('s', blob));
  };
}

interface ActedTool {
  readonly name: string;
  readonly isReadOnly?: boolean;
  readonly act?: (what: string, signal: AbortSignal) => Promise<string> | string;
}

/** A tool with one argument that does what the test says. */
export function tool({ name, isReadOnly = false, act = (what) => `${name} ${what}` }: ActedTool): Tool {
  return defineTool({
    name,
    description: `Does ${name}.`,
    isReadOnly,
    input: z.object({ what: z.string() }),
    wants: ({ what }) => ({ access: isReadOnly ? 'read' : 'edit', paths: [what] }),
    run: async ({ what }, { signal }) => ({ text: await act(what, signal), isError: false }),
  });
}
