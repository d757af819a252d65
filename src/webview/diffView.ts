import { t } from '../base/l10n.ts';
import type { Hunk } from '../protocol/view.ts';
import { h } from './dom.ts';
import { appendVisible } from './visibleText.ts';

export function countChanges(hunks: readonly Hunk[]): { readonly added: number; readonly removed: number } {
  let added = 0;
  let removed = 0;
  for (const { lines } of hunks) {
    for (const line of lines) {
      added += line.startsWith('+') ? 1 : 0;
      removed += line.startsWith('-') ? 1 : 0;
    }
  }
  return { added, removed };
}

/** `+3 −1`, readable by ear as well. */
export function changeCount(hunks: readonly Hunk[]): HTMLElement {
  const { added, removed } = countChanges(hunks);
  return h(
    'span',
    { class: 'changeCount', role: 'img', 'aria-label': t('{0} lines added, {1} removed', added, removed) },
    h('span', { class: 'added' }, `+${String(added)}`),
    h('span', { class: 'removed' }, `\u2212${String(removed)}`),
  );
}

/** The changed lines, at most `limit` of them, with the line numbers of the new file (of the old one where removed). */
export function diffView(hunks: readonly Hunk[], limit = Infinity): HTMLElement {
  const body = h('div', { class: 'diff', role: 'group', tabindex: 0, 'aria-label': t('Changes') });
  let room = limit;
  for (const [index, hunk] of hunks.entries()) {
    if (room <= 0) {
      break;
    }
    if (index > 0) {
      body.append(h('div', { class: 'diffGap', 'aria-hidden': 'true' }));
    }
    let oldLine = hunk.oldStart;
    let newLine = hunk.newStart;
    for (const line of hunk.lines.slice(0, room)) {
      const sign = line.charAt(0);
      const isMeta = sign === '\\';
      const number = isMeta ? '' : sign === '-' ? oldLine : newLine;
      const kind = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'same';
      const row = h('div', { class: `diffLine ${kind}`, 'data-line': number, 'data-sign': isMeta ? ' ' : sign });
      appendVisible(row, isMeta ? line : line.slice(1));
      body.append(row);
      oldLine += sign === '+' || isMeta ? 0 : 1;
      newLine += sign === '-' || isMeta ? 0 : 1;
    }
    room -= hunk.lines.length;
  }
  return body;
}
