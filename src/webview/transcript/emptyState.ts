import { t } from '../../base/l10n.ts';
import type { ApprovalMode } from '../../protocol/view.ts';
import { h, setText } from '../dom.ts';

export function modeInWords(mode: ApprovalMode): string {
  return mode === 'plan'
    ? t('Plan: reads and plans, changes nothing until you approve the plan.')
    : t('Ask: reads freely, asks before it edits a file or runs a command.');
}

/** What a session without messages shows: what to do. */
export class EmptyState {
  readonly element: HTMLElement;
  readonly #mode = h('span');

  constructor() {
    this.element = h(
      'div',
      { class: 'empty' },
      h('h2', {}, t('What shall we work on?')),
      h('p', {}, t('Describe a task, ask about the code, or paste an error.')),
      h(
        'ul',
        { class: 'tips' },
        h('li', {}, h('kbd', {}, t('Enter')), h('span', {}, t('sends the message'))),
        h('li', {}, h('kbd', {}, t('Shift+Enter')), h('span', {}, t('starts a new line'))),
        h('li', {}, h('kbd', {}, '/'), h('span', {}, t('lists the commands'))),
      ),
      h('p', { class: 'modeNote' }, this.#mode),
    );
  }

  update(mode: ApprovalMode): void {
    setText(this.#mode, modeInWords(mode));
  }
}
