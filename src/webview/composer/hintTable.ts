import type { Table } from '../../protocol/messages.ts';
import { h } from '../dom.ts';
import { appendVisible } from '../visibleText.ts';

/**
 * A table in a frame that scrolls. Where it is narrow a row takes two lines: the roles are written out because a row that
 * is laid out otherwise would lose its own.
 */
export function hintTable(name: string, { columns, rows }: Table): HTMLElement {
  return h(
    'div',
    { class: 'hintTable', role: 'region', tabindex: 0, 'aria-label': name },
    h(
      'table',
      { role: 'table', 'aria-label': name },
      h(
        'thead',
        { role: 'rowgroup' },
        h('tr', { role: 'row' }, ...columns.map((column) => h('th', { role: 'columnheader', scope: 'col' }, column))),
      ),
      h('tbody', { role: 'rowgroup' }, ...rows.map((row) => h('tr', { role: 'row' }, ...row.map(cellOf)))),
    ),
  );
}

function cellOf(text: string): HTMLElement {
  const cell = h('td', { role: 'cell', title: text });
  appendVisible(cell, text);
  return cell;
}
