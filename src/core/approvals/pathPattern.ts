import { foldSegment } from './protectedPaths.ts';

/**
 * Whether a pattern covers an absolute path: `*` and `?` within a segment, `**` over any number of them. A pattern that
 * ends in a name without wildcards covers what is below it too. `folded`: names count as Windows and macOS take them.
 */
export function coversPath(pattern: string, path: string, folded: boolean): boolean {
  const read = (text: string): readonly string[] => {
    const names = segments(text.normalize('NFC').replaceAll('\\', '/'));
    return folded ? names.map((name) => foldSegment(name) || name) : names;
  };
  return coversSegments(read(pattern), read(path));
}

function segments(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** Works through both from the front, and goes back to the last `**` only, so that no pattern takes long. */
function coversSegments(pattern: readonly string[], path: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (next < path.length) {
    const wanted = pattern[at];
    if (wanted === '**') {
      star = at++;
      retry = next;
    } else if (wanted === undefined && at > 0 && !/[*?]/.test(pattern[at - 1] ?? '')) {
      return true;
    } else if (wanted !== undefined && coversSegment(wanted, path[next] ?? '')) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '**') {
    at++;
  }
  return at === pattern.length;
}

/** `*` stands for any characters, `?` for one. */
export function coversSegment(pattern: string, text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let retry = 0;
  while (next < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      retry = next;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[next])) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++retry;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') {
    at++;
  }
  return at === pattern.length;
}
