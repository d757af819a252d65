import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { parseJson } from '../../base/json.ts';
import type { Log } from '../../base/log.ts';
import type { ApprovalGate, ApprovalMode, Verdict } from '../../core/runtime.ts';
import type { RuntimeEvent, ToolImage } from '../../core/sessionEvents.ts';
import type { ToolRequest } from '../../core/toolRequest.ts';
import type { Tool, ToolCall, ToolOutcome } from '../../core/tools/tool.ts';
import { untilAborted } from './cancellable.ts';
import { titleOf } from './callTitle.ts';
import type { CallBlock } from './history.ts';
import type { CallResult } from './modelMessages.ts';
import { type TalkTool, talkTools } from './talkTools.ts';
import { TurnStopped } from './turnStopped.ts';

/** Calls that only read and run side by side. */
const maxParallel = 8;
/** What a model is given of one result; tools keep well below it by themselves. */
const maxResultLength = 100_000;
/** What each result is given even where those before it have taken all the room of their answer. */
const leastResultLength = 2_000;
/** Characters of images, as base64, that the calls of one answer may give: services take requests of some 30 MB. */
const maxImagesLength = 20_000_000;
/** A tool that does not end when its turn was stopped is left behind after this time. */
const stopPatienceMs = 5_000;

const stoppedText = 'The user stopped this call before it ended.';

export interface ToolRunnerDeps {
  readonly tools: readonly Tool[];
  readonly gate: ApprovalGate;
  readonly sessionId: string;
  readonly cwd: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: RuntimeEvent) => void;
  /** Characters that the results of one answer may take together. */
  readonly maxResultsLength: number;
  /** The person has changed how the work goes on. */
  readonly onMode: (mode: ApprovalMode) => void;
  /** Told of each result, in the order the calls end. */
  readonly onResult: (callId: string, result: CallResult) => void;
}

/** Makes the calls of an answer, each one asked for first. Every call gets exactly one result. */
export class ToolRunner {
  readonly #deps: ToolRunnerDeps;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #talks: ReadonlyMap<string, TalkTool>;
  /** What is left for the results of the calls that are being made. */
  #room: { length: number; imagesLength: number };

  constructor(deps: ToolRunnerDeps) {
    this.#deps = deps;
    this.#room = this.#wholeRoom();
    this.#tools = new Map(deps.tools.map((tool) => [tool.name, tool]));
    this.#talks = new Map(talkTools.map((tool) => [tool.spec.name, tool]));
  }

  /** Those that only read run side by side, the others alone and in their order. Rejects with `TurnStopped`. */
  async run(calls: readonly CallBlock[], signal: AbortSignal): Promise<void> {
    const open = [...calls];
    this.#room = this.#wholeRoom();
    try {
      while (open.length > 0) {
        throwIfStopped(signal);
        const batch = this.#nextBatch(open);
        open.splice(0, batch.length);
        const ended = await Promise.allSettled(batch.map((call) => this.#runOne(call, signal)));
        for (const result of ended) {
          if (result.status === 'rejected') {
            throw result.reason;
          }
        }
      }
    } finally {
      this.stop(open);
    }
  }

  /** Ends calls that are not made, for the reason given. */
  refuse(calls: readonly CallBlock[], reason: string): void {
    for (const call of calls) {
      this.#end(call, { text: reason, isError: true }, 'failed');
    }
  }

  /** Ends calls that were not made yet when the turn was stopped. */
  stop(calls: readonly CallBlock[]): void {
    for (const call of calls) {
      this.#end(call, { text: stoppedText, isError: true }, 'cancelled');
    }
  }

  #nextBatch(open: readonly CallBlock[]): readonly CallBlock[] {
    const end = open.findIndex(({ name }) => this.#tools.get(name)?.isReadOnly !== true);
    return open.slice(0, Math.max(1, Math.min(end < 0 ? open.length : end, maxParallel)));
  }

  async #runOne(call: CallBlock, signal: AbortSignal): Promise<void> {
    const { emit } = this.#deps;
    const { id, name, inputText } = call;
    const input = inputText.trim() === '' ? {} : parseJson(inputText);
    const prepared = this.#prepared(name, input);
    const wants = prepared === undefined || 'problem' in prepared ? undefined : prepared.wants;
    emit({ type: 'toolCallStarted', id, name, title: titleOf(input, wants), inputText });
    let outcome: ToolOutcome;
    try {
      outcome = await this.#outcomeOf(call, input, prepared, signal);
    } catch (error) {
      if (error instanceof TurnStopped || signal.aborted) {
        this.#end(call, { text: stoppedText, isError: true }, 'cancelled');
        throw new TurnStopped();
      }
      this.#deps.log.error(`the tool ${name} failed`, error);
      outcome = { text: toolFailed(error), isError: true };
    }
    this.#end(call, outcome, outcome.isError ? 'failed' : 'completed');
  }

  #prepared(name: string, input: unknown): ToolCall | { readonly problem: string } | undefined {
    try {
      return input === undefined ? undefined : this.#tools.get(name)?.prepare(input);
    } catch (error) {
      this.#deps.log.error(`the tool ${name} failed`, error);
      return { problem: toolFailed(error) };
    }
  }

