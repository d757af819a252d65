import { coversPath } from './pathPattern.ts';
import { RuleBook } from './ruleBook.ts';
import { patternOf } from './ruleMatching.ts';

/** Whether the person refuses that a file is read. `root`: the session's directory; both with links resolved. */
export type IsReadRefused = (path: string, root: string) => boolean;

/**
 * By the rules that refuse, for what reads many files at once: a search names only the folder that it looks through.
 * Throws `badSetting` where one cannot be read.
 */
export function refusedReads(deny: () => readonly string[], home: string): IsReadRefused {
  const book = new RuleBook();
  return (path, root) =>
    book
      .read('approvals.deny', deny())
      .some(
        (rule) =>
          rule.name === 'read' && rule.path !== undefined && coversPath(patternOf(rule.path, root, home), path, true),
      );
}
