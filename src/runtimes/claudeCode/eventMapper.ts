import type { ErrorInfo } from '../../base/errors.ts';
import { asArray, asNumber, asRecord, asString, isRecord, type JsonRecord, jsonText } from '../../base/json.ts';
import type { RuntimeEvent, StopReason, UsageDelta } from '../../core/sessionEvents.ts';
import { BackgroundTasks } from './backgroundTasks.ts';
import { type ApiFailure, apiFailureOf, errorOfResult, isUsageLimit } from './failures.ts';
import { type RateLimit, rateLimitOf } from './rateLimits.ts';
import { StreamedBlocks } from './streamedBlocks.ts';
import { contentOf, editOf } from './toolResults.ts';
import { titleOf } from './tools.ts';
import { tokensOf, UsageMeter } from './usageMeter.ts';

interface Turn {
  readonly origin: 'user' | 'runtime';
  promptId: string | undefined;
  /** How far the CLI is with the prompt, where it says so. */
  prompt: 'unknown' | 'queued' | 'started';
  interrupted: boolean;
  toolCalls: number;
  /** Whether anything was said in the turn. */
  spoke: boolean;
}

interface OpenCall {
  readonly parentId: string | undefined;
  /** The arguments are complete. */
  readonly started: boolean;
}

export interface UsageLimitReached {
  /** Milliseconds since 1970. */
  readonly resetsAt?: number;
}

/** Lines that carry nothing for the transcript; listed so that what is counted as unknown is really unknown. */
const silentTypes: ReadonlySet<string> = new Set([
  'control_request',
  'control_response',
  'control_cancel_request',
  'keep_alive',
  'tool_progress',
  'tool_use_summary',
  'prompt_suggestion',
  'auth_status',
]);
const silentSubtypes: ReadonlySet<string> = new Set([
  'thinking_tokens',
  'task_progress',
  'hook_started',
  'hook_progress',
  'hook_response',
  'session_state_changed',
  'ui_invalidate',
  'commands_changed',
  'control_request_progress',
  'files_persisted',
  'notification',
  'worker_shutting_down',
]);
const syntheticModel = '<synthetic>';
/** The CLI's filler for a conversation that ends with a tool result. */
const fillerText = 'No response requested.';

/**
 * Turns the lines of one run of the CLI into events. No input or output and no clock: the same lines give the same events.
 * Whatever a line holds, nothing is thrown. A turn that was begun ends once, by `map` or by `abandon`.
 */
export class EventMapper {
  readonly #usage: UsageMeter;
  readonly #blocks = new StreamedBlocks();
  readonly #calls = new Map<string, OpenCall>();
  #turn: Turn | undefined;
  #failure: ApiFailure | undefined;
  #usageLimit: UsageLimitReached | undefined;
  #blockedUntil: number | undefined;
  #saidStart: string | undefined;
  #nativeSessionId: string | undefined;
  #model: string | undefined;
  #version: string | undefined;
  #compacting = false;
  readonly #tasks = new BackgroundTasks();
  readonly #nameOf: (toolName: string) => string;
  #unknownLines = 0;

  /** `nameOf` gives a tool the name that a person reads. */
  constructor(options: { readonly resumed: boolean; readonly nameOf?: (toolName: string) => string }) {
    this.#nameOf = options.nameOf ?? ((toolName) => toolName);
    this.#usage = new UsageMeter(options.resumed);
  }

  /** The conversation's id as soon as the CLI has said it. */
  get nativeSessionId(): string | undefined {
    return this.#nativeSessionId;
  }

  /** What the CLI says of itself; old versions say nothing. */
  get version(): string | undefined {
    return this.#version;
  }

  get turnOpen(): boolean {
    return this.#turn !== undefined;
  }

  get usageTotal(): UsageDelta | undefined {
    return this.#usage.total;
  }

  /** Set once a turn was refused because the account's limit is used up. */
  get usageLimit(): UsageLimitReached | undefined {
    return this.#usageLimit;
  }

  /** Commands and agents that the CLI runs beside its turns, where it tells when they end. */
  get backgroundTasks(): number {
    return this.#tasks.waitedFor;
  }

