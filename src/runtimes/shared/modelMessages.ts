import type { AnswerBlock, AnswerEntry, HistoryEntry, ImageBlock, TextBlock } from './history.ts';

/** How a tool call ended, as the model is told. */
export interface CallResult {
  readonly text: string;
  readonly isError: boolean;
  readonly images: readonly ImageBlock[];
}

export type UserBlock =
  | TextBlock
  | ImageBlock
  | ({ readonly type: 'result'; readonly callId: string; readonly name: string } & CallResult);

export interface UserMessage {
  readonly role: 'user';
  readonly blocks: readonly UserBlock[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly vendor: string;
  readonly model: string;
  readonly blocks: readonly AnswerBlock[];
}

/** What a vendor is sent: begins with the user, no two user messages in a row, every call followed by its result. */
export type ModelMessage = UserMessage | AssistantMessage;

const stoppedNote = '[The user stopped the answer above.]';
const lostResult: CallResult = {
  text: 'This call was cut off before its result was known. It may have had effects: look before you repeat it.',
  isError: true,
  images: [],
};
const lostBeginning = '[The beginning of this conversation is missing.]';

/** The conversation as messages. Valid whatever is missing at its end: a call without a result gets one that says so. */
export function messagesOf(
  entries: readonly HistoryEntry[],
  results: ReadonlyMap<string, CallResult>,
): readonly ModelMessage[] {
  const messages: ModelMessage[] = [];
  const addUser = (blocks: readonly UserBlock[]): void => {
    const last = messages.at(-1);
    if (blocks.length === 0) {
      return;
    }
    if (last?.role === 'user') {
      messages[messages.length - 1] = { role: 'user', blocks: [...last.blocks, ...blocks] };
    } else {
      messages.push({ role: 'user', blocks });
    }
  };
  for (const entry of entries) {
    if (entry.kind === 'prompt') {
      addUser([...entry.notes.map(asNote), ...entry.images, ...textOf(entry.text)]);
    } else if (entry.kind === 'summary') {
      addUser(textOf(summaryText(entry.notes, entry.words)));
    } else {
      addAnswer(entry);
    }
  }
  return messages;

  function addAnswer({ vendor, model, blocks, stopped }: AnswerEntry): void {
    const sent = sendable(blocks);
    if (sent.length > 0) {
      if (messages.length === 0) {
        addUser(textOf(lostBeginning));
      }
      messages.push({ role: 'assistant', vendor, model, blocks: sent });
      addUser(
        sent.flatMap((block) =>
          block.type === 'call'
            ? [
                {
                  type: 'result',
                  callId: block.id,
                  name: block.name,
                  ...(results.get(block.id) ?? lostResult),
                } as const,
              ]
            : [],
        ),
      );
    }
    if (stopped === true) {
      addUser(textOf(stoppedNote));
    }
  }
}

/** Services refuse text without words, and reasoning that nothing follows. */
function sendable(blocks: readonly AnswerBlock[]): readonly AnswerBlock[] {
  const sent = blocks.filter((block) => block.type !== 'text' || block.text.trim() !== '');
  const end = sent.findLastIndex((block) => block.type !== 'reasoning');
  return sent.slice(0, end + 1);
}

function textOf(text: string): readonly TextBlock[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function asNote(note: string): TextBlock {
  return { type: 'text', text: `<note>\n${note}\n</note>` };
}

function summaryText(notes: string, words: readonly string[]): string {
  return [
    'The conversation up to here was too long and has been replaced by this.',
    ...(words.length === 0
      ? []
      : ['What the user said, word for word, oldest first:', ...words.map((text) => `<user>\n${text}\n</user>`)]),
    'Your notes on what was done:',
    `<notes>\n${notes}\n</notes>`,
  ].join('\n\n');
}
