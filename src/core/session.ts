import { Deferred } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import { type Action, type ErrorInfo, GreenroomError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import { t } from '../base/l10n.ts';
import { MutableDisposable } from '../base/lifecycle.ts';
import type { ApprovalMode, QueuedMessage, Spilled } from '../protocol/view.ts';
import { ApprovalDesk } from './approvalDesk.ts';
import type { ApprovalPolicy } from './approvalPolicy.ts';
import { coreErrors, interruptedError, runEndedError, unexpectedError } from './errors.ts';
import type {
  FileAccess,
  Ids,
  Log,
  RunLog,
  SessionCatalog,
  SessionIdentity,
  SessionLog,
  SessionShells,
} from './ports.ts';
import { secretValues } from './redact.ts';
import { runGate } from './runGate.ts';
import type { RunContext, Runtime, RuntimeKind, RunResult } from './runtime.ts';
import type { HostEvent, NumberedEvent, RuntimeEvent, SessionEvent } from './sessionEvents.ts';
import { SessionJournal } from './sessionJournal.ts';
import type { SessionModels } from './sessionModels.ts';
import { SessionPast } from './sessionPast.ts';
import { isLate, type SessionModel } from './sessionReducer.ts';

const maxQueuedMessages = 50;
/** A turn that was asked to stop and has not ended by then has its whole run stopped. */
const cancelPatienceMs = 10_000;

/** A word with a slash before it; a path is none. */
const agentCommand = /^\s*\/[\w:.-]+(?:\s|$)/;

/** What a run needs to know that the session does not: settings, and what the person allowed for this folder. */
export type RunSettings = Pick<
  RunContext,
  | 'agentName'
  | 'command'
  | 'args'
  | 'env'
  | 'projectRoot'
  | 'inactivityTimeoutSeconds'
  | 'idleSeconds'
  | 'permissionMode'
  | 'loadProjectSettings'
  | 'projectDigest'
  | 'tools'
  | 'ownBackgroundShells'
  | 'instructions'
  | 'baseUrl'
  | 'limits'
> & { readonly model?: string };

export interface SessionDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly runLog: RunLog;
  readonly files: FileAccess;
  readonly catalog: Pick<SessionCatalog, 'load' | 'putBlob' | 'readBlob' | 'saveSummary'> &
    Pick<SessionModels, 'loadMessages'>;
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly shells?: SessionShells;
  /** What the model is to be told at the start of its next turn, beside the person's words; once. */
  readonly notes?: {
    readonly has: (sessionId: string) => boolean;
    readonly take: (sessionId: string) => string | undefined;
    /** What was taken last has not reached the model: it waits again. */
    readonly giveBack: (sessionId: string) => void;
    /** Whether it is worth a turn of its own. */
    readonly wakes: () => boolean;
  };
  /** Everything that has to be true before a turn may begin. Throws a `GreenroomError` that says what is not. */
  readonly prepareRun: (identity: SessionIdentity, signal: AbortSignal) => Promise<RunSettings>;
  readonly policy?: ApprovalPolicy;
}

interface ActiveRun {
  readonly number: number;
  readonly runtime: Runtime;
  /** What the run was started with, or has been changed to since. */
  settingsKey: string;
  readonly settings: RunSettings;
  readonly ended: Promise<void>;
  /** Aborted when the session has left the run: what it says and asks from then on counts no more. */
  readonly over: AbortController;
}

/**
 * One conversation with one runtime: its log, its model and its run. Messages are sent one turn at a time; what comes
 * while a turn runs waits in the queue.
 */
export class Session {
  readonly model: SessionModel;
  readonly desk: ApprovalDesk;
  readonly #deps: SessionDeps;
  readonly #journal: SessionJournal;
  readonly #past: SessionPast;
  readonly #returned: Emitter<string>;
  readonly #patience = new MutableDisposable();
  readonly #settled = new Set<Deferred<void>>();
  #run: ActiveRun | undefined;
  #runNumber: number;
  #preparing: AbortController | undefined;
  /** The model is told something in the turn that begins, and it is not certain yet that the agent has it. */
  #isTelling = false;
  /** Nothing begins any more. */
  #closed = false;
  #closing: Promise<void> | undefined;
  /** Events that came too late to count. */
  lateEvents = 0;

