import { t } from '../../base/l10n.ts';
import type { Decision, PendingItem } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { changeCount, diffView } from '../diffView.ts';
import { button, h, uniqueId } from '../dom.ts';
import { icon } from '../icons.ts';
import { chordLabel } from '../keys.ts';
import { spilledNote } from '../transcript/spilledNote.ts';
import { appendVisible } from '../visibleText.ts';
import { type Card, CardGuard } from './card.ts';
import { RejectField } from './rejectField.ts';

type Approval = Extract<PendingItem, { kind: 'approval' }>;

/** Shows everything that an approval would allow, and takes the decision. */
export class ApprovalCard implements Card {
  readonly item: Approval;
  readonly element: HTMLElement;
  readonly #guard: CardGuard;
  readonly #context: PanelContext;

  constructor(item: Approval, context: PanelContext) {
    this.item = item;
    this.#context = context;
    const titleId = uniqueId('approval');
    const approve = button({ label: t('Approve'), className: 'button primary', tooltip: chordLabel('Enter') }, () =>
      this.approve(),
    );
    const reject = button(
      {
        label: t('Reject'),
        className: 'button secondary',
        tooltip: t('{0} (Shift+click: with a reason)', chordLabel('Backspace')),
      },
      (event) => (event.shiftKey ? field.open() : this.reject()),
    );
    const withReason = button({ label: t('Reject with a reason…'), className: 'linkButton' }, () => field.open());
    const field = new RejectField(
      t('Why not, and what instead?'),
      (reason) => this.#decide('reject', reason),
      () => reject.focus(),
    );
    const scope = this.#scope();
    const fields = h(
      'fieldset',
      { class: 'cardFields' },
      h('div', { class: 'actions' }, approve, ...this.#laterButtons(scope), reject, withReason),
      scope,
      field.element,
    );
    this.#guard = new CardGuard(fields);
    this.element = h(
      'section',
      { class: 'card approval', 'aria-labelledby': titleId, tabindex: -1 },
      h(
        'div',
        { class: 'cardTitle', id: titleId },
        icon('shield'),
        h('span', {}, t('Allow {0}?', item.toolName)),
        item.edit === undefined ? undefined : changeCount(item.edit.hunks),
      ),
      ...this.#subject(),
      item.reason === '' ? undefined : h('p', { class: 'cardReason' }, item.reason),
      fields,
      h(
        'div',
        { class: 'keyHint' },
        t('{0} approves, {1} rejects while the message is empty', chordLabel('Enter'), chordLabel('Backspace')),
      ),
    );
  }

  approve(): boolean {
    return this.#decide('allowOnce');
  }

  reject(): boolean {
    return this.#decide('reject');
  }

  /** Answers that hold for more than this call. */
  #laterButtons(scope: HTMLElement | undefined): HTMLElement[] {
    const { sessionScope, alwaysScope } = this.item;
    const answers: readonly (readonly [Decision, string, string | undefined])[] = [
      ['allowForSession', t('Approve for this session'), sessionScope],
      ['allowAlways', t('Always approve'), alwaysScope],
    ];
    return answers.flatMap(([decision, label, allows]) => {
      if (allows === undefined) {
        return [];
      }
      const element = button({ label, className: 'button secondary', tooltip: allows }, () => this.#decide(decision));
      if (scope !== undefined) {
        element.setAttribute('aria-describedby', scope.id);
      }
      return [element];
    });
  }

  /** What exactly those answers allow, before one of them is given. */
  #scope(): HTMLElement | undefined {
    const { sessionScope, alwaysScope } = this.item;
    if (sessionScope === undefined) {
      return undefined;
    }
    const text =
      alwaysScope === undefined
        ? t('For this session you would allow: {0}.', sessionScope)
        : t('For this session, or always in this workspace, you would allow: {0}.', alwaysScope);
    const element = h('p', { class: 'cardScope', id: uniqueId('scope') });
    appendVisible(element, text);
    return element;
  }

  #subject(): HTMLElement[] {
    const { item } = this;
    const subject = h('pre', { class: 'subject', tabindex: 0, role: 'group', 'aria-label': t('What would be done') });
    appendVisible(subject, item.subject);
    const whole =
      item.spilledSubject === undefined
        ? []
        : [spilledNote(item.spilledSubject, item.toolName, t('Open all of it'), this.#context)];
    if (item.edit === undefined) {
      return [subject, ...whole];
    }
    if (item.interrupted === true) {
      // The files may have changed since: what is shown is what was asked then.
      return [subject, diffView(item.edit.hunks)];
    }
    const open = button({ label: t('Open diff'), icon: icon('diff'), className: 'linkButton' }, () =>
      this.#context.post({ type: 'openProposedDiff', approvalId: item.id }),
    );
    return [subject, diffView(item.edit.hunks), h('div', { class: 'toolActions' }, open)];
  }

  #decide(decision: Decision, message = ''): boolean {
    return this.#guard.answer(() =>
      this.#context.post({
        type: 'decide',
        approvalId: this.item.id,
        decision,
        ...(message === '' ? {} : { message }),
      }),
    );
  }
}
