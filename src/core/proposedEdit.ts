import { structuredPatch } from 'diff';
import type { Hunk, ProposedEdit } from '../protocol/view.ts';
import type { FileChange } from './runtime.ts';

/** Beyond this many characters a file is not diffed for a card; the diff editor still shows it. */
const maxDiffedLength = 400_000;
const maxEditDistance = 5_000;

/** The file's text after the change; undefined if the change does not fit the text (what it replaces is not there). */
export function applyChange(current: string, change: FileChange): string | undefined {
  if ('content' in change) {
    return change.content;
  }
  let text = current;
  for (const { oldText, newText, all } of change.replacements) {
    if (oldText === '') {
      if (text !== '') {
        return undefined;
      }
      text = newText;
      continue;
    }
    if (!text.includes(oldText)) {
      return undefined;
    }
    text = all ? text.split(oldText).join(newText) : replaceFirst(text, oldText, newText);
  }
  return text;
}

function replaceFirst(text: string, oldText: string, newText: string): string {
  const at = text.indexOf(oldText);
  return text.slice(0, at) + newText + text.slice(at + oldText.length);
}

/** The hunks that lead from one text to the other; undefined where they are too large to compare at once. */
export function hunksBetween(before: string, after: string): readonly Hunk[] | undefined {
  if (before.length + after.length > maxDiffedLength) {
    return undefined;
  }
  const patch = structuredPatch('a', 'b', before, after, undefined, undefined, {
    context: 3,
    maxEditLength: maxEditDistance,
  });
  return patch?.hunks.map(({ oldStart, newStart, lines }) => ({
    oldStart,
    newStart,
    lines: lines.filter((line) => !line.startsWith('\\')),
  }));
}

/** What the card shows of a change that waits for approval. */
export function proposeEdit(path: string, current: string | undefined, change: FileChange): ProposedEdit | undefined {
  const after = applyChange(current ?? '', change);
  const hunks = after === undefined ? undefined : hunksBetween(current ?? '', after);
  return hunks === undefined ? undefined : { path, hunks };
}

/** The text after the hunks, given the text before; undefined if they do not fit. */
export function applyHunks(before: string, hunks: readonly Hunk[]): string | undefined {
  const source = before.split('\n');
  const out: string[] = [];
  let next = 0;
  for (const hunk of hunks) {
    const start = Math.max(0, hunk.oldStart - 1);
    if (start < next) {
      return undefined;
    }
    out.push(...source.slice(next, start));
    next = start;
    for (const line of hunk.lines) {
      if (line.startsWith('\\')) {
        // "\ No newline at end of file" is a remark, not a line.
        continue;
      }
      const text = line.slice(1);
      if (line.startsWith('+')) {
        out.push(text);
      } else if (source[next] !== text) {
        return undefined;
      } else {
        if (line.startsWith(' ')) {
          out.push(text);
        }
        next += 1;
      }
    }
  }
  out.push(...source.slice(next));
  return out.join('\n');
}
