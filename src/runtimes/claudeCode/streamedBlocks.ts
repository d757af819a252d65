type BlockKind = 'text' | 'reasoning' | 'tool';

interface Block {
  readonly kind: BlockKind;
  readonly partId: string;
  readonly toolCallId: string | undefined;
  readonly toolName: string | undefined;
  /** How many characters the stream has shown. */
  streamed: number;
  /** The line with the whole block has come. */
  confirmed: boolean;
}

/** Lines of a message follow its stream closely; older messages are forgotten. */
const rememberedMessages = 4;

/** Remembers what of each message was streamed, so that the line with the whole block adds only what is missing. */
export class StreamedBlocks {
  /** Open blocks by message, then by index. */
  readonly #messages = new Map<string, Map<number, Block>>();
  #current: string | undefined;
  #parts = 0;

  nextPartId(): string {
    this.#parts += 1;
    return `p${this.#parts}`;
  }

  /** False if the message is known already. */
  begin(messageId: string): boolean {
    const isNew = !this.#messages.has(messageId);
    if (isNew) {
      this.#messages.set(messageId, new Map());
      const [oldest] = this.#messages.keys();
      if (this.#messages.size > rememberedMessages && oldest !== undefined) {
        this.#messages.delete(oldest);
      }
    }
    return isNew;
  }

  startStream(messageId: string): boolean {
    this.#current = messageId;
    return this.begin(messageId);
  }

  open(index: number, kind: BlockKind, toolCallId?: string, toolName?: string): Block | undefined {
    const blocks = this.#current === undefined ? undefined : this.#messages.get(this.#current);
    if (blocks === undefined) {
      return undefined;
    }
    const block: Block = { kind, partId: this.nextPartId(), toolCallId, toolName, streamed: 0, confirmed: false };
    blocks.set(index, block);
    return block;
  }

  at(index: number): Block | undefined {
    return this.#current === undefined ? undefined : this.#messages.get(this.#current)?.get(index);
  }

  /** The streamed block that a complete one belongs to, if it was streamed; each answers once. */
  confirm(messageId: string, kind: BlockKind): Block | undefined {
    for (const block of this.#messages.get(messageId)?.values() ?? []) {
      if (block.kind === kind && !block.confirmed) {
        block.confirmed = true;
        return block;
      }
    }
    return undefined;
  }
}
