import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../core/ports.ts';
import { headLength, tailLength } from '../../core/textSize.ts';
import type { Tool, ToolOutcome } from '../../core/tools/tool.ts';
import type { ToolPermits } from './toolPermits.ts';

export interface ToolCallRequest {
  readonly name: string;
  readonly input: unknown;
  /** The CLI's id of the call, where it says one. */
  readonly toolCallId: string | undefined;
  /** Aborts when the CLI no longer wants the answer. */
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

export interface ToolCallsOptions {
  readonly tools: readonly Tool[];
  readonly permits: ToolPermits;
  readonly sessionId: string;
  readonly cwd: string;
  readonly log: Log;
}

/** Calls at work, those counted too that were given up and do not end. The CLI starts ten at a time at most. */
const maxRunning = 32;
/** Bytes of JSON: a tool's own limit of 30,000 characters fits whatever they are. */
export const maxOutputBytes = 200_000;

interface RunningCall {
  readonly toolCallId: string | undefined;
  readonly abort: AbortController;
}

/**
 * Runs our tools for the CLI. A call that nobody allowed does not run, whatever the CLI did before; each is answered
 * once, whatever the tool does, and at once when it is aborted.
 */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #running = new Set<RunningCall>();
  #closed = false;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  }

  get runningCount(): number {
    return this.#running.size;
  }

  has(name: string): boolean {
    return this.#tools.has(name);
  }

  /** Never rejects. */
  async call(request: ToolCallRequest): Promise<ToolOutcome> {
    const { permits, log } = this.#options;
    const tool = this.#tools.get(request.name);
    if (tool === undefined) {
      return failure(`There is no tool ${request.name}.`);
    }
    if (!permits.take(request)) {
      log.warn(`claude-code: a call of ${tool.name} was refused: nobody has allowed it with these arguments`);
      return failure('Not run: this call was not approved, or its arguments were changed after it was.');
    }
    if (this.#closed || request.signal.aborted) {
      return cancelled();
    }
    if (this.#running.size >= maxRunning) {
      return failure(`Not run: ${maxRunning} calls are at work already. Wait for one of them to end.`);
    }
    const running: RunningCall = { toolCallId: request.toolCallId, abort: new AbortController() };
    const { signal } = running.abort;
    const aborted = new Promise<ToolOutcome>((resolve) => {
      signal.addEventListener('abort', () => resolve(cancelled()), { once: true });
    });
    const onAbort = (): void => running.abort.abort();
    request.signal.addEventListener('abort', onAbort, { once: true });
    this.#running.add(running);
    const work = this.#run(tool, request, signal).finally(() => {
      request.signal.removeEventListener('abort', onAbort);
      this.#running.delete(running);
    });
    return Promise.race([work, aborted]);
  }

  /** The CLI has a result for this call: nobody waits for ours. */
  abort(toolCallId: string): void {
    for (const call of this.#running) {
      if (call.toolCallId === toolCallId) {
        call.abort.abort();
      }
    }
  }

  /** Aborts what is at work; nothing is started any more. */
  close(): void {
    this.#closed = true;
    for (const { abort } of this.#running) {
      abort.abort();
    }
  }

  async #run(tool: Tool, request: ToolCallRequest, signal: AbortSignal): Promise<ToolOutcome> {
    const { sessionId, cwd, log } = this.#options;
    try {
      const call = tool.prepare(request.input);
      if ('problem' in call) {
        return failure(call.problem);
      }
      const outcome = await call.run({
        sessionId,
        toolCallId: request.toolCallId ?? '',
        cwd,
        signal,
        progress: (text) => {
          if (!signal.aborted) {
            request.progress(text);
          }
        },
      });
      return { text: bounded(outcome.text), isError: outcome.isError };
    } catch (error) {
      log.error(`claude-code: the tool ${tool.name} failed`, error);
      return failure(`${tool.name} failed: ${messageOf(error)}`);
    }
  }
}

function failure(text: string): ToolOutcome {
  return { text: bounded(text), isError: true };
}

function cancelled(): ToolOutcome {
  return failure('Cancelled.');
}

/** A text that the model's service takes: not empty, and head and tail of one that is too long. */
function bounded(text: string): string {
  if (text.length * 6 <= maxOutputBytes) {
    return text === '' ? '(no output)' : text;
  }
  const head = headLength(text, maxOutputBytes / 2);
  const tail = tailLength(text.slice(head), maxOutputBytes / 2);
  const left = text.length - head - tail;
  return left === 0 ? text : `${text.slice(0, head)}\n[… ${left} characters are left out here …]\n${text.slice(-tail)}`;
}
