import { Deferred } from '../../base/async.ts';
import { type ErrorInfo, GreenroomError, messageOf } from '../../base/errors.ts';
import { asArray, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import { t } from '../../base/l10n.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import { DeltaJoin } from '../../core/deltaJoin.ts';
import type { AgentProcess } from '../../core/ports.ts';
import { Redactor, secretValues } from '../../core/redact.ts';
import type { ApprovalMode, RunContext, RunResult } from '../../core/runtime.ts';
import type { RuntimeEvent, UsageDelta } from '../../core/sessionEvents.ts';
import { SilenceWatch } from '../../core/silenceWatch.ts';
import { readJsonLine } from '../shared/jsonLine.ts';
import { LineDecoder } from '../shared/lineDecoder.ts';
import { buildArgs, permissionModeOf } from './args.ts';
import { ControlClient } from './controlClient.ts';
import { buildEnvironment } from './environment.ts';
import { cliNotFound, inactive, notStarted, sessionInUse } from './errors.ts';
import { EventMapper } from './eventMapper.ts';
import { errorOfExit, isUnknownConversation } from './failures.ts';
import { LastOutput } from './lastOutput.ts';
import { cliName, locateCli } from './locateCli.ts';
import type { NativeSessions } from './nativeSessions.ts';
import { ownFiles } from './ownFiles.ts';
import { ownShellRefusal } from './ownBackgroundShells.ts';
import { PermissionDesk } from './permissionDesk.ts';
import { PlanText } from './planText.ts';
import { isolate, isolationEnv, ownMcpServers } from './projectIsolation.ts';
import type { ClaudeCodeServices, SecretFile } from './services.ts';
import type { StartGate } from './startGate.ts';
import { ToolBridge } from './toolBridge.ts';
import { ToolOrigins } from './toolOrigins.ts';
import { addUsage } from './usageMeter.ts';
import { isAtLeast } from './versions.ts';

/** A loaded machine starts old versions in seconds. */
const initializeTimeoutMs = 60_000;
const controlTimeoutMs = 5_000;
/** After an answered interrupt the CLI closes its turn within a fraction of a second. */
const interruptPatienceMs = 5_000;
const signalPatienceMs = 3_000;
const stopGraceMs = 1_500;
/** After the end of its input the CLI saves and leaves. */
const leaveGraceMs = 5_000;
/** Where the callback itself waits for the person, it may take them a day. */
const hookTimeoutSeconds = 86_400;
/** The oldest version seen to ask whenever it is told to. */
const firstAskingVersion = '2.1.197';
const lastOutputChars = 8_000;

/** How one process of a run ended. */
interface Attempt {
  readonly resumeRefused: boolean;
  readonly error?: ErrorInfo;
}

/** One run: a process, or two where the conversation to resume was refused, and the turns it serves. */
export class ClaudeRun {
  readonly #services: ClaudeCodeServices;
  readonly #nativeSessions: NativeSessions;
  readonly #startGate: StartGate;
  readonly #context: RunContext;
  readonly #deltas: DeltaJoin;
  readonly #env: Record<string, string>;
  readonly #redactor: Redactor;
  readonly #bridge: ToolBridge;
  readonly #desk: PermissionDesk;
  readonly #plan: PlanText;
  readonly #silence: SilenceWatch;
  readonly #ended = new Deferred<void>();
  /** Aborted when the run is to end: what has not begun by then does not begin. */
  readonly #givingUp = new AbortController();
  readonly #queue: string[] = [];
  #lastOutput: LastOutput;
  #mapper = new EventMapper({ resumed: false });
  #control: ControlClient | undefined;
  #process: AgentProcess | undefined;
  #earlierUsage: UsageDelta | undefined;
  #nativeSessionId: string | undefined;
  #mode: ApprovalMode;
  #origins: ToolOrigins | undefined;
  #turnStartedAt = 0;
  #turnEnd = new Deferred<void>();
  /** The prompt of the turn has not been given to the CLI. */
  #promptWaits = false;
  /** Takes no more turns. */
  #closing = false;
  /** The start waits for those of other runs. */
  #waitsForOthers = false;
  #resumeRefused = false;
  /** Why we ended the process in the middle of a turn. */
  #fault: ErrorInfo | undefined;
  #idleTimer: Disposable | undefined;

  constructor(
    services: ClaudeCodeServices,
    nativeSessions: NativeSessions,
    startGate: StartGate,
    context: RunContext,
    emit: (event: RuntimeEvent) => void,
  ) {
    this.#services = services;
    this.#nativeSessions = nativeSessions;
    this.#startGate = startGate;
    this.#context = context;
    this.#deltas = new DeltaJoin(emit);
    this.#mode = context.mode;
    this.#env = buildEnvironment(services.environment(), context.env);
    this.#redactor = new Redactor(secretValues(this.#env));
    this.#lastOutput = new LastOutput(lastOutputChars, this.#redactor);
    this.#plan = new PlanText((path) => services.readText(path));
    this.#silence = new SilenceWatch({
      clock: services.clock,
      timeoutMs: context.inactivityTimeoutSeconds * 1000,
      isExpected: () =>
        !this.#mapper.turnOpen || this.#desk.waiting || this.#mapper.toolRunning || this.#waitsForOthers,
      onTooLong: () => this.#endForSilence(),
    });
    this.#bridge = new ToolBridge({
      context,
      clock: services.clock,
      log: services.log,
      reply: (requestId, response) => this.#reply(requestId, response),
      refuse: (requestId, reason) => this.#refuse(requestId, reason),
      tell: (request) => void this.#control?.request(request, controlTimeoutMs),
      onOutput: (id, text) => this.#emit({ type: 'toolOutput', id, text }),
    });
    const { tools, permits } = this.#bridge;
    this.#desk = new PermissionDesk({
      gate: context.approvals,
      ownFiles: ownFiles(this.#env),
      ownTools: tools,
      permits,
      refusal: (toolName, input) =>
        context.ownBackgroundShells === 'allow' ? undefined : ownShellRefusal(tools, toolName, input),
      reply: (requestId, response) => this.#reply(requestId, response),
      plan: (input) => this.#plan.of(input),
      originOf: (toolName) => this.#origins?.of(toolName),
      modeName: (mode) => permissionModeOf(mode, context.permissionMode),
      asksAfterHook: () => isAtLeast(this.#mapper.version, firstAskingVersion),
      changed: () => this.#silence.heard(),
      failed: (what, error) => services.log.error(`claude-code: ${what} failed`, error),
      refused: (toolName, reason) => services.log.info(`approval: deny ${toolName} (${this.#redactor.redact(reason)})`),
    });
  }

  /** Drives the run to its end. Never rejects. */
  async drive(): Promise<RunResult> {
    const { prompt, nativeSessionId, freshPrompt } = this.#context;
    this.#nativeSessionId = nativeSessionId;
    this.#beginTurn();
    this.#silence.start();
    let attempt = await this.#attempt(prompt, nativeSessionId);
    if (attempt.resumeRefused && freshPrompt !== undefined) {
      this.#emit({
        type: 'warning',
        code: 'resumeRefused',
        message: t(
          'Claude Code no longer has this conversation. It goes on in a new one that was given the transcript.',
        ),
      });
      this.#nativeSessionId = undefined;
      attempt = await this.#attempt(await freshPrompt(), undefined);
    }
    const error = attempt.error;
    if (this.#mapper.turnOpen) {
      this.#emitAll(this.#mapper.abandon(error ?? notStarted(t('the run was ended')), this.#turnDurationMs()));
    }
    this.#closing = true;
    // What was taken but never given to the CLI has to end too.
    for (const _prompt of this.#queue.splice(0)) {
      this.#mapper.beginTurn();
      this.#emitAll(this.#mapper.abandon(error ?? notStarted(t('the run was ended')), 0));
    }
    this.#silence.dispose();
    this.#idleTimer?.dispose();
    this.#nativeSessions.release(this);
    this.#emit({ type: 'done', ...this.#idOrNothing() });
    this.#ended.resolve();
    return this.#result(error);
  }

  send(prompt: string): boolean {
    if (this.#closing || this.#process === undefined) {
      return false;
    }
    this.#queue.push(prompt);
    this.#sendNext();
    return true;
  }

  async interrupt(): Promise<void> {
    if (!this.#mapper.turnOpen) {
      return;
    }
    this.#mapper.interrupt();
    const turnEnd = this.#turnEnd.promise;
    if (this.#promptWaits) {
      this.#promptWaits = false;
      if (this.#process === undefined) {
        // Without its turn there is no reason to start one; the next turn begins another run.
        this.#giveUp();
      }
      this.#emitAll(this.#mapper.abandon(notStarted(''), this.#turnDurationMs()));
      return;
    }
    void this.#control?.request({ subtype: 'interrupt' }, controlTimeoutMs);
    this.#desk.interrupt();
    if (await this.#within(interruptPatienceMs, turnEnd)) {
      return;
    }
    this.#services.log.warn('claude-code: the turn did not end when asked to; sending SIGINT');
    await this.#process?.interrupt();
    if (!(await this.#within(signalPatienceMs, turnEnd))) {
      await this.stop();
    }
  }

  async setMode(mode: ApprovalMode): Promise<void> {
    this.#mode = mode;
    const name = permissionModeOf(mode, this.#context.permissionMode);
    const reply = await this.#control?.request({ subtype: 'set_permission_mode', mode: name }, controlTimeoutMs);
    if (reply?.ok === false) {
      this.#services.log.warn(`claude-code: the mode ${name} was not taken over: ${reply.error}`);
    }
  }

  async setModel(model: string | undefined): Promise<boolean> {
    if (this.#closing || this.#control === undefined) {
      return false;
    }
    const chosen = model === undefined || model === '' ? 'default' : model;
    return (await this.#control.request({ subtype: 'set_model', model: chosen }, controlTimeoutMs)).ok;
  }

  async stopTask(taskId: string): Promise<boolean> {
    const reply = await this.#control?.request({ subtype: 'stop_task', task_id: taskId }, controlTimeoutMs);
    if (reply?.ok === false) {
      this.#services.log.warn(`claude-code: the task ${taskId} was not stopped: ${reply.error}`);
    }
    return reply?.ok === true;
  }

  async taskOutput(taskId: string): Promise<string | undefined> {
    const reply = await this.#control?.request({ subtype: 'get_task_output', task_id: taskId }, controlTimeoutMs);
    return reply?.ok === true ? asString(reply.response['output']) : undefined;
  }

  async stop(): Promise<void> {
    this.#giveUp();
    this.#mapper.interrupt();
    const stopping = this.#process?.stop(stopGraceMs);
    this.#bridge.close();
    await stopping;
    await this.#ended.promise;
  }

  #giveUp(): void {
    this.#closing = true;
    this.#givingUp.abort();
  }

  get #stopped(): boolean {
    return this.#givingUp.signal.aborted;
  }

  /** One process, from its start to its end. The turn that is open at its end stays open. */
  async #attempt(prompt: string, resume: string | undefined): Promise<Attempt> {
    const files: SecretFile[] = [];
    this.#lastOutput = new LastOutput(lastOutputChars, this.#redactor);
    this.#resumeRefused = false;
    try {
      if (resume !== undefined && !(await this.#acquire(resume))) {
        return { resumeRefused: false, ...(this.#stopped ? {} : { error: sessionInUse() }) };
      }
      const command = locateCli(this.#services, this.#context.command, this.#env);
      if (command === undefined) {
        return { resumeRefused: false, error: cliNotFound(cliName(this.#context.command)) };
      }
      const mcpServers = await ownMcpServers(this.#services, this.#env, this.#context.cwd);
      this.#origins = new ToolOrigins(mcpServers, this.#context.projectDigest, (text) => this.#services.digest(text));
      const isolation = this.#context.loadProjectSettings
        ? undefined
        : await isolate(this.#services, this.#env, this.#context.cwd, mcpServers, files);
      const place = await this.#enterGate();
      if (place === undefined) {
        return { resumeRefused: false };
      }
      try {
        const args = buildArgs({
          args: this.#context.args,
          model: this.#context.model,
          mode: this.#mode,
          permissionMode: this.#context.permissionMode,
          nativeSessionId: resume,
          isolation,
        });
        const env = isolation === undefined ? this.#env : { ...this.#env, ...isolationEnv };
        const process = await this.#services.launcher.launch({ command, args, cwd: this.#context.cwd, env });
        return await this.#serve(process, prompt, resume, place);
      } finally {
        place.dispose();
      }
    } catch (error) {
      if (!(error instanceof GreenroomError)) {
        this.#services.log.error('claude-code: starting failed', error);
      }
      return { resumeRefused: false, error: notStarted(this.#redactor.redact(messageOf(error))) };
    } finally {
      for (const file of files) {
        file.remove();
      }
    }
  }

  #acquire(nativeSessionId: string): Promise<boolean> {
    const acquired = this.#nativeSessions.acquire(nativeSessionId, this, () => !this.#stopped);
    const gaveUp = new Deferred<boolean>();
    this.#givingUp.signal.addEventListener('abort', () => gaveUp.resolve(false));
    return Promise.race([acquired, gaveUp.promise]);
  }

  /** Waits until the CLI may start; undefined if it is not to start any more. */
  async #enterGate(): Promise<Disposable | undefined> {
    const place = await this.#startGate.enter(this.#givingUp.signal, () => {
      this.#waitsForOthers = true;
      this.#emit({ type: 'status', text: t('Waiting for other agents to start…') });
    });
    if (this.#waitsForOthers && place !== undefined) {
      this.#silence.heard();
      this.#emit({ type: 'status', text: t('Starting…') });
    }
    this.#waitsForOthers = false;
    return place;
  }

  /** `starting` is disposed as soon as the CLI has answered. */
  async #serve(
    process: AgentProcess,
    prompt: string,
    resume: string | undefined,
    starting: Disposable,
  ): Promise<Attempt> {
    if (process.transportNote !== undefined) {
      this.#emit({ type: 'rawOutput', text: process.transportNote });
    }
    this.#process = process;
    const turnWasOpen = this.#mapper.turnOpen;
    this.#mapper = new EventMapper({
      resumed: resume !== undefined,
      nameOf: (toolName) => this.#bridge.tools.plainName(toolName),
    });
    if (turnWasOpen) {
      this.#mapper.beginTurn();
      this.#promptWaits = true;
    }
    const control = new ControlClient((frame) => this.#write(frame), this.#services.clock, this.#services.ids);
    this.#control = control;
    const decoder = new LineDecoder();
    process.onOutput((bytes) => {
      for (const line of decoder.push(bytes)) {
        this.#line(line);
      }
    });
    if (this.#stopped) {
      this.#mapper.interrupt();
      void process.stop(stopGraceMs);
    }
    let hasEnded = false;
    const ended = process.ended.then(({ code }) => {
      hasEnded = true;
      for (const line of decoder.flush()) {
        this.#line(line);
      }
      if (decoder.droppedLines > 0) {
        this.#services.log.warn(`claude-code: ${decoder.droppedLines} lines were too long and are lost`);
      }
      control.close();
      this.#bridge.close();
      this.#desk.withdraw();
      this.#emitAll(this.#mapper.endTasks());
      return code;
    });
    const greeting = await control.request(
      {
        subtype: 'initialize',
        ...(await this.#bridge.open()),
        hooks: { PreToolUse: [{ hookCallbackIds: ['preToolUse'], timeout: hookTimeoutSeconds }] },
      },
      initializeTimeoutMs,
    );
    starting.dispose();
    let mute: ErrorInfo | undefined;
    if (greeting.ok) {
      this.#sendFirst(prompt);
    } else if (!hasEnded) {
      // Without its answer no call would be decided by us.
      mute = notStarted(greeting.error);
      await process.stop(stopGraceMs);
    }
    const code = await ended;
    this.#process = undefined;
    this.#control = undefined;
    this.#earlierUsage = addUsage(this.#earlierUsage, this.#mapper.usageTotal);
    return this.#judgeEnd(code, mute, resume);
  }

  /** Why the process ended, if it ended before its turn did. */
  #judgeEnd(code: number, mute: ErrorInfo | undefined, resume: string | undefined): Attempt {
    if (!this.#mapper.turnOpen || this.#stopped) {
      return { resumeRefused: false };
    }
    const said = errorOfExit(code, this.#lastOutput.text, this.#context.args);
    const established = this.#mapper.nativeSessionId !== undefined;
    if (
      mute === undefined &&
      resume !== undefined &&
      !established &&
      (this.#resumeRefused || said.code === 'crashed')
    ) {
      return { resumeRefused: true, error: said };
    }
    return { resumeRefused: false, error: mute ?? said };
  }

  #line(line: string): void {
    this.#silence.heard();
    const { text, event, json } = readJsonLine(line);
    if (text !== '') {
      this.#lastOutput.add(text);
      this.#emit({ type: 'rawOutput', text });
    }
    if (event !== undefined && json !== undefined) {
      this.#emit({ type: 'agentJson', data: json });
      this.#event(event);
    }
  }

  #event(event: JsonRecord): void {
    switch (event['type']) {
      case 'control_response':
        this.#control?.settle(event);
        return;
      case 'control_request':
        // What was said before is told before something is asked.
        this.#deltas.flush();
        this.#controlRequest(asString(event['request_id']) ?? '', asRecord(event['request']));
        return;
      case 'control_cancel_request':
        this.#desk.cancel(asString(event['request_id']) ?? '');
        return;
      case 'assistant':
        this.#observePlan(event);
        break;
      case 'system':
        if (event['subtype'] === 'init') {
          this.#bridge.observe(event['mcp_servers']);
        }
        break;
      case 'result':
        if (this.#mapper.nativeSessionId === undefined) {
          const errors = asArray(event['errors']).join('\n');
          this.#lastOutput.add(errors);
          if (isUnknownConversation(errors)) {
            this.#resumeRefused = true;
            return;
          }
        }
        break;
      default:
    }
    this.#emitAll(this.#mapper.map(event));
  }

  #observePlan(event: JsonRecord): void {
    for (const value of asArray(asRecord(event['message'])['content'])) {
      const block = asRecord(value);
      if (block['type'] === 'tool_use') {
        this.#plan.observe(asString(block['name']) ?? '', block['input']);
      }
    }
  }

  #controlRequest(requestId: string, request: JsonRecord): void {
    switch (request['subtype']) {
      case 'hook_callback':
        void this.#desk.preToolUse(requestId, request);
        break;
      case 'can_use_tool':
        void this.#desk.canUseTool(requestId, request);
        break;
      case 'mcp_message':
        this.#bridge.receive(requestId, request);
        break;
      default:
        this.#refuse(requestId, `Unsupported control request subtype: ${asString(request['subtype']) ?? ''}`);
    }
  }

  #emit(event: RuntimeEvent): void {
    this.#deltas.push(event);
  }

  #emitAll(events: readonly RuntimeEvent[]): void {
    for (const event of events) {
      this.#emit(event);
      switch (event.type) {
        case 'sessionStarted':
          this.#nativeSessionId = event.nativeSessionId;
          if (!this.#nativeSessions.take(event.nativeSessionId, this)) {
            this.#services.log.error(`claude-code: two processes work on conversation ${event.nativeSessionId}`);
          }
          break;
        case 'turnStarted':
          this.#turnBegan();
          break;
        case 'toolResult':
          this.#bridge.settled(event.id);
          break;
        case 'retry':
          this.#silence.pardon(event.delayMs);
          break;
        case 'turnComplete':
        case 'turnCancelled':
          this.#turnEnded();
          break;
        default:
      }
    }
  }

  #beginTurn(): void {
    this.#mapper.beginTurn();
    this.#promptWaits = true;
    this.#turnBegan();
  }

  #turnBegan(): void {
    this.#idleTimer?.dispose();
    this.#turnStartedAt = this.#services.clock.monotonic();
    this.#turnEnd = new Deferred();
    this.#silence.heard();
  }

  #turnEnded(): void {
    this.#desk.withdraw();
    this.#turnEnd.resolve();
    if (this.#process !== undefined && !this.#closing) {
      this.#waitIdle();
      this.#sendNext();
    }
  }

  #turnDurationMs(): number {
    return Math.round(this.#services.clock.monotonic() - this.#turnStartedAt);
  }

  /** The prompt of the turn that `drive` began, unless it has been cancelled meanwhile. */
  #sendFirst(prompt: string): void {
    if (this.#promptWaits) {
      this.#sendPrompt(prompt);
    } else {
      this.#waitIdle();
      this.#sendNext();
    }
  }

  #sendNext(): void {
    const next = this.#mapper.turnOpen || this.#closing ? undefined : this.#queue.shift();
    if (next !== undefined) {
      this.#beginTurn();
      this.#sendPrompt(next);
    }
  }

  #sendPrompt(prompt: string): void {
    this.#promptWaits = false;
    const uuid = this.#services.ids.uuid();
    this.#mapper.promptSent(uuid);
    // Without words the CLI would have no turn to begin.
    const content = prompt.trim() === '' ? t('Continue.') : prompt;
    this.#write({ type: 'user', message: { role: 'user', content }, parent_tool_use_id: null, session_id: '', uuid });
  }

  #reply(requestId: string, response: JsonRecord): void {
    this.#write({ type: 'control_response', response: { subtype: 'success', request_id: requestId, response } });
  }

  #refuse(requestId: string, error: string): void {
    this.#write({ type: 'control_response', response: { subtype: 'error', request_id: requestId, error } });
  }

  #write(frame: JsonRecord): void {
    // A process that has ended takes nothing more; its end is told by `ended`.
    this.#process?.write(`${JSON.stringify(frame)}\n`).catch(() => undefined);
  }

  #waitIdle(): void {
    this.#idleTimer?.dispose();
    this.#idleTimer = this.#services.clock.after(this.#context.idleSeconds * 1000, () => {
      if (this.#mapper.backgroundTasks > 0 || this.#bridge.busy) {
        this.#waitIdle();
      } else {
        this.#leave();
      }
    });
  }

  /** Ends the process the quiet way. */
  #leave(): void {
    this.#closing = true;
    this.#process?.endInput();
    this.#idleTimer = this.#services.clock.after(leaveGraceMs, () => {
      void this.#process?.stop(stopGraceMs);
    });
  }

  #endForSilence(): void {
    this.#fault = inactive(this.#context.inactivityTimeoutSeconds);
    this.#emitAll(this.#mapper.abandon(this.#fault, this.#turnDurationMs()));
    this.#closing = true;
    void this.#process?.stop(stopGraceMs);
  }

  async #within(timeoutMs: number, done: Promise<void>): Promise<boolean> {
    const late = new Deferred<boolean>();
    const timer = this.#services.clock.after(timeoutMs, () => late.resolve(false));
    const result = await Promise.race([done.then(() => true), late.promise]);
    timer.dispose();
    return result;
  }

  #idOrNothing(): { readonly nativeSessionId?: string } {
    return this.#nativeSessionId === undefined ? {} : { nativeSessionId: this.#nativeSessionId };
  }

  #result(error: ErrorInfo | undefined): RunResult {
    const limit = this.#mapper.usageLimit;
    const failure = error ?? this.#fault;
    return {
      ...this.#idOrNothing(),
      ...(this.#earlierUsage === undefined ? {} : { usage: this.#earlierUsage }),
      aborted: failure !== undefined && this.#mapper.nativeSessionId === undefined,
      rateLimitExit: limit !== undefined,
      ...(limit?.resetsAt === undefined ? {} : { rateLimitResetAt: limit.resetsAt }),
      ...(failure === undefined ? {} : { error: failure }),
    };
  }
}
