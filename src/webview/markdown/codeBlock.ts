import { t } from '../../base/l10n.ts';
import { h } from '../dom.ts';
import { icon } from '../icons.ts';

/** Shown after a copy for this long. */
const copiedMs = 1_500;

/** A block of code with its language and a button that copies it. `pre` is what scrolls. */
export function codeBlock(pre: HTMLElement, language: string): HTMLElement {
  const label = language === '' ? t('Code') : t('Code, {0}', language);
  pre.tabIndex = 0;
  pre.setAttribute('role', 'group');
  pre.setAttribute('aria-label', label);
  return h(
    'div',
    { class: 'codeBlock' },
    h('div', { class: 'codeHeader' }, h('span', { class: 'codeLanguage' }, language), copyButton()),
    pre,
  );
}

function copyButton(): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: 'iconButton copy', title: t('Copy'), 'aria-label': t('Copy') },
    icon('copy'),
  );
}

/** Copies the block that `copy` belongs to. One listener on the transcript serves all blocks. */
export function copyCode(copy: HTMLElement): void {
  const text = copy.closest('.codeBlock')?.querySelector('pre')?.textContent ?? '';
  navigator.clipboard.writeText(text).then(
    () => showCopied(copy),
    () => undefined,
  );
}

function showCopied(copy: HTMLElement): void {
  copy.replaceChildren(icon('check'));
  copy.setAttribute('aria-label', t('Copied'));
  setTimeout(() => {
    copy.replaceChildren(icon('copy'));
    copy.setAttribute('aria-label', t('Copy'));
  }, copiedMs);
}
