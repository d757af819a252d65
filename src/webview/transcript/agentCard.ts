import type { AgentNotice } from '../../protocol/messages.ts';
import type { PanelContext } from '../context.ts';
import { button, h } from '../dom.ts';
import { icon } from '../icons.ts';
import { appendVisible } from '../visibleText.ts';

const icons = { checking: 'spinner', good: 'check', bad: 'warning' } as const;

/** In an empty chat: which agent was found and where, or what to do where none can work. */
export class AgentCard {
  readonly element = h('section', { class: 'agentCard', hidden: true });
  readonly #context: PanelContext;

  constructor(context: PanelContext) {
    this.#context = context;
  }

  update(notice: AgentNotice | undefined): void {
    this.element.hidden = notice === undefined;
    if (notice === undefined) {
      this.element.replaceChildren();
      return;
    }
    const title = h('p', { class: 'agentTitle' });
    appendVisible(title, notice.title);
    const details = notice.details.map((detail) => {
      const line = h('p', { class: 'agentDetail' });
      appendVisible(line, detail);
      return line;
    });
    const buttons = notice.actions.map((action, index) =>
      button({ label: action.label, className: `button small ${index === 0 ? 'primary' : 'secondary'}` }, () =>
        this.#context.post({
          type: 'action',
          action: action.id,
          ...(action.argument === undefined ? {} : { argument: action.argument }),
        }),
      ),
    );
    this.element.className = `agentCard ${notice.level}`;
    this.element.replaceChildren(
      icon(icons[notice.level]),
      h(
        'div',
        { class: 'agentBody' },
        title,
        ...details,
        buttons.length > 0 && h('div', { class: 'actions' }, ...buttons),
      ),
    );
  }
}
