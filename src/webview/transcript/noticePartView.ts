import { t } from '../../base/l10n.ts';
import { timeText } from '../../base/timeText.ts';
import type { NoticePart } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h } from '../dom.ts';
import { icon } from '../icons.ts';
import { appendVisible } from '../visibleText.ts';
import type { PartView } from './partView.ts';

/** What Greenroom itself has to say: never the agent's words. */
export class NoticePartView implements PartView<NoticePart> {
  readonly element: HTMLElement;

  constructor(part: NoticePart, context: PanelContext) {
    const text = h('div', { class: 'noticeText' });
    appendVisible(text, part.text);
    if (part.until !== undefined) {
      text.append(' ', t('Until {0}.', timeText(part.until, Date.now())));
    }
    const body = h('div', { class: 'noticeBody' }, text);
    if (part.details !== undefined && part.details !== '') {
      const details = h('pre', { class: 'noticeDetails', tabindex: 0, 'aria-label': t('Details'), role: 'group' });
      appendVisible(details, part.details);
      body.append(h('details', {}, h('summary', {}, icon('chevronRight'), t('Details')), details));
    }
    if (part.actions.length > 0) {
      body.append(
        h(
          'div',
          { class: 'actions' },
          ...part.actions.map((action, index) =>
            button(
              { label: action.label, className: index === 0 ? 'button primary small' : 'button secondary small' },
              () =>
                context.post({
                  type: 'action',
                  action: action.id,
                  ...(action.argument === undefined ? {} : { argument: action.argument }),
                }),
            ),
          ),
        ),
      );
    }
    this.element = h('div', { class: `part notice ${part.level}` }, icon(part.level), body);
  }

  update(): void {
    // A notice does not change.
  }
}
