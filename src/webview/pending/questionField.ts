import { t } from '../../base/l10n.ts';
import type { Question } from '../../protocol/view.ts';
import { h, uniqueId } from '../dom.ts';

/** One question: options to choose from, and a line for an answer of one's own. */
export class QuestionField {
  readonly element: HTMLFieldSetElement;
  readonly question: Question;
  readonly #inputs: { readonly input: HTMLInputElement; readonly label: string }[] = [];
  readonly #other: HTMLInputElement;
  readonly #otherText: HTMLInputElement;

  constructor(question: Question, onChange: () => void) {
    this.question = question;
    const type = question.multiSelect ? 'checkbox' : 'radio';
    const name = uniqueId('question');
    this.#other = h('input', { type, name });
    this.#otherText = h('input', {
      type: 'text',
      class: 'textField',
      placeholder: t('Your own answer'),
      'aria-label': t('Your own answer'),
      hidden: true,
    });
    const options = question.options.map((option) => {
      const input = h('input', { type, name });
      this.#inputs.push({ input, label: option.label });
      return optionRow(input, option.label, option.description);
    });
    this.element = h(
      'fieldset',
      { class: 'question' },
      h(
        'legend',
        {},
        question.header === undefined || question.header === ''
          ? undefined
          : h('span', { class: 'questionHeader' }, question.header),
        question.question,
      ),
      ...options,
      optionRow(this.#other, t('Other…'), undefined),
      this.#otherText,
    );
    this.element.addEventListener('change', () => {
      const opened = this.#other.checked && this.#otherText.hidden;
      this.#otherText.hidden = !this.#other.checked;
      if (opened) {
        this.#otherText.focus();
      }
      onChange();
    });
    this.#otherText.addEventListener('input', onChange);
  }

  /** The answer; `undefined` while there is none. */
  get answer(): string | readonly string[] | undefined {
    const chosen = this.#inputs.filter(({ input }) => input.checked).map(({ label }) => label);
    const own = this.#otherText.value.trim();
    if (this.#other.checked && own !== '') {
      chosen.push(own);
    }
    if (this.#other.checked && own === '') {
      return undefined;
    }
    return chosen.length === 0 ? undefined : this.question.multiSelect ? chosen : chosen[0];
  }
}

function optionRow(input: HTMLInputElement, label: string, description: string | undefined): HTMLElement {
  return h(
    'label',
    { class: 'option' },
    input,
    h(
      'span',
      { class: 'optionText' },
      h('span', { class: 'optionLabel' }, label),
      description === undefined || description === ''
        ? undefined
        : h('span', { class: 'optionDescription' }, description),
    ),
  );
}
