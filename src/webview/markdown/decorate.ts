import { t } from '../../base/l10n.ts';
import { h } from '../dom.ts';
import { codeBlock } from './codeBlock.ts';
import { fillCode } from './highlight.ts';
import { type FileTarget, parseFileTarget, parseLinkTarget } from './fileLink.ts';

/**
 * Turns sanitised markup into what people use: links that show where they lead, files that open, code that can be copied.
 * `final` is false for what may still change: its code is left plain.
 */
export function decorate(fragment: DocumentFragment, final: boolean): void {
  for (const link of fragment.querySelectorAll('a')) {
    decorateLink(link);
  }
  for (const code of fragment.querySelectorAll('code')) {
    const pre = code.parentElement;
    if (pre?.tagName === 'PRE') {
      decorateCode(pre, code, final);
    } else if (code.closest('a, button') === null) {
      const target = parseFileTarget(code.textContent);
      if (target !== undefined) {
        const opener = fileButton(target);
        code.replaceWith(opener);
        opener.append(code);
      }
    }
  }
  for (const table of fragment.querySelectorAll('table')) {
    const frame = h('div', { class: 'tableFrame', role: 'group', tabindex: 0, 'aria-label': t('Table') });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const item of fragment.querySelectorAll('li')) {
    decorateTask(item);
  }
}

function decorateLink(link: HTMLAnchorElement): void {
  const href = link.getAttribute('href');
  if (href !== null) {
    link.title = href;
    link.rel = 'noopener noreferrer';
    return;
  }
  const opener = link.className === 'path' && link.title !== '' ? fileButton(parseLinkTarget(link.title)) : undefined;
  if (opener === undefined) {
    link.replaceWith(...link.childNodes);
  } else {
    opener.append(...link.childNodes);
    link.replaceWith(opener);
  }
}

function fileButton(target: FileTarget): HTMLButtonElement {
  const where = target.line === undefined ? target.path : `${target.path}:${String(target.line)}`;
  return h('button', {
    type: 'button',
    class: 'fileLink',
    title: t('Open {0}', where),
    'data-path': target.path,
    'data-line': target.line,
  });
}

function decorateCode(pre: HTMLElement, code: HTMLElement, final: boolean): void {
  const language = /^language-(.+)$/.exec(code.className)?.[1] ?? '';
  if (final) {
    fillCode(code, code.textContent, language);
  }
  const place = document.createComment('');
  pre.replaceWith(place);
  place.replaceWith(codeBlock(pre, language));
}

/** `[ ]` and `[x]` at the start of a list item. */
function decorateTask(item: HTMLLIElement): void {
  const first = item.firstChild?.nodeName === 'P' ? item.firstChild.firstChild : item.firstChild;
  if (!(first instanceof Text)) {
    return;
  }
  const match = /^\[([ xX])\]\s/.exec(first.data);
  if (match !== null) {
    const done = match[1] !== ' ';
    first.data = first.data.slice(match[0].length);
    first.before(
      h('span', { class: done ? 'task done' : 'task', role: 'img', 'aria-label': done ? t('Done') : t('To do') }),
    );
    item.classList.add('taskItem');
  }
}