  async #outcomeOf(
    { id, name, inputText }: CallBlock,
    input: unknown,
    prepared: ToolCall | { readonly problem: string } | undefined,
    signal: AbortSignal,
  ): Promise<ToolOutcome> {
    if (input === undefined) {
      return { text: `The arguments are no valid JSON: ${inputText.slice(0, 200)}`, isError: true };
    }
    const talk = this.#talks.get(name);
    if (talk !== undefined) {
      const outcome = await talk.talk(id, input, this.#deps.gate, signal);
      if (outcome.mode !== undefined) {
        this.#deps.onMode(outcome.mode);
      }
      return outcome;
    }
    if (prepared === undefined) {
      return { text: `There is no tool ${name}. There are: ${this.#names().join(', ')}.`, isError: true };
    }
    if ('problem' in prepared) {
      return { text: prepared.problem, isError: true };
    }
    const refusal = await this.#refusal({ toolCallId: id, toolName: name, input, ...prepared.wants }, signal);
    throwIfStopped(signal);
    return refusal === undefined ? this.#make(prepared, id, signal) : { text: refusal, isError: true };
  }

  /** Why the call may not be made; undefined: it may. */
  async #refusal(request: ToolRequest, signal: AbortSignal): Promise<string | undefined> {
    const { gate } = this.#deps;
    const verdict = await this.#judge(request, signal);
    if (verdict.kind !== 'ask') {
      return verdict.kind === 'deny' ? verdict.reason : undefined;
    }
    const answer = await untilAborted(gate.ask(request, verdict.reason, signal), signal);
    switch (answer.kind) {
      case 'allow':
        return undefined;
      case 'deny':
        return answer.message === '' ? 'The user rejected this call.' : answer.message;
      case 'withdrawn':
        throw new TurnStopped();
    }
  }

  /** What cannot be judged is refused. */
  async #judge(request: ToolRequest, signal: AbortSignal): Promise<Verdict> {
    try {
      return await untilAborted(this.#deps.gate.judge(request), signal);
    } catch (error) {
      throwIfStopped(signal);
      this.#deps.log.error(`the call of ${request.toolName} could not be judged`, error);
      return { kind: 'deny', reason: messageOf(error) };
    }
  }

  async #make(call: ToolCall, toolCallId: string, signal: AbortSignal): Promise<ToolOutcome> {
    const { sessionId, cwd, clock, log, emit } = this.#deps;
    let told = '';
    const progress = (text: string): void => {
      const news = text.startsWith(told) ? text.slice(told.length) : text;
      told = text;
      if (news !== '' && !signal.aborted) {
        emit({ type: 'toolOutput', id: toolCallId, text: news });
      }
    };
    const patience = new AbortController();
    let timer: ReturnType<Clock['after']> | undefined;
    const onStop = (): void => {
      timer = clock.after(stopPatienceMs, () => {
        log.warn(`a tool did not end ${stopPatienceMs} ms after its turn was stopped; it is left behind`);
        patience.abort(new TurnStopped());
      });
    };
    signal.addEventListener('abort', onStop, { once: true });
    try {
      // What it did although it was stopped counts: the model has to know.
      return await untilAborted(call.run({ sessionId, toolCallId, cwd, signal, progress }), patience.signal);
    } finally {
      signal.removeEventListener('abort', onStop);
      timer?.dispose();
    }
  }

  #end({ id }: CallBlock, outcome: ToolOutcome, how: 'completed' | 'failed' | 'cancelled'): void {
    const { text, images } = this.#fitting(outcome);
    this.#deps.onResult(id, {
      text,
      isError: how !== 'completed',
      images: images.map(({ mediaType, data }) => ({ type: 'image', mediaType, data })),
    });
    this.#deps.emit({ type: 'toolResult', id, output: text, outcome: how, ...shownOf(images, outcome) });
  }

  #wholeRoom() {
    return { length: this.#deps.maxResultsLength, imagesLength: maxImagesLength };
  }

  /** What there is room for. */
  #fitting(outcome: ToolOutcome) {
    const room = this.#room;
    const images = (outcome.images ?? []).filter(hasData).filter(({ data }) => {
      const fits = data.length <= room.imagesLength;
      room.imagesLength -= fits ? data.length : 0;
      return fits;
    });
    const left = (outcome.images ?? []).filter(hasData).length - images.length;
    const note = left === 0 ? '' : `\n[${left} images are left out here: those of these calls are too large together]`;
    const most = Math.min(maxResultLength, Math.max(leastResultLength, room.length));
    const why =
      most < maxResultLength ? ': the results of these calls are too long together; ask for this one alone' : '';
    const text = `${shortened(outcome.text, most, why)}${note}`;
    room.length -= text.length;
    return { text, images };
  }

  #names(): readonly string[] {
    return [...this.#tools.keys(), ...this.#talks.keys()];
  }
}

function toolFailed(error: unknown): string {
  return `The tool itself failed: ${messageOf(error)}`;
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new TurnStopped();
  }
}

function hasData(image: ToolImage): image is ToolImage & { readonly data: string } {
  return image.data !== undefined;
}

function shownOf(images: readonly ToolImage[], { edit, shown }: ToolOutcome) {
  return {
    ...(images.length === 0 ? {} : { images }),
    ...(edit === undefined ? {} : { edit }),
    ...(shown === undefined ? {} : { shown }),
  };
}

function shortened(text: string, most: number, why: string): string {
  if (text.length <= most) {
    return text;
  }
  const half = Math.floor(most / 2);
  const missing = `[… ${text.length - 2 * half} characters are left out here${why} …]`;
  return `${text.slice(0, half)}\n${missing}\n${text.slice(-half)}`;
}