  /** Whether a tool is at work, so that silence means nothing. */
  get toolRunning(): boolean {
    return [...this.#calls.values()].some((call) => call.started);
  }

  /** How many lines were of a kind that is not known here. */
  get unknownLines(): number {
    return this.#unknownLines;
  }

  /** A turn of ours begins. */
  beginTurn(): void {
    this.#turn = newTurn('user');
    this.#failure = undefined;
  }

  /** The prompt of the turn is being sent under this id. */
  promptSent(promptId: string): void {
    if (this.#turn !== undefined) {
      this.#turn.promptId = promptId;
    }
  }

  /** The turn is being interrupted by us. */
  interrupt(): void {
    if (this.#turn !== undefined) {
      this.#turn.interrupted = true;
    }
  }

  /** The process has ended, and with it what it ran beside its turns. */
  endTasks(): readonly RuntimeEvent[] {
    return this.#tasks.endAll();
  }

  /** Ends the turn, if one is open, without a result: the process has ended or is being ended. */
  abandon(error: ErrorInfo, durationMs: number): readonly RuntimeEvent[] {
    const out: RuntimeEvent[] = [];
    this.#closeCalls(out, () => true);
    const turn = this.#turn;
    const usage = this.#usage.ofLostTurn();
    if (usage !== undefined) {
      out.push({ type: 'usage', ...usage });
    }
    if (turn !== undefined) {
      this.#turn = undefined;
      out.push(
        turn.interrupted
          ? { type: 'turnCancelled', durationMs }
          : {
              type: 'turnComplete',
              stopReason: 'error',
              error,
              durationMs,
              totalTokens: tokensOf(usage),
              turnCount: 0,
              toolCallCount: turn.toolCalls,
            },
      );
    }
    return out;
  }

  map(line: JsonRecord): readonly RuntimeEvent[] {
    const out: RuntimeEvent[] = [];
    const type = asString(line['type']) ?? '';
    switch (type) {
      case 'system':
        this.#system(line, out);
        break;
      case 'stream_event':
        this.#streamEvent(asRecord(line['event']), parentOf(line), out);
        break;
      case 'assistant':
        this.#assistant(line, out);
        break;
      case 'user':
        this.#user(line, out);
        break;
      case 'result':
        this.#result(line, out);
        break;
      case 'rate_limit_event':
        this.#rateLimit(line['rate_limit_info'], out);
        break;
      case 'command_lifecycle':
        this.#promptLifecycle(line);
        break;
      default:
        if (!silentTypes.has(type)) {
          this.#unknownLines += 1;
        }
    }
    return out;
  }

  #system(line: JsonRecord, out: RuntimeEvent[]): void {
    const subtype = asString(line['subtype']) ?? '';
    switch (subtype) {
      case 'init':
        this.#init(line, out);
        break;
      case 'status':
        if (line['status'] === 'compacting') {
          this.#compacting = true;
          out.push({ type: 'compaction', phase: 'started' });
        } else if (line['status'] === null && this.#compacting) {
          this.#endCompaction({}, out);
        }
        break;
      case 'compact_boundary':
        this.#endCompaction(asRecord(line['compact_metadata']), out);
        break;
      case 'api_retry':
        out.push({
          type: 'retry',
          attempt: asNumber(line['attempt']) ?? 1,
          maxAttempts: asNumber(line['max_retries']) ?? 1,
          delayMs: asNumber(line['retry_delay_ms']) ?? 0,
          reason: [asString(line['error']), asNumber(line['error_status'])]
            .filter((part) => part !== undefined)
            .join(' '),
        });
        break;
      case 'permission_denied':
        out.push({
          type: 'warning',
          code: 'permissionDenied',
          message: [asString(line['tool_name']), asString(line['message'])].filter(Boolean).join(': '),
        });
        break;
      case 'background_tasks_changed':
      case 'task_started':
      case 'task_updated':
      case 'task_notification':
        out.push(...this.#tasks.observe(subtype, line));
        break;
      case 'local_command_output':
        this.#addText(asString(line['content']) ?? '', undefined, out);
        break;
      case 'informational':
      case 'model_refusal_fallback':
      case 'model_refusal_no_fallback':
      case 'session_writes_lost': {
        const message = asString(line['content']) ?? asString(line['message']);
        if (message !== undefined) {
          out.push({ type: 'warning', code: subtype, message });
        }
        break;
      }
      default:
        if (!silentSubtypes.has(subtype)) {
          this.#unknownLines += 1;
        }
    }
  }

  #init(line: JsonRecord, out: RuntimeEvent[]): void {
    const nativeSessionId = asString(line['session_id']);
    if (this.#turn === undefined) {
      this.#turn = newTurn('runtime');
      this.#failure = undefined;
      out.push({ type: 'turnStarted', origin: 'runtime' });
    }
    if (nativeSessionId === undefined) {
      return;
    }
    const model = asString(line['model']);
    const version = asString(line['claude_code_version']);
    // A name that begins with an underscore is meant for the CLI's own programs.
    const commands = asArray(line['slash_commands']).filter(
      (command) => typeof command === 'string' && !command.startsWith('_'),
    ) as readonly string[];
    this.#nativeSessionId = nativeSessionId;
    this.#model = model;
    this.#version = version;
    const saying = [nativeSessionId, model, ...commands].join('\n');
    if (saying !== this.#saidStart) {
      this.#saidStart = saying;
      out.push({
        type: 'sessionStarted',
        nativeSessionId,
        ...(model === undefined ? {} : { model }),
        ...(commands.length === 0 ? {} : { commands }),
        ...(version === undefined ? {} : { version }),
      });
    }
  }

