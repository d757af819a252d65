import { asNumber, asRecord, asString, isRecord, type JsonRecord } from '../../base/json.ts';
import type { ModelChunk, ModelStop } from '../shared/modelVendor.ts';
import type { Tokens } from './cost.ts';
import { encodeSeal } from './seal.ts';

/** A block whose end has not come. Unknown kinds are passed over. */
type OpenBlock =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'thinking'; text: string; signature: string }
  | { readonly kind: 'redacted'; readonly data: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly given: unknown; inputText: string }
  | undefined;

/** The end of a message, or an error that came in its place. */
export type StreamEnd =
  | { readonly kind: 'stopped'; readonly stop: ModelStop; readonly explanation?: string }
  | { readonly kind: 'error'; readonly error: JsonRecord };

/** Turns the events of one streamed message into chunks. Pure; takes whatever comes. */
export class EventMapper {
  readonly #emit: (chunk: ModelChunk) => void;
  readonly #blocks = new Map<number, OpenBlock>();
  #tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  #end: StreamEnd | undefined;
  #hasUsage = false;

  constructor(emit: (chunk: ModelChunk) => void) {
    this.#emit = emit;
  }

  /** What has been reported; undefined until anything was. */
  get tokens(): Tokens | undefined {
    return this.#hasUsage ? this.#tokens : undefined;
  }

  /** Undefined while the message goes on, or when it broke off. */
  get end(): StreamEnd | undefined {
    return this.#end;
  }

  take(event: unknown): void {
    if (!isRecord(event)) {
      return;
    }
    switch (event['type']) {
      case 'content_block_delta':
        this.#delta(asNumber(event['index']) ?? 0, asRecord(event['delta']));
        break;
      case 'content_block_start':
        this.#start(asNumber(event['index']) ?? 0, asRecord(event['content_block']));
        break;
      case 'content_block_stop':
        this.#stop(asNumber(event['index']) ?? 0);
        break;
      case 'message_start':
        this.#count(asRecord(asRecord(event['message'])['usage']));
        break;
      case 'message_delta':
        this.#count(asRecord(event['usage']));
        this.#stopped(asRecord(event['delta']));
        break;
      case 'error':
        this.#end = { kind: 'error', error: asRecord(event['error']) };
        break;
      default:
        // Pings, the end that `message_delta` has told already, and what newer services send.
        this.#emit({ type: 'alive' });
    }
  }

  #start(index: number, block: JsonRecord): void {
    switch (block['type']) {
      case 'text':
        this.#blocks.set(index, { kind: 'text', text: '' });
        this.#text(index, asString(block['text']) ?? '');
        break;
      case 'thinking':
        this.#blocks.set(index, { kind: 'thinking', text: '', signature: asString(block['signature']) ?? '' });
        this.#thinking(index, asString(block['thinking']) ?? '');
        break;
      case 'redacted_thinking':
        this.#blocks.set(index, { kind: 'redacted', data: asString(block['data']) ?? '' });
        break;
      case 'tool_use': {
        const [id, name] = [asString(block['id']) ?? `call-${index}`, asString(block['name']) ?? ''];
        this.#blocks.set(index, { kind: 'call', id, name, given: block['input'], inputText: '' });
        this.#emit({ type: 'call', id, name });
        break;
      }
      default:
        this.#blocks.set(index, undefined);
    }
  }

  #delta(index: number, delta: JsonRecord): void {
    switch (delta['type']) {
      case 'text_delta':
        this.#text(index, asString(delta['text']) ?? '');
        break;
      case 'thinking_delta':
        this.#thinking(index, asString(delta['thinking']) ?? '');
        break;
      case 'signature_delta': {
        const block = this.#blocks.get(index);
        if (block?.kind === 'thinking') {
          block.signature += asString(delta['signature']) ?? '';
        }
        break;
      }
      case 'input_json_delta': {
        const block = this.#blocks.get(index);
        const text = asString(delta['partial_json']) ?? '';
        if (block?.kind === 'call' && text !== '') {
          block.inputText += text;
          this.#emit({ type: 'callInput', id: block.id, text });
        }
        break;
      }
      default:
        this.#emit({ type: 'alive' });
    }
  }

  #text(index: number, text: string): void {
    const block = this.#blocks.get(index);
    if (block?.kind === 'text' && text !== '') {
      block.text += text;
      this.#emit({ type: 'text', block: index, text });
    }
  }

  #thinking(index: number, text: string): void {
    const block = this.#blocks.get(index);
    if (block?.kind === 'thinking' && text !== '') {
      block.text += text;
      this.#emit({ type: 'reasoning', block: index, text });
    }
  }

  #stop(index: number): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    switch (block?.kind) {
      case 'text':
        this.#emit({ type: 'block', value: { type: 'text', text: block.text } });
        break;
      case 'thinking':
        this.#emit({
          type: 'block',
          value: { type: 'reasoning', text: block.text, seal: encodeSeal({ signature: block.signature }) },
        });
        break;
      case 'redacted':
        this.#emit({
          type: 'block',
          value: { type: 'reasoning', text: '', seal: encodeSeal({ redacted: block.data }) },
        });
        break;
      case 'call':
        this.#emit({
          type: 'block',
          value: { type: 'call', id: block.id, name: block.name, inputText: inputTextOf(block) },
        });
        break;
      case undefined:
        break;
    }
  }

  #stopped(delta: JsonRecord): void {
    const reason = asString(delta['stop_reason']);
    if (reason === undefined) {
      return;
    }
    const explanation = asString(asRecord(delta['stop_details'])['explanation']);
    this.#end = {
      kind: 'stopped',
      stop: stopOf(reason),
      ...(explanation === undefined ? {} : { explanation }),
    };
  }

  /** Totals of the message: a later report replaces an earlier one, as far as it says anything. */
  #count(usage: JsonRecord): void {
    const read = (key: string, before: number): number => asNumber(usage[key]) ?? before;
    this.#hasUsage ||= Object.keys(usage).length > 0;
    this.#tokens = {
      input: read('input_tokens', this.#tokens.input),
      output: read('output_tokens', this.#tokens.output),
      cacheRead: read('cache_read_input_tokens', this.#tokens.cacheRead),
      cacheWrite: read('cache_creation_input_tokens', this.#tokens.cacheWrite),
    };
  }
}

/** Some services give the arguments at once, with the beginning of the block. */
function inputTextOf({ inputText, given }: Extract<OpenBlock, { kind: 'call' }>): string {
  return inputText === '' && isRecord(given) && Object.keys(given).length > 0 ? JSON.stringify(given) : inputText;
}

function stopOf(reason: string): ModelStop {
  switch (reason) {
    case 'tool_use':
      return 'calls';
    case 'max_tokens':
      return 'length';
    case 'model_context_window_exceeded':
      return 'contextFull';
    case 'refusal':
      return 'refusal';
    case 'pause_turn':
      return 'pause';
    default:
      return 'end';
  }
}
