import type { Message, Part } from '../protocol/view.ts';

/** Room for a conversation in the prompt of another; what is older is left out and said. */
export const maxTranscriptLength = 120_000;
/** Arguments and output of one tool call. */
const maxCallLength = 1_500;

/** How much of a transcript's room messages take. */
export function transcriptLength(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + messageText(message).length, 0);
}

/**
 * A conversation as text that any model understands, and the message that goes on with it: for a runtime that no longer
 * has the conversation. The newest part is kept where not all of it fits; `hasBeginning`: nothing is before `messages`.
 */
export function withTranscript(messages: readonly Message[], message: string, hasBeginning = true): string {
  const parts: string[] = [];
  let length = 0;
  let isComplete = hasBeginning;
  for (const text of messages.toReversed().map(messageText)) {
    if (text === '') {
      continue;
    }
    if (length + text.length > maxTranscriptLength) {
      isComplete = false;
      break;
    }
    length += text.length;
    parts.unshift(text);
  }
  if (parts.length === 0) {
    return message;
  }
  return [
    'This continues an earlier conversation, which follows. Its tool calls have been carried out already.',
    '<conversation>',
    ...(isComplete ? [] : ['(Its beginning is left out.)']),
    ...parts,
    '</conversation>',
    'The next message of the user:',
    message,
  ].join('\n\n');
}

function messageText({ role, parts }: Message): string {
  if (role === 'notice') {
    return '';
  }
  const text = parts
    .map(partText)
    .filter((part) => part !== '')
    .join('\n');
  return text === '' ? '' : `${role === 'user' ? 'User' : 'Assistant'}: ${text}`;
}

/** Reasoning is left out: a model takes its own for a fact. */
function partText(part: Part): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'toolCall':
      return `[${part.name} ${shorten(part.inputText)} → ${part.state}: ${shorten(part.output)}]`;
    case 'image':
      return '[an image]';
    case 'reasoning':
    case 'notice':
      return '';
  }
}

function shorten(text: string): string {
  return text.length <= maxCallLength ? text : `${text.slice(0, maxCallLength)}…`;
}