  #endCompaction(metadata: JsonRecord, out: RuntimeEvent[]): void {
    this.#compacting = false;
    const tokensBefore = asNumber(metadata['pre_tokens']);
    const tokensAfter = asNumber(metadata['post_tokens']);
    out.push({
      type: 'compaction',
      phase: 'finished',
      ...(tokensBefore === undefined ? {} : { tokensBefore }),
      ...(tokensAfter === undefined ? {} : { tokensAfter }),
    });
  }

  #rateLimit(value: unknown, out: RuntimeEvent[]): void {
    const event = rateLimitOf(value);
    if (event !== undefined) {
      this.#blockedUntil = event.status === 'blocked' ? event.resetsAt : undefined;
      out.push(event);
    }
  }

  #promptLifecycle(line: JsonRecord): void {
    const turn = this.#turn;
    if (turn?.promptId !== undefined && line['command_uuid'] === turn.promptId) {
      turn.prompt = line['state'] === 'queued' ? 'queued' : 'started';
    }
  }

  #streamEvent(event: JsonRecord, parentId: string | undefined, out: RuntimeEvent[]): void {
    const index = asNumber(event['index']) ?? 0;
    switch (event['type']) {
      case 'message_start': {
        const message = asRecord(event['message']);
        this.#usage.streamed(asRecord(message['usage']), 'start');
        this.#closeCalls(out, (call) => !call.started && call.parentId === parentId);
        if (this.#blocks.startStream(asString(message['id']) ?? '') && parentId === undefined) {
          out.push({ type: 'stepStarted' });
        }
        break;
      }
      case 'message_delta':
        this.#usage.streamed(asRecord(event['usage']), 'end');
        break;
      case 'content_block_start':
        this.#openBlock(index, asRecord(event['content_block']), parentId, out);
        break;
      case 'content_block_delta':
        this.#blockDelta(index, asRecord(event['delta']), parentId, out);
        break;
      default:
    }
  }

  #openBlock(index: number, block: JsonRecord, parentId: string | undefined, out: RuntimeEvent[]): void {
    switch (block['type']) {
      case 'text':
      case 'thinking':
        this.#blocks.open(index, block['type'] === 'text' ? 'text' : 'reasoning');
        this.#blockDelta(index, block, parentId, out);
        break;
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use': {
        const id = asString(block['id']);
        const cliName = asString(block['name']);
        const name = cliName === undefined ? undefined : this.#nameOf(cliName);
        if (id !== undefined && name !== undefined && this.#blocks.open(index, 'tool', id, name) !== undefined) {
          this.#calls.set(id, { parentId, started: false });
          out.push({ type: 'toolCallStreaming', id, name, text: '', ...withParent(parentId) });
        }
        break;
      }
      default:
    }
  }

  #blockDelta(index: number, delta: JsonRecord, parentId: string | undefined, out: RuntimeEvent[]): void {
    const block = this.#blocks.at(index);
    if (block === undefined) {
      return;
    }
    const text =
      block.kind === 'text'
        ? asString(delta['text'])
        : block.kind === 'reasoning'
          ? asString(delta['thinking'])
          : asString(delta['partial_json']);
    if (text === undefined || text === '') {
      return;
    }
    block.streamed += text.length;
    if (block.kind !== 'tool') {
      this.#spoke(block.kind, parentId);
      out.push({
        type: block.kind === 'text' ? 'textDelta' : 'reasoningDelta',
        partId: block.partId,
        text,
        ...withParent(parentId),
      });
    } else if (block.toolCallId !== undefined && block.toolName !== undefined) {
      out.push({
        type: 'toolCallStreaming',
        id: block.toolCallId,
        name: block.toolName,
        text,
        ...withParent(parentId),
      });
    }
  }

  #assistant(line: JsonRecord, out: RuntimeEvent[]): void {
    const message = asRecord(line['message']);
    const parentId = parentOf(line);
    const messageId = asString(message['id']) ?? '';
    const blocks = contentBlocks(message['content']);
    const text = blocks.map((block) => asString(block['text']) ?? '').join('');
    if (message['model'] === syntheticModel && text === fillerText) {
      return;
    }
    if (parentId === undefined) {
      const failure = apiFailureOf(line, text);
      if (failure !== undefined) {
        this.#failed(failure, asRecord(line['api_error_params'])['rate_limit_info'], out);
      }
      if (this.#blocks.begin(messageId)) {
        out.push({ type: 'stepStarted' });
      }
    }
    for (const block of blocks) {
      this.#wholeBlock(messageId, block, parentId, out);
    }
  }

  #failed(failure: ApiFailure, rateLimitInfo: unknown, out: RuntimeEvent[]): void {
    this.#failure = failure;
    if (!isUsageLimit(failure)) {
      return;
    }
    if (this.#blockedUntil === undefined) {
      const said = rateLimitOf(rateLimitInfo);
      const event: RateLimit = { ...said, type: 'rateLimit', status: 'blocked' };
      this.#blockedUntil = event.resetsAt;
      out.push(event);
    }
    this.#usageLimit = this.#blockedUntil === undefined ? {} : { resetsAt: this.#blockedUntil };
  }

  #wholeBlock(messageId: string, block: JsonRecord, parentId: string | undefined, out: RuntimeEvent[]): void {
    const type = asString(block['type']) ?? '';
    switch (type) {
      case 'text':
      case 'thinking': {
        const kind = type === 'text' ? 'text' : 'reasoning';
        const text = asString(block[type]) ?? '';
        const streamed = this.#blocks.confirm(messageId, kind);
        const missing = text.slice(streamed?.streamed ?? 0);
        if (missing !== '') {
          this.#spoke(kind, parentId);
          out.push({
            type: kind === 'text' ? 'textDelta' : 'reasoningDelta',
            partId: streamed?.partId ?? this.#blocks.nextPartId(),
            text: missing,
            ...withParent(parentId),
          });
        }
        break;
      }
      case 'tool_use':
      case 'server_tool_use':
      case 'mcp_tool_use':
        this.#blocks.confirm(messageId, 'tool');
        this.#toolCall(block, parentId, out);
        break;
      default:
        if (type.endsWith('_tool_result')) {
          this.#toolResult(block, undefined, out);
        }
    }
  }

  #toolCall(block: JsonRecord, parentId: string | undefined, out: RuntimeEvent[]): void {
    const id = asString(block['id']);
    const name = asString(block['name']);
    if (id === undefined || name === undefined) {
      return;
    }
    this.#calls.set(id, { parentId, started: true });
    if (this.#turn !== undefined) {
      this.#turn.toolCalls += 1;
    }
    const title = titleOf(name, block['input']);
    this.#tasks.observeCall(id, title);
    out.push({
      type: 'toolCallStarted',
      id,
      name: this.#nameOf(name),
      title,
      inputText: jsonText(block['input'] ?? {}) ?? '',
      ...withParent(parentId),
    });
  }

  #user(line: JsonRecord, out: RuntimeEvent[]): void {
    if (line['isReplay'] === true) {
      return;
    }
    const blocks = contentBlocks(asRecord(line['message'])['content']);
    const results = blocks.filter((block) => block['type'] === 'tool_result');
    for (const block of results) {
      // The structured side belongs to the line, which with several results does not say to which.
      this.#toolResult(block, results.length === 1 ? line['tool_use_result'] : undefined, out);
    }
  }

  #toolResult(block: JsonRecord, structured: unknown, out: RuntimeEvent[]): void {
    const id = asString(block['tool_use_id']);
    if (id === undefined) {
      return;
    }
    this.#calls.delete(id);
    out.push(...this.#tasks.observeResult(id, structured));
    const failed = block['is_error'] === true;
    const cancelled =
      asRecord(structured)['interrupted'] === true || (failed && this.#turn !== undefined && this.#turn.interrupted);
    const { output, images } = contentOf(block['content']);
    const edit = failed ? undefined : editOf(structured);
    out.push({
      type: 'toolResult',
      id,
      output,
      outcome: cancelled ? 'cancelled' : failed ? 'failed' : 'completed',
      ...(edit === undefined ? {} : { edit }),
      ...(images.length === 0 ? {} : { images }),
    });
  }

  #result(line: JsonRecord, out: RuntimeEvent[]): void {
    const usage = this.#usage.ofResult(line);
    if (usage !== undefined) {
      out.push({ type: 'usage', ...usage });
    }
    const turn = this.#turn;
    if (turn === undefined || this.#isOfAnotherTurn(line, turn)) {
      return;
    }
    const text = asString(line['result']) ?? '';
    if (!turn.spoke && text !== '') {
      this.#addText(text, undefined, out);
    }
    const durationMs = Math.max(0, asNumber(line['duration_ms']) ?? 0);
    const aborted = isAborted(line);
    this.#closeCalls(out, (call) => aborted || call.parentId === undefined);
    const failure = this.#failure;
    this.#turn = undefined;
    this.#failure = undefined;
    if (aborted && turn.interrupted) {
      out.push({ type: 'turnCancelled', durationMs });
      return;
    }
    const stopReason = aborted ? 'cancelled' : stopReasonOf(line);
    if (stopReason !== 'error') {
      this.#usageLimit = undefined;
    }
    out.push({
      type: 'turnComplete',
      stopReason,
      ...(stopReason === 'error' ? { error: errorOfResult(line, failure, this.#model) } : {}),
      durationMs,
      totalTokens: tokensOf(usage),
      turnCount: Math.max(0, asNumber(line['num_turns']) ?? 0),
      toolCallCount: turn.toolCalls,
    });
  }

  /** A turn that the CLI began by itself can end while our prompt still waits; it then gets a result of its own. */
  #isOfAnotherTurn(line: JsonRecord, turn: Turn): boolean {
    return turn.prompt === 'queued' && asRecord(line['origin'])['kind'] === 'task-notification';
  }

  #addText(text: string, parentId: string | undefined, out: RuntimeEvent[]): void {
    if (text !== '') {
      this.#spoke('text', parentId);
      out.push({ type: 'textDelta', partId: this.#blocks.nextPartId(), text, ...withParent(parentId) });
    }
  }

  #spoke(kind: 'text' | 'reasoning', parentId: string | undefined): void {
    if (this.#turn !== undefined && kind === 'text' && parentId === undefined) {
      this.#turn.spoke = true;
    }
  }

  #closeCalls(out: RuntimeEvent[], which: (call: OpenCall) => boolean): void {
    for (const [id, call] of this.#calls) {
      if (which(call)) {
        this.#calls.delete(id);
        out.push({ type: 'toolResult', id, output: '', outcome: 'cancelled' });
      }
    }
  }
}