  /** `log` is undefined for a session that may only be read; `makeReadOnly` says why. */
  constructor(deps: SessionDeps, model: SessionModel, log: SessionLog | undefined, lastRun: number) {
    this.#deps = deps;
    this.model = model;
    this.#journal = new SessionJournal(deps, model, log);
    this.#past = new SessionPast({ ...deps, written: () => this.#journal.written() }, model);
    this.#runNumber = lastRun;
    this.#returned = new Emitter((error) => deps.log.error('a listener of a session failed', error));
    this.desk = new ApprovalDesk({
      model,
      append: (event) => this.#append(this.#run?.number ?? 0, event),
      written: () => this.#journal.written(),
      resume: (text) => this.send(text),
      files: deps.files,
      ids: deps.ids,
      log: deps.log,
      ...(deps.policy === undefined ? {} : { policy: deps.policy }),
      ownFolder: () => deps.shells?.logFolder(model.identity.id),
    });
  }

  get id(): string {
    return this.model.identity.id;
  }

  get onDidAppend() {
    return this.#journal.onDidAppend;
  }

  /** Text that goes back to the composer, because its turn will not come. */
  get onDidReturnText() {
    return this.#returned.event;
  }

  get isBusy(): boolean {
    return this.model.turn !== undefined || this.#preparing !== undefined;
  }

  get isEmpty(): boolean {
    return (
      this.model.view.total === 0 &&
      this.model.view.header.queued.length === 0 &&
      this.model.namedBy !== 'user' &&
      !this.isBusy
    );
  }

  get isReadOnly(): boolean {
    return this.#journal.isReadOnly;
  }

  /** Nothing can be sent, decided or changed, for the reason given. */
  makeReadOnly(reason: string, action: Action | undefined): void {
    this.#journal.makeReadOnly(reason, action);
  }

  /** Takes back `makeReadOnly`. */
  makeWritable(): void {
    this.#journal.makeWritable();
  }

  /** What another window has added to a session that is only read here. */
  follow(events: readonly NumberedEvent[]): void {
    this.#journal.follow(events);
  }

  /** Throws `sessionClosed`, or `sessionLocked` with the reason. */
  assertWritable(): void {
    if (this.#closed) {
      throw coreErrors.sessionClosed();
    }
    this.#journal.assertWritable();
  }

