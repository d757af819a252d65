import type { RuntimeEvent } from '../../core/sessionEvents.ts';
import type { AnswerBlock, CallBlock } from './history.ts';
import type { ModelChunk } from './modelVendor.ts';

export interface StepAnswerDeps {
  readonly emit: (event: RuntimeEvent) => void;
  /** Begins the ids of the parts; unique within the session. */
  readonly idPrefix: string;
  /** An id that no call of the session has had. */
  readonly newCallId: (vendorId: string) => string;
}

/** More calls of one answer are not made: nobody could follow them, and their results would not fit into the conversation. */
export const maxCalls = 100;

interface ShownCall {
  readonly id: string;
  readonly name: string;
  inputText: string;
}

/** One attempt at an answer: shows it as it comes, and keeps what is complete of it. */
export class StepAnswer {
  readonly #deps: StepAnswerDeps;
  readonly #blocks: AnswerBlock[] = [];
  /** By our id. */
  readonly #calls = new Map<string, ShownCall>();
  /** The newest call of each of the vendor's ids. */
  readonly #byVendorId = new Map<string, ShownCall>();
  #surplusCalls = 0;
  /** A text whose end has not come. */
  #open: { readonly block: number; text: string } | undefined;
  #isShown = false;

  constructor(deps: StepAnswerDeps) {
    this.#deps = deps;
  }

  /** Whether a person has seen anything of it. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Calls beyond the limit: neither shown nor kept. */
  get surplusCalls(): number {
    return this.#surplusCalls;
  }

  get blocks(): readonly AnswerBlock[] {
    return this.#blocks;
  }

  get calls(): readonly CallBlock[] {
    return this.#blocks.filter((block) => block.type === 'call');
  }

  readonly take = (chunk: ModelChunk): void => {
    const { emit, idPrefix } = this.#deps;
    switch (chunk.type) {
      case 'text':
      case 'reasoning':
        if (chunk.text !== '') {
          this.#isShown = true;
          this.#note(chunk);
          emit({
            type: chunk.type === 'text' ? 'textDelta' : 'reasoningDelta',
            partId: `${idPrefix}-${chunk.block}`,
            text: chunk.text,
          });
        }
        break;
      case 'call':
        this.#begin(chunk.id, chunk.name);
        break;
      case 'callInput': {
        const call = this.#byVendorId.get(chunk.id);
        if (call !== undefined && chunk.text !== '') {
          call.inputText += chunk.text;
          emit({ type: 'toolCallStreaming', id: call.id, name: call.name, text: chunk.text });
        }
        break;
      }
      case 'block':
        this.#keep(chunk.value);
        break;
      case 'log':
        emit({ type: 'rawOutput', text: chunk.text });
        break;
      case 'alive':
        break;
    }
  };

  /** What is complete, and the text that was being written, as far as it was seen. */
  soFar(): readonly AnswerBlock[] {
    return this.#open === undefined ? this.#blocks : [...this.#blocks, { type: 'text', text: this.#open.text }];
  }

  /** Every call that a person has seen, complete or not. */
  shownCalls(): readonly CallBlock[] {
    return [...this.#calls.values()].map((call) => ({ type: 'call', ...call }));
  }

  /** Calls whose arguments broke off are kept as far as they came: each is told that. */
  keepBrokenCalls(): readonly CallBlock[] {
    const kept = new Set(this.calls.map(({ id }) => id));
    const broken = [...this.#calls.values()]
      .filter(({ id }) => !kept.has(id))
      .map((call): CallBlock => ({ type: 'call', ...call }));
    this.#blocks.push(...broken);
    return broken;
  }

  /** The attempt failed: what was shown of its calls is ended. */
  discard(output: string): void {
    for (const id of this.#calls.keys()) {
      this.#deps.emit({ type: 'toolResult', id, output, outcome: 'cancelled' });
    }
    this.#calls.clear();
    this.#byVendorId.clear();
    this.#blocks.length = 0;
    this.#open = undefined;
  }

  #begin(vendorId: string, name: string): void {
    const { emit, newCallId } = this.#deps;
    this.#byVendorId.delete(vendorId);
    if (this.#calls.size >= maxCalls) {
      this.#surplusCalls += 1;
      return;
    }
    const id = newCallId(vendorId);
    const call: ShownCall = { id, name, inputText: '' };
    this.#calls.set(id, call);
    this.#byVendorId.set(vendorId, call);
    this.#isShown = true;
    emit({ type: 'toolCallStreaming', id, name, text: '' });
  }

  #note({ type, block, text }: Extract<ModelChunk, { readonly type: 'text' | 'reasoning' }>): void {
    if (type === 'reasoning') {
      this.#open = undefined;
    } else if (this.#open?.block === block) {
      this.#open.text += text;
    } else {
      this.#open = { block, text };
    }
  }

  #keep(block: AnswerBlock): void {
    if (block.type === 'text') {
      this.#open = undefined;
    }
    if (block.type !== 'call') {
      this.#blocks.push(block);
      return;
    }
    const call = this.#byVendorId.get(block.id);
    if (call !== undefined) {
      this.#blocks.push({ ...block, id: call.id });
    }
  }
}
