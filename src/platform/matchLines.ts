import vm from 'node:vm';
import { messageOf } from '../base/errors.ts';
import type { MatchLines } from '../core/tools/readForModel.ts';

/** A pattern that goes back and forth without end holds up everything else for so long. */
const timeoutMs = 100;

/** Runs a pattern that somebody else has written; one that takes too long is interrupted. */
export const matchLines: MatchLines = (pattern, lines, flags) => matchWithin(timeoutMs, pattern, lines, flags);

/** The same for more text at once. */
export function matchWithin(
  limitMs: number,
  pattern: string,
  lines: readonly string[],
  flags = '',
): ReturnType<MatchLines> {
  try {
    const context = vm.createContext({ pattern: new RegExp(pattern, flags), text: JSON.stringify(lines) });
    const found: unknown = vm.runInContext(
      'JSON.stringify(JSON.parse(text).map((line) => { pattern.lastIndex = 0; return pattern.test(line); }))',
      context,
      { timeout: limitMs },
    );
    return { isMatch: JSON.parse(String(found)) as boolean[] };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