  /** A turn that the last host left open is marked as interrupted. Called once, after loading. */
  settleInterrupted(): void {
    if (this.model.turn !== undefined) {
      this.#append(0, {
        type: 'turnComplete',
        stopReason: 'error',
        error: interruptedError(),
        durationMs: Math.max(0, this.model.lastAt - this.model.turn.startedAt),
        totalTokens: 0,
        turnCount: 0,
        toolCallCount: 0,
      });
    } else if (this.model.view.header.state === 'pending') {
      this.#append(0, { type: 'error', error: interruptedError() });
    }
    this.#endTasks(0);
    void this.#returnQueue();
  }

  /** What a new session starts with; written down with its first message, so that an unused session leaves no file. */
  configureAtStart(start: Omit<Extract<HostEvent, { type: 'configured' }>, 'type'>): void {
    if (start.name !== undefined || start.model !== undefined) {
      this.#append(0, { type: 'configured', ...start });
    } else {
      this.#journal.startWith({ type: 'configured', ...start });
    }
  }

  warn(code: string, message: string): void {
    this.#append(0, { type: 'warning', code, message });
  }

  /** Accepts a message: it becomes a turn now or, while one runs, waits. Resolves once it is written. */
  async send(text: string): Promise<void> {
    this.assertWritable();
    if (text.trim() === '') {
      throw coreErrors.emptyMessage();
    }
    const messageId = this.#deps.ids.uuid();
    if (this.isBusy || this.model.view.header.queued.length > 0) {
      if (this.model.view.header.queued.length >= maxQueuedMessages) {
        throw coreErrors.queueFull(maxQueuedMessages);
      }
      this.#append(0, { type: 'messageQueued', messageId, text });
    } else {
      this.#begin(messageId, text);
    }
    await this.#journal.written();
  }

  /** Sends the last message once more. Nothing happens while a turn runs, or if nothing was said yet. */
  async retry(): Promise<void> {
    const last = this.model.lastUserMessage;
    if (last !== undefined && !this.isBusy) {
      await this.send(await this.#wholeText(last));
    }
  }

  /** Begins a turn without a message if there is something to tell the model that is worth it, and nothing else is going on. */
  wake(): void {
    const { notes } = this.#deps;
    if (!this.#closed && !this.isReadOnly && this.#isSettled && notes?.wakes() === true && notes.has(this.id)) {
      this.#prepare('', 'runtime');
    }
  }

  /** Takes a waiting message out of the queue; its text goes back to the composer. */
  async unqueue(messageId: string): Promise<void> {
    const queued = this.model.view.header.queued.find((item) => item.id === messageId);
    if (queued !== undefined) {
      await this.#returnMessages([queued]);
      await this.#journal.written();
    }
  }

  /** Interrupts the turn; the conversation can go on. Nothing happens if none runs. */
  async cancel(): Promise<void> {
    this.#preparing?.abort();
    const { turn } = this.model;
    const run = this.#run;
    if (turn === undefined || this.isReadOnly) {
      return;
    }
    if (run === undefined) {
      this.#append(0, { type: 'turnCancelled', durationMs: this.#deps.clock.now() - turn.startedAt });
      return;
    }
    this.desk.withdrawAll();
    this.#append(run.number, { type: 'status', text: t('Stopping…') });
    this.#patience.value = this.#deps.clock.after(cancelPatienceMs, () => {
      if (this.#run === run && this.model.turn === turn) {
        this.#deps.log.warn(
          `session ${this.id}: the turn did not end ${cancelPatienceMs} ms after it was cancelled; its run is stopped`,
        );
        void this.#stopRun(run);
      }
    });
    await run.runtime.interrupt();
  }

  async rename(name: string): Promise<void> {
    this.assertWritable();
    this.#append(0, { type: 'configured', name, namedBy: 'user' });
    await this.#journal.written();
  }

  async setMode(mode: ApprovalMode): Promise<void> {
    this.assertWritable();
    if (mode !== this.model.view.header.mode) {
      this.#append(0, { type: 'configured', mode });
      await this.#run?.runtime.setMode(mode);
    }
  }

  /** Undefined: the runtime's own choice. Holds from the next turn on. */
  async setModel(model: string | undefined): Promise<void> {
    this.assertWritable();
    if (model === this.model.chosenModel) {
      return;
    }
    this.#append(0, { type: 'configured', model: model ?? null });
    const run = this.#run;
    // A run that cannot change goes on with its old model until its turn ends; the next turn starts another.
    if (run !== undefined && (await run.runtime.setModel(model))) {
      run.settingsKey = settingsKey(run.settings, model);
    }
  }

  /** Ends what the agent runs beside its turns; its end is told like any other. False if it cannot be ended. */
  async stopTask(taskId: string): Promise<boolean> {
    const runs = this.model.view.header.backgroundTasks?.some((task) => task.taskId === taskId) === true;
    return runs && (await this.#run?.runtime.stopTask?.(taskId)) === true;
  }

  /** What the agent's own shell has said, as far as the agent keeps it; undefined if that is not known. */
  async taskOutput(taskId: string): Promise<string | undefined> {
    return this.#run?.runtime.taskOutput?.(taskId);
  }

  /** Resolves when nothing runs or waits to run, or waits for the person. */
  async whenSettled(): Promise<void> {
    if (!this.#isSettled) {
      const deferred = new Deferred<void>();
      this.#settled.add(deferred);
      await deferred.promise;
    }
  }

  /** Resolves at the first sign that the turn has begun; rejects if it ended in an error before. */
  whenStarted(): Promise<void> {
    const deferred = new Deferred<void>();
    const started = this.onDidAppend(({ events }) => {
      for (const { event } of events) {
        if (event.type === 'error' && this.model.turn === undefined) {
          deferred.reject(new GreenroomError(event.error));
        } else if (event.type === 'turnComplete' && event.error !== undefined) {
          deferred.reject(new GreenroomError(event.error));
        } else if (signsOfLife.has(event.type)) {
          deferred.resolve();
        }
      }
    });
    return deferred.promise.finally(() => started.dispose());
  }

  /**
   * Ends the run and releases the file. A turn that runs is cut off: the log keeps it open, so that it shows as
   * interrupted when the session is opened again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the process of a session that is to be deleted or dropped, without leaving an open turn. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run !== undefined) {
      await this.#stopRun(run);
    }
  }

  /** Ends the turn, if one runs, as cancelled, and closes the session. What waits in the queue goes back to the composer. */
  end(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async flush(): Promise<void> {
    await this.#journal.synced();
  }

  get #isSettled(): boolean {
    const { queued, pending } = this.model.view.header;
    return !this.isBusy && queued.length === 0 && pending.length === 0;
  }

  #append(run: number, event: SessionEvent): void {
    this.#journal.append(run, event);
    this.#tellSettled();
  }

  #tellSettled(): void {
    if (this.#settled.size > 0 && this.#isSettled) {
      for (const deferred of this.#settled) {
        deferred.resolve();
      }
      this.#settled.clear();
    }
  }

  #begin(messageId: string, text: string): void {
    this.#append(0, { type: 'userMessage', messageId, text });
    this.#prepare(text, 'user');
  }

  #prepare(text: string, origin: 'user' | 'runtime'): void {
    const preparing = new AbortController();
    this.#preparing = preparing;
    void this.#beginTurn(text, origin, preparing.signal)
      .catch((error: unknown) => this.#failStart(error))
      .finally(() => {
        if (this.#preparing === preparing) {
          this.#preparing = undefined;
        }
        if (this.#run === undefined) {
          this.#keepTelling();
        }
        this.#afterTurn();
        // A turn that ended while it was still being prepared has told nobody.
        this.#tellSettled();
      });
  }

  /** The session counts as busy from here on, although the text of a long message has to be read first. */
  #beginQueued(message: QueuedMessage): void {
    if (message.spilled === undefined) {
      this.#begin(message.id, message.text);
      return;
    }
    const reading = new AbortController();
    this.#preparing = reading;
    this.#wholeText(message)
      .finally(() => {
        this.#preparing = undefined;
      })
      .then(
        (text) => (reading.signal.aborted || this.#closed ? undefined : this.#begin(message.id, text)),
        (error: unknown) => this.#failStart(error),
      );
  }

  async #beginTurn(text: string, origin: 'user' | 'runtime', signal: AbortSignal): Promise<void> {
    const settings = await this.#deps.prepareRun(this.model.identity, signal);
    if (this.#closed) {
      return;
    }
    if (signal.aborted) {
      this.#cancelBeforeStart();
      return;
    }
    const key = settingsKey(settings, this.model.chosenModel);
    const current = this.#run;
    if (current !== undefined && current.settingsKey === key && current.runtime.status === 'running') {
      const prompt = this.#withNotes(text);
      this.#append(current.number, { type: 'turnStarted', origin });
      if (current.runtime.send(prompt)) {
        this.#isTelling = false;
        return;
      }
      await current.ended;
      await this.#startRun(() => prompt, origin, settings, key, signal);
      return;
    }
    if (current !== undefined) {
      await this.#stopRun(current);
    }
    await this.#startRun(() => this.#withNotes(text), origin, settings, key, signal);
  }

  /** What the model is told comes before the person's words, and is written down as what it is. */
  #withNotes(text: string): string {
    // Behind other words a command of the agent would be none.
    const told = agentCommand.test(text) ? undefined : this.#deps.notes?.take(this.id);
    if (told === undefined) {
      return text;
    }
    this.#isTelling = true;
    this.#append(0, { type: 'modelTold', text: told });
    return text === '' ? told : `${told}\n\n${text}`;
  }

  /** The turn has ended without an agent that could have heard it. */
  #keepTelling(): void {
    if (this.#isTelling) {
      this.#isTelling = false;
      this.#deps.notes?.giveBack(this.id);
    }
  }

  async #startRun(
    promptOf: () => string,
    origin: 'user' | 'runtime',
    settings: RunSettings,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { identity } = this.model;
    const kind = this.#deps.kindOf(identity.runtime);
    const runtime = await kind.create();
    if (this.#closed) {
      return;
    }
    if (signal.aborted) {
      this.#cancelBeforeStart();
      return;
    }
    const prompt = promptOf();
    this.#runNumber += 1;
    const number = this.#runNumber;
    const { nativeSessionId } = this.model;
    const model = this.model.chosenModel ?? settings.model;
    const over = new AbortController();
    if (this.model.turn === undefined) {
      this.#append(number, { type: 'turnStarted', origin });
    }
    this.#deps.runLog.hide(secretValues(settings.env));
    const context: RunContext = {
      ...settings,
      sessionId: identity.id,
      run: number,
      prompt,
      cwd: identity.cwd,
      mode: this.model.view.header.mode,
      approvals: runGate(this.desk, over.signal),
      ...(model === undefined ? {} : { model }),
      ...(nativeSessionId === undefined || !kind.capabilities.resume
        ? {}
        : { nativeSessionId, freshPrompt: this.#past.freshPrompt(prompt), past: () => this.#past.items() }),
      ...(this.model.usage?.costUsd === undefined ? {} : { spentUsd: this.model.usage.costUsd }),
    };
    const active: ActiveRun = {
      number,
      runtime,
      settingsKey: key,
      settings,
      over,
      ended: Promise.resolve()
        .then(() => runtime.start(context, (event) => this.#receive(active, event)))
        .then(
          (result) => this.#runEnded(active, result),
          (error: unknown) => this.#runFailed(active, error),
        ),
    };
    this.#run = active;
  }

  /** The turn was cancelled while it was being prepared: it is shown as one that began and was stopped. */
  #cancelBeforeStart(): void {
    if (this.model.turn === undefined) {
      this.#append(0, { type: 'turnStarted', origin: 'user' });
    }
    this.#append(0, { type: 'turnCancelled', durationMs: 0 });
  }

  /** The ordered fan-in of everything that a run says. */
  #receive(active: ActiveRun, event: RuntimeEvent): void {
    if (active !== this.#run) {
      this.lateEvents += 1;
      return;
    }
    if (event.type === 'agentJson' || event.type === 'rawOutput') {
      this.#deps.runLog.append(this.id, active.number, event.type === 'agentJson' ? event.data : event.text);
      this.#journal.heard();
      return;
    }
    if (isLate(this.model, event)) {
      this.lateEvents += 1;
      return;
    }
    const endsTurn = event.type === 'turnComplete' || event.type === 'turnCancelled';
    if (event.type === 'sessionStarted') {
      this.#isTelling = false;
    }
    if (endsTurn) {
      this.#keepTelling();
      this.desk.withdrawAll();
      this.#patience.value = undefined;
    }
    this.#append(active.number, event);
    if (endsTurn) {
      this.#afterTurn();
    }
  }

  #runEnded(active: ActiveRun, result: RunResult): void {
    if (active !== this.#run) {
      return;
    }
    this.#leaveRun();
    this.#endTasks(active.number);
    this.#endOpenTurn(active.number, result.error ?? runEndedError());
  }

  #runFailed(active: ActiveRun, error: unknown): void {
    this.#deps.log.error(`the runtime of session ${this.id} threw`, error);
    if (active === this.#run) {
      this.#leaveRun();
      this.#endTasks(active.number);
      this.#endOpenTurn(active.number, unexpectedError(messageOf(error)));
    }
  }

  /** A run that ends takes its turn with it, whatever the runtime has said. */
  #endOpenTurn(run: number, error: ErrorInfo): void {
    const { turn } = this.model;
    if (turn === undefined) {
      return;
    }
    this.desk.withdrawAll();
    this.#append(run, {
      type: 'turnComplete',
      stopReason: 'error',
      error,
      durationMs: Math.max(0, this.#deps.clock.now() - turn.startedAt),
      totalTokens: 0,
      turnCount: 0,
      toolCallCount: 0,
    });
    this.#afterTurn();
  }

  #failStart(error: unknown): void {
    if (this.#closed) {
      return;
    }
    const info = error instanceof GreenroomError ? error.info : unexpectedError(messageOf(error));
    if (!(error instanceof GreenroomError)) {
      this.#deps.log.error(`a turn of session ${this.id} could not start`, error);
    }
    if (this.model.turn === undefined) {
      this.desk.withdrawAll();
      this.#append(0, { type: 'error', error: info });
    } else {
      this.#endOpenTurn(this.#run?.number ?? 0, info);
    }
  }

  async #close(): Promise<void> {
    this.#closed = true;
    if (!this.isReadOnly) {
      this.#endTasks(this.#run?.number ?? 0);
    }
    this.#preparing?.abort();
    this.#patience.dispose();
    this.#journal.endWatches();
    if (this.lateEvents > 0) {
      this.#deps.log.info(`session ${this.id}: ${this.lateEvents} events came too late to count`);
    }
    this.desk.abandon();
    await this.#leaveRun()?.runtime.stop();
    for (const deferred of this.#settled) {
      deferred.resolve();
    }
    this.#settled.clear();
    this.#returned.dispose();
    await this.#journal.close();
  }

  async #end(): Promise<void> {
    this.#closed = true;
    this.#preparing?.abort();
    const { turn } = this.model;
    const { state } = this.model.view.header;
    const run = this.#leaveRun();
    if (!this.isReadOnly) {
      this.#endTasks(run?.number ?? 0);
    }
    if (turn !== undefined && !this.isReadOnly) {
      this.desk.withdrawAll();
      this.#append(run?.number ?? 0, {
        type: 'turnCancelled',
        durationMs: Math.max(0, this.#deps.clock.now() - turn.startedAt),
      });
    } else if (state === 'pending') {
      this.#cancelBeforeStart();
    }
    const returned = this.#returnQueue();
    await run?.runtime.stop();
    await returned;
    await this.#close();
  }

  /** What was done in the background goes with the run that did it. */
  #endTasks(run: number): void {
    for (const task of this.model.view.header.backgroundTasks ?? []) {
      this.#append(run, { type: 'backgroundTask', status: 'stopped', ...task });
    }
  }

  #leaveRun(): ActiveRun | undefined {
    this.#keepTelling();
    const run = this.#run;
    this.#run = undefined;
    run?.over.abort();
    return run;
  }

  async #stopRun(run: ActiveRun): Promise<void> {
    await run.runtime.stop();
    await run.ended;
  }

  /** After a natural end the next message that waits begins; after any other they go back to the composer. */
  #afterTurn(): void {
    if (this.#closed || this.isBusy) {
      return;
    }
    const next = this.model.view.header.queued[0];
    const isDone = this.model.view.header.state === 'done';
    if (next === undefined) {
      if (isDone) {
        this.wake();
      }
    } else if (isDone) {
      this.#beginQueued(next);
    } else {
      void this.#returnQueue();
    }
  }

  async #returnQueue(): Promise<void> {
    const { queued } = this.model.view.header;
    if (queued.length > 0) {
      try {
        await this.#returnMessages(queued);
      } catch (error) {
        this.#deps.log.error(`queued messages of session ${this.id} could not go back to the composer`, error);
      }
    }
  }

  /** Takes messages out of the queue, and gives their texts back as one. */
  async #returnMessages(messages: readonly QueuedMessage[]): Promise<void> {
    for (const { id } of messages) {
      this.#append(0, { type: 'messageUnqueued', messageId: id });
    }
    // At once where nothing has to be read: whoever sees the queue empty finds the text in the composer.
    const texts = messages.every(({ spilled }) => spilled === undefined)
      ? messages.map(({ text }) => text)
      : await Promise.all(messages.map((message) => this.#wholeText(message)));
    this.#returned.fire(texts.join('\n\n'));
  }

  /** The text as it was written: of a long one the model holds only the head and the tail. */
  async #wholeText({ text, spilled }: { readonly text: string; readonly spilled?: Spilled }): Promise<string> {
    return spilled === undefined ? text : await this.#deps.catalog.readBlob(this.id, spilled.blob);
  }
}

const signsOfLife: ReadonlySet<SessionEvent['type']> = new Set<RuntimeEvent['type'] | HostEvent['type']>([
  'sessionStarted',
  'stepStarted',
  'textDelta',
  'reasoningDelta',
  'toolCallStarted',
  'turnComplete',
  'turnCancelled',
]);

/** Runs with the same key can serve each other's turns. */
function settingsKey(settings: RunSettings, model: string | undefined): string {
  return JSON.stringify([
    settings.command,
    settings.args,
    settings.env,
    settings.permissionMode,
    settings.loadProjectSettings,
    settings.projectDigest ?? null,
    settings.ownBackgroundShells ?? 'refuse',
    settings.baseUrl ?? '',
    settings.limits ?? null,
    settings.instructions ?? '',
    model ?? settings.model ?? null,
  ]);
}
