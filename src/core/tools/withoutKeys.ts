import { redacted } from '../redact.ts';
import type { Tool, ToolCall } from './tool.ts';

/** A shorter one would be found by accident in text that is none of its business. */
const shortestKey = 8;

/**
 * The same tools, in whose answers none of these keys stands, as a command that prints its environment would have it: what a
 * model has not been told it can neither repeat nor send away, and no transcript keeps it.
 */
export function withoutKeys(tools: readonly Tool[], keys: readonly string[]): readonly Tool[] {
  const known = keys.filter((key) => key.length >= shortestKey);
  return known.length === 0 ? tools : tools.map((tool) => ({ ...tool, prepare: prepareWithout(tool, known) }));
}

function prepareWithout(tool: Tool, keys: readonly string[]): Tool['prepare'] {
  const cover = (text: string): string => keys.reduce((covered, key) => covered.replaceAll(key, redacted), text);
  return (input) => {
    const call = tool.prepare(input);
    return 'problem' in call ? { problem: cover(call.problem) } : callWithout(call, cover);
  };
}

function callWithout(call: ToolCall, cover: (text: string) => string): ToolCall {
  return {
    wants: call.wants,
    async run(context) {
      const progress = (text: string): void => context.progress(cover(text));
      const outcome = await call.run({ ...context, progress });
      return { ...outcome, text: cover(outcome.text) };
    },
  };
}
