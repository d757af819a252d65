import { t } from '../../base/l10n.ts';
import type { PendingItem } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h, uniqueId } from '../dom.ts';
import { icon } from '../icons.ts';
import { consume, isComposing } from '../keys.ts';
import { type Card, CardGuard } from './card.ts';
import { QuestionField } from './questionField.ts';

type Questions = Extract<PendingItem, { kind: 'question' }>;

/** Questions of the agent, answered together or skipped together. */
export class QuestionCard implements Card {
  readonly item: Questions;
  readonly element: HTMLElement;
  readonly #guard: CardGuard;
  readonly #post: PanelContext['post'];
  readonly #questions: readonly QuestionField[];

  constructor(item: Questions, context: PanelContext) {
    this.item = item;
    this.#post = context.post;
    const titleId = uniqueId('question');
    const answer = button({ label: t('Answer'), className: 'button primary' }, () => this.approve());
    const skip = button({ label: t('Skip'), className: 'button secondary' }, () => this.reject());
    const check = (): void => {
      answer.disabled = this.#questions.some((field) => field.answer === undefined);
    };
    this.#questions = item.questions.map((question) => new QuestionField(question, check));
    check();
    const fields = h(
      'fieldset',
      { class: 'cardFields' },
      ...this.#questions.map(({ element }) => element),
      h('div', { class: 'actions' }, answer, skip),
    );
    this.#guard = new CardGuard(fields);
    this.element = h(
      'section',
      { class: 'card questions', 'aria-labelledby': titleId, tabindex: -1 },
      h(
        'div',
        { class: 'cardTitle', id: titleId },
        icon('question'),
        h('span', {}, item.questions.length === 1 ? t('A question for you') : t('Questions for you')),
      ),
      fields,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.target instanceof HTMLInputElement && !isComposing(event)) {
        consume(event);
        this.approve();
      }
    });
  }

  approve(): boolean {
    const answers: Record<string, string | readonly string[]> = {};
    for (const { question, answer } of this.#questions) {
      if (answer === undefined) {
        return false;
      }
      answers[question.question] = answer;
    }
    return this.#answer(answers);
  }

  /** Skips: answers nothing. */
  reject(): boolean {
    return this.#answer({});
  }

  #answer(answers: Readonly<Record<string, string | readonly string[]>>): boolean {
    return this.#guard.answer(() => this.#post({ type: 'answer', questionId: this.item.id, answers }));
  }
}
