import type { HistoryEntry } from './history.ts';
import type { ModelMessage, UserBlock } from './modelMessages.ts';
import { estimateTokens } from './contextMeter.ts';

/** The share of a model's window at which a conversation is compacted: the notes, and one more step, still fit. */
export const compactAtShare = 0.8;
/** Characters of the person's own words that are kept; the first message and the newest go before those between. */
const maxWordsLength = 60_000;
/** A message that is longer is a file or a log that was pasted: its beginning and its end say what it is. */
const maxWordLength = 8_000;
const omittedImage = '[An image is left out here to save space.]';
const omittedOutput = '[This output is left out to save space.]';

/** What the model is asked for, when its conversation becomes too long. */
export function compactionRequest(wishes: string): string {
  return [
    'Do not go on with the task now, and call no tool. This conversation is about to be replaced by your notes on it, together',
    'with what the user said word for word. Write these notes, so that you can go on from them alone:',
    '- what the user wants, and which decisions and preferences of theirs hold;',
    '- what has been done: files read and changed, with their paths and what matters in them; commands and what came of them;',
    '- what was found out, errors and how they were solved;',
    '- what was being done last, exactly, and what comes next.',
    'Be complete about facts and brief about everything else. Answer with the notes only.',
    ...(wishes === '' ? [] : [`The user adds: ${wishes}`]),
  ].join('\n');
}

/** Everything that the person said in these entries, word for word as far as there is room. */
export function wordsOf(entries: readonly HistoryEntry[]): readonly string[] {
  const said = entries.flatMap((entry) => {
    switch (entry.kind) {
      case 'prompt':
        return [entry.text];
      case 'summary':
        return entry.words;
      case 'answer':
        return [];
    }
  });
  const texts = said.filter((text) => text.trim() !== '').map((text) => shortened(text, maxWordLength));
  const [first, ...later] = texts;
  if (first === undefined) {
    return [];
  }
  let room = maxWordsLength - first.length;
  const kept: string[] = [];
  for (const text of later.toReversed()) {
    room -= text.length;
    if (room < 0) {
      break;
    }
    kept.unshift(text);
  }
  const missing = later.length - kept.length;
  return [first, ...(missing === 0 ? [] : [`[${missing} messages are left out here]`]), ...kept];
}

/** The same messages with the oldest outputs of tools, and images, left out until they take at most `maxTokens`. */
export function withoutOldOutputs(messages: readonly ModelMessage[], maxTokens: number): readonly ModelMessage[] {
  let excess = estimateTokens(messages) - maxTokens;
  if (excess <= 0) {
    return messages;
  }
  return messages.map((message) => {
    if (message.role === 'assistant' || excess <= 0) {
      return message;
    }
    const before = estimateTokens([message]);
    const smaller: ModelMessage = { role: 'user', blocks: message.blocks.map(withoutOutput) };
    excess -= before - estimateTokens([smaller]);
    return smaller;
  });
}

function withoutOutput(block: UserBlock): UserBlock {
  if (block.type === 'image') {
    return { type: 'text', text: omittedImage };
  }
  return block.type === 'result' && (block.text.length > omittedOutput.length || block.images.length > 0)
    ? { ...block, text: omittedOutput, images: [] }
    : block;
}

function shortened(text: string, maxLength: number): string {
  if (text.length <= maxLength) {
    return text;
  }
  const half = Math.floor(maxLength / 2);
  return `${text.slice(0, half)}\n[… ${text.length - maxLength} characters are left out here …]\n${text.slice(-half)}`;
}
