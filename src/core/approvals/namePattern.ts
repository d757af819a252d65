/** Whether a name has wildcards in it. */
export function hasPattern(segment: string): boolean {
  return /[*?[]/.test(segment);
}

/**
 * A pattern of a shell for one name, as a regular expression that matches at least as much: case does not count, and
 * brackets stand for any character. A wildcard at the start does not match a dot.
 */
export function patternOfName(segment: string): RegExp {
  let source = '';
  for (const part of segment.match(/\[[^\]]*\]|[*]+|\?|[^*?[]+|\[/g) ?? []) {
    if (part.startsWith('*')) {
      source += source === '' ? '(?!\\.).*' : '.*';
    } else if (part === '?' || part.startsWith('[')) {
      source += source === '' ? '[^.]' : '.';
    } else {
      source += part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
  }
  return new RegExp(`^${source}$`, 'is');
}
