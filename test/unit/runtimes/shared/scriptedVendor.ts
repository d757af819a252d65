import assert from 'node:assert/strict';
import type { ErrorInfo } from '../../../../src/base/errors.ts';
import type { ModelMessage } from '../../../../src/runtimes/shared/modelMessages.ts';
import type {
  ModelAnswer,
  ModelChunk,
  ModelFacts,
  ModelFailure,
  ModelRequest,
  ModelStop,
  ModelVendor,
} from '../../../../src/runtimes/shared/modelVendor.ts';

const noTokens = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** What a model does when it is called. */
export interface ScriptedStep {
  readonly text?: string;
  readonly reasoning?: string;
  /** Name, arguments and, where it matters, the id. */
  readonly calls?: readonly (readonly [name: string, input: unknown, id?: string])[];
  /** A call whose arguments break off. */
  readonly brokenCall?: readonly [name: string, inputText: string];
  readonly stop?: ModelStop;
  readonly explanation?: string;
  readonly failure?: ModelFailure;
  /** Says nothing more until it is aborted. */
  readonly hangs?: true;
  /** Tokens of the request as the service counts them. */
  readonly inputTokens?: number;
  readonly costUsd?: number;
}

/** A model that does what it is told, step by step; the last step stays. */
export class ScriptedVendor implements ModelVendor {
  id = 'scripted';
  /** What it wants back with its reasoning. */
  seal = 'sealed';
  readonly defaultModel = 'model-1';
  readonly requests: ModelRequest[] = [];
  windowTokens = 200_000;
  /** Why no call can be made. */
  trouble: ErrorInfo | undefined;
  #steps: readonly ScriptedStep[];
  #calls = 0;

  constructor(...steps: readonly ScriptedStep[]) {
    this.#steps = steps;
  }

  play(...steps: readonly ScriptedStep[]): void {
    this.#steps = steps;
  }

  problem(): Promise<ErrorInfo | undefined> {
    return Promise.resolve(this.trouble);
  }

  facts(): Promise<ModelFacts> {
    return Promise.resolve({ windowTokens: this.windowTokens });
  }

  async call(request: ModelRequest, onChunk: (chunk: ModelChunk) => void, signal: AbortSignal): Promise<ModelAnswer> {
    this.requests.push(structuredClone(request));
    assertValid(request.messages);
    const [step = {}, ...rest] = this.#steps;
    this.#steps = rest.length === 0 ? [step] : rest;
    const usage = {
      ...noTokens,
      inputTokens: step.inputTokens ?? 100,
      outputTokens: 10,
      ...(step.costUsd === undefined ? {} : { costUsd: step.costUsd }),
    };
    await tick();
    let block = 0;
    if (step.reasoning !== undefined) {
      onChunk({ type: 'reasoning', block, text: step.reasoning });
      onChunk({ type: 'block', value: { type: 'reasoning', text: step.reasoning, seal: this.seal } });
      block += 1;
    }
    for (const piece of step.text?.match(/.{1,8}/gs) ?? []) {
      onChunk({ type: 'text', block, text: piece });
      await tick();
    }
    if (step.text !== undefined && step.failure === undefined && step.hangs === undefined) {
      onChunk({ type: 'block', value: { type: 'text', text: step.text } });
    }
    for (const [name, input, id] of step.calls ?? []) {
      this.#calls += 1;
      const callId = id ?? `call-${this.#calls}`;
      const inputText = typeof input === 'string' ? input : JSON.stringify(input);
      onChunk({ type: 'call', id: callId, name });
      onChunk({ type: 'callInput', id: callId, text: inputText });
      await tick();
      onChunk({ type: 'block', value: { type: 'call', id: callId, name, inputText } });
    }
    if (step.brokenCall !== undefined) {
      onChunk({ type: 'call', id: 'broken', name: step.brokenCall[0] });
      onChunk({ type: 'callInput', id: 'broken', text: step.brokenCall[1] });
    }
    if (step.hangs === true && !signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      return { kind: 'failed', failure: { error: { code: 'aborted', message: 'aborted', actions: [] } }, usage };
    }
    if (step.failure !== undefined) {
      return { kind: 'failed', failure: step.failure };
    }
    const { explanation } = step;
    const stop = step.stop ?? (step.calls === undefined ? 'end' : 'calls');
    return { kind: 'complete', stop, usage, ...(explanation === undefined ? {} : { explanation }) };
  }
}

export function failure(code: string, more: Partial<ModelFailure> = {}): ModelFailure {
  return { error: { code, message: `${code} happened`, actions: [] }, ...more };
}

/** What services insist on. */
export function assertValid(messages: readonly ModelMessage[]): void {
  assert.equal(messages[0]?.role, 'user', 'the first message is the user’s');
  assert.equal(messages.at(-1)?.role, 'user', 'the last message is the user’s');
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    assert.ok(message.blocks.length > 0, 'no message is empty');
    for (const block of message.blocks) {
      assert.ok(block.type !== 'text' || block.text.trim() !== '', 'no text is blank');
    }
    const results = message.blocks.flatMap((block) => (block.type === 'result' ? [block.callId] : []));
    const before = messages[index - 1];
    const calls =
      before?.role === 'assistant' ? before.blocks.flatMap((block) => (block.type === 'call' ? [block.id] : [])) : [];
    assert.deepEqual(results, calls, 'every call has its result, at once and once');
    if (message.role === 'user') {
      const first = message.blocks.findIndex((block) => block.type !== 'result');
      assert.ok(
        first < 0 || message.blocks.slice(first).every((block) => block.type !== 'result'),
        'results come first',
      );
      assert.notEqual(before?.role, 'user', 'no two user messages follow each other');
    } else {
      assert.notEqual(message.blocks.at(-1)?.type, 'reasoning', 'something follows the reasoning');
      for (const block of message.blocks) {
        assert.ok(block.type !== 'call' || !ids.has(block.id), 'no id is used twice');
        if (block.type === 'call') {
          ids.add(block.id);
        }
      }
    }
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