function newTurn(origin: Turn['origin']): Turn {
  return { origin, promptId: undefined, prompt: 'unknown', interrupted: false, toolCalls: 0, spoke: false };
}

function isAborted(result: JsonRecord): boolean {
  const reason = asString(result['terminal_reason']);
  // Old versions give no reason, but nothing else of this subtype comes with a diagnostic of its kind.
  return reason === undefined
    ? result['subtype'] === 'error_during_execution' &&
        asArray(result['errors']).every((error) => typeof error === 'string' && error.startsWith('[ede_diagnostic]'))
    : reason.startsWith('aborted');
}

/** `is_error` decides, never the subtype `success`; the limits that were asked for are no errors. */
function stopReasonOf(result: JsonRecord): StopReason {
  switch (result['subtype']) {
    case 'error_max_turns':
      return 'maxSteps';
    case 'error_max_budget_usd':
      return 'budget';
    case 'success':
      break;
    default:
      return 'error';
  }
  if (result['is_error'] === true) {
    return 'error';
  }
  switch (result['stop_reason']) {
    case 'max_tokens':
      return 'maxTokens';
    case 'refusal':
      return 'refusal';
    default:
      return 'endTurn';
  }
}

function contentBlocks(content: unknown): readonly JsonRecord[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content).filter(isRecord);
}

function parentOf(line: JsonRecord): string | undefined {
  return asString(line['parent_tool_use_id']);
}

function withParent(parentId: string | undefined): { readonly parentId?: string } {
  return parentId === undefined ? {} : { parentId };
}
