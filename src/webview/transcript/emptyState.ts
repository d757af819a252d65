import { t } from '../../base/l10n.ts';
import type { AgentNotice } from '../../protocol/messages.ts';
import { modeInWords } from '../../protocol/modes.ts';
import type { ApprovalMode } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { h, setText } from '../dom.ts';
import { AgentCard } from './agentCard.ts';

/** What a session without messages shows: what to do, and which agent does it. */
export class EmptyState {
  readonly element: HTMLElement;
  readonly #mode = h('span');
  readonly #agent: AgentCard;

  constructor(context: PanelContext) {
    this.#agent = new AgentCard(context);
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
      this.#agent.element,
    );
  }

  update(mode: ApprovalMode): void {
    setText(this.#mode, modeInWords(mode));
  }

  setAgent(notice: AgentNotice | undefined): void {
    this.#agent.update(notice);
  }
}
