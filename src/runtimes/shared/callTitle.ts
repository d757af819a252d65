import { asRecord, asString } from '../../base/json.ts';
import type { ToolCall } from '../../core/tools/tool.ts';

/** The first of these that a call has says in one line what it is about. */
const titleKeys = ['command', 'path', 'pattern', 'url', 'query', 'question', 'name', 'description'] as const;
const longest = 300;

/** What a call is about, in one line. */
export function titleOf(input: unknown, wants: ToolCall['wants'] | undefined): string {
  const fields = asRecord(input);
  const [path] = wants?.paths ?? [];
  const named = titleKeys.map((key) => asString(fields[key])).find((value) => value !== undefined && value !== '');
  const line = (wants?.command ?? named ?? path ?? '').replaceAll(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
