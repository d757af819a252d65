import { isRecord, parseJson } from '../base/json.ts';
import { showInvisible } from '../base/visibleText.ts';
import type { PendingItem } from '../protocol/view.ts';
import { resolvePath } from './paths.ts';

/** A line of a terminal; what is longer is not read at a glance. */
const maxLineLength = 80;

/**
 * Controls, what is drawn as nothing, and white space that is no single space: with them a line is not what it seems. The
 * last one would be taken for a link, of which only the label is shown.
 */
const deceptive = /[\p{C}\p{Default_Ignorable_Code_Point}]|[^\S ]| {2}|\\u\{|\]\(/u;

/**
 * The whole of a request in one line that shows all that it would do: the tool with its command, its path or its
 * arguments. Undefined where it does not fit, or where a line would not show it.
 */
export function requestLine(item: PendingItem, inputText: string | undefined, cwd: string): string | undefined {
  if (item.kind !== 'approval' || item.edit !== undefined || inputText === undefined) {
    return undefined;
  }
  const input = parseJson(inputText);
  if (input === undefined) {
    // Too long for the log: only its head and tail are known here.
    return undefined;
  }
  const line = `${item.toolName}: ${isOnly(item.subject, input, cwd) ? item.subject : JSON.stringify(input)}`;
  return isPlainLine(line) ? line : undefined;
}

function isPlainLine(line: string): boolean {
  return line !== '' && line.length <= maxLineLength && !deceptive.test(line);
}

/** Whether the arguments are the subject and nothing else. What the agent says about its call is no part of it. */
function isOnly(subject: string, input: unknown, cwd: string): boolean {
  const values = isRecord(input) ? Object.entries(input).filter(([name]) => name !== 'description') : [];
  const [only] = values.map(([, value]) => value);
  return (
    values.length === 1 &&
    typeof only === 'string' &&
    (showInvisible(only) === subject || showInvisible(resolvePath(cwd, only)) === subject)
  );
}
