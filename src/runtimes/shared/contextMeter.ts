import type { ModelMessage, UserBlock } from './modelMessages.ts';
import type { AnswerBlock } from './history.ts';

/** Fewer than English has, so that code and other scripts are not taken for less than they are. */
export const charactersPerToken = 3;
const tokensPerImage = 1_600;

/** The size of a conversation in tokens: as the service measured it, and estimated from there on. */
export class ContextMeter {
  #measuredTokens = 0;
  /** The estimate at the time of the measurement. */
  #estimateThen = 0;

  /** The service counted `tokens` for these messages and everything around them. */
  measured(tokens: number, messages: readonly ModelMessage[]): void {
    this.#measuredTokens = tokens;
    this.#estimateThen = estimateTokens(messages);
  }

  /** Nothing that was measured is there any more. `fixedTokens`: what goes along with every request. */
  restart(fixedTokens: number): void {
    this.#measuredTokens = fixedTokens;
    this.#estimateThen = 0;
  }

  tokensOf(messages: readonly ModelMessage[]): number {
    return this.#measuredTokens + Math.max(0, estimateTokens(messages) - this.#estimateThen);
  }
}

export function estimateTokens(messages: readonly ModelMessage[]): number {
  let tokens = 0;
  for (const message of messages) {
    for (const block of message.blocks) {
      tokens += blockTokens(block);
    }
  }
  return Math.ceil(tokens);
}

export function textTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

function blockTokens(block: UserBlock | AnswerBlock): number {
  switch (block.type) {
    case 'text':
      return textTokens(block.text);
    case 'reasoning':
      return textTokens(block.text) + textTokens(block.seal);
    case 'call':
      return textTokens(block.name) + textTokens(block.inputText);
    case 'image':
      return tokensPerImage;
    case 'result':
      return textTokens(block.text) + block.images.length * tokensPerImage;
  }
}
