import { t } from '../../base/l10n.ts';
import { modeInWords } from '../../protocol/modes.ts';
import type { ApprovalMode, PendingItem } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h, uniqueId } from '../dom.ts';
import { icon } from '../icons.ts';
import { chordLabel } from '../keys.ts';
import { StreamedMarkdown } from '../markdown/streamedMarkdown.ts';
import { type Card, CardGuard } from './card.ts';
import { RejectField } from './rejectField.ts';

type Plan = Extract<PendingItem, { kind: 'plan' }>;

/** A plan to be approved before anything is changed. */
export class PlanCard implements Card {
  readonly item: Plan;
  readonly element: HTMLElement;
  readonly #guard: CardGuard;
  readonly #post: PanelContext['post'];

  constructor(item: Plan, context: PanelContext) {
    this.item = item;
    this.#post = context.post;
    const titleId = uniqueId('plan');
    const plan = new StreamedMarkdown();
    plan.append(item.plan);
    plan.finish();
    const approve = button({ label: t('Approve'), className: 'button primary', tooltip: chordLabel('Enter') }, () =>
      this.approve(),
    );
    const accept = button(
      { label: t('Approve and accept edits'), className: 'button secondary', tooltip: modeInWords('acceptEdits') },
      () => this.#approve('acceptEdits'),
    );
    const reject = button({ label: t('Reject'), className: 'button secondary' }, () => field.open());
    const field = new RejectField(
      t('What should be different?'),
      (reason) => this.#reject(reason),
      () => reject.focus(),
    );
    const fields = h(
      'fieldset',
      { class: 'cardFields' },
      h('div', { class: 'actions' }, approve, accept, reject),
      field.element,
    );
    this.#guard = new CardGuard(fields);
    this.element = h(
      'section',
      { class: 'card plan', 'aria-labelledby': titleId, tabindex: -1 },
      h('div', { class: 'cardTitle', id: titleId }, icon('plan'), h('span', {}, t('Go ahead with this plan?'))),
      h('div', { class: 'planText', tabindex: 0, role: 'group', 'aria-label': t('Plan') }, plan.element),
      fields,
      h('div', { class: 'keyHint' }, t('Approving leaves plan mode. Commands are asked for either way.')),
    );
  }

  approve(): boolean {
    return this.#approve(undefined);
  }

  reject(): boolean {
    return this.#reject('');
  }

  #approve(mode: ApprovalMode | undefined): boolean {
    return this.#guard.answer(() =>
      this.#post({
        type: 'decide',
        approvalId: this.item.id,
        decision: 'allowOnce',
        ...(mode === undefined ? {} : { mode }),
      }),
    );
  }

  #reject(message: string): boolean {
    return this.#guard.answer(() =>
      this.#post({
        type: 'decide',
        approvalId: this.item.id,
        decision: 'reject',
        ...(message === '' ? {} : { message }),
      }),
    );
  }
}
