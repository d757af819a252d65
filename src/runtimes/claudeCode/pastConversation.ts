import { parseIsoTime } from '../../base/isoTime.ts';
import { asArray, asRecord, asString, isRecord, type JsonRecord, parseJson } from '../../base/json.ts';
import type { PastEvent } from '../../core/runtime.ts';
import type { SessionEvent } from '../../core/sessionEvents.ts';
import { titleOf } from './tools.ts';

/** Text that the CLI puts into a user's message by itself. */
const ownText = /^<(?:command-|local-command-|bash-|system-reminder|task-notification)|^Caveat: The messages below/;
const interruptedText = '[Request interrupted by user';

/**
 * Turns the lines of the CLI's own file of a conversation into events, as if it had happened in a session. Pure. What is no
 * line of a conversation, belongs to a sub-agent or is damaged is passed over.
 */
export class PastConversation {
  readonly events: PastEvent[] = [];
  readonly #nativeSessionId: string;
  /** The first words of the person, or the CLI's own title. */
  title: string | undefined;
  /** Where it was begun. */
  cwd: string | undefined;
  messageCount = 0;
  damagedLines = 0;
  #ownTitle: string | undefined;
  #at = 0;
  #isInTurn = false;
  #step: string | undefined;

  constructor(nativeSessionId: string) {
    this.#nativeSessionId = nativeSessionId;
  }

  push(line: string): void {
    if (line.trim() === '') {
      return;
    }
    const record = parseJson(line);
    if (!isRecord(record)) {
      this.damagedLines += 1;
      return;
    }
    this.#at = parseIsoTime(asString(record['timestamp']) ?? '') ?? this.#at;
    this.cwd ??= asString(record['cwd']);
    if (record['isSidechain'] === true || record['isMeta'] === true || record['isSynthetic'] === true) {
      return;
    }
    switch (record['type']) {
      case 'user':
        this.#user(record);
        break;
      case 'assistant':
        this.#assistant(record);
        break;
      case 'summary':
        this.#ownTitle = asString(record['summary']) ?? this.#ownTitle;
        break;
      case 'custom-title':
        this.#ownTitle = asString(record['customTitle']) ?? this.#ownTitle;
        break;
      case 'system':
        if (record['subtype'] === 'compact_boundary' && this.#isInTurn) {
          this.#emit({ type: 'compaction', phase: 'finished' });
        }
        break;
    }
  }

  /** The file has ended. */
  end(): void {
    this.#endTurn();
    this.title = this.#ownTitle ?? this.title;
  }

  #user(record: JsonRecord): void {
    const { content } = asRecord(record['message']);
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content).filter(isRecord);
    const texts: string[] = [];
    for (const block of blocks) {
      if (block['type'] === 'tool_result') {
        this.#toolResult(block);
      } else if (block['type'] === 'text') {
        texts.push(asString(block['text']) ?? '');
      }
    }
    const text = texts.join('\n').trim();
    if (text.startsWith(interruptedText)) {
      this.#cancelTurn();
    } else if (text !== '' && !ownText.test(text) && record['isCompactSummary'] !== true) {
      this.#said(asString(record['uuid']) ?? `m${this.events.length}`, text);
    }
  }

  #said(messageId: string, text: string): void {
    this.#endTurn();
    this.messageCount += 1;
    this.title ??= text.split('\n')[0]?.trim();
    if (this.events.length === 0) {
      this.#emit({ type: 'sessionStarted', nativeSessionId: this.#nativeSessionId });
    }
    this.#emit({ type: 'userMessage', messageId, text });
    this.#begin('user');
  }

  #begin(origin: 'user' | 'runtime'): void {
    this.#isInTurn = true;
    this.#step = undefined;
    this.#emit({ type: 'turnStarted', origin });
  }

  #assistant(record: JsonRecord): void {
    const message = asRecord(record['message']);
    if (message['model'] === '<synthetic>') {
      return;
    }
    if (!this.#isInTurn) {
      this.#begin('runtime');
    }
    const step = asString(message['id']) ?? asString(record['uuid']);
    if (step !== this.#step) {
      this.#step = step;
      this.messageCount += 1;
      this.#emit({ type: 'stepStarted' });
    }
    asArray(message['content']).forEach((block, index) => {
      if (isRecord(block)) {
        this.#block(block, `${asString(record['uuid']) ?? this.events.length}:${index}`);
      }
    });
  }

  #block(block: JsonRecord, partId: string): void {
    switch (block['type']) {
      case 'text':
        this.#emitText('textDelta', partId, asString(block['text']));
        break;
      case 'thinking':
        this.#emitText('reasoningDelta', partId, asString(block['thinking']));
        break;
      case 'tool_use': {
        const [id, name] = [asString(block['id']), asString(block['name'])];
        if (id !== undefined && name !== undefined) {
          const inputText = JSON.stringify(block['input'] ?? {});
          this.#emit({ type: 'toolCallStarted', id, name, title: titleOf(name, block['input']), inputText });
        }
        break;
      }
    }
  }

  #emitText(type: 'textDelta' | 'reasoningDelta', partId: string, text: string | undefined): void {
    if (text !== undefined && text !== '') {
      this.#emit({ type, partId, text });
    }
  }

  #toolResult(block: JsonRecord): void {
    const id = asString(block['tool_use_id']);
    const { content } = block;
    const output =
      typeof content === 'string'
        ? content
        : asArray(content)
            .map((part) => asString(asRecord(part)['text']) ?? '')
            .filter((text) => text !== '')
            .join('\n');
    if (id !== undefined) {
      this.#emit({ type: 'toolResult', id, output, outcome: block['is_error'] === true ? 'failed' : 'completed' });
    }
  }

  #cancelTurn(): void {
    if (this.#isInTurn) {
      this.#isInTurn = false;
      this.#emit({ type: 'turnCancelled', durationMs: 0 });
    }
  }

  #endTurn(): void {
    if (this.#isInTurn) {
      this.#isInTurn = false;
      this.#emit({
        type: 'turnComplete',
        stopReason: 'endTurn',
        durationMs: 0,
        totalTokens: 0,
        turnCount: 0,
        toolCallCount: 0,
      });
    }
  }

  #emit(event: SessionEvent): void {
    this.events.push({ at: this.#at, event });
  }
}
