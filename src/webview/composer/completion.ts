import { t } from '../../base/l10n.ts';
import { h, uniqueId } from '../dom.ts';

export interface Candidate {
  /** Without the slash. */
  readonly name: string;
  readonly description?: string;
}

/** Shown at once; the rest is found by typing on. */
const maxShown = 50;

export function ownCommands(): Candidate[] {
  return [
    { name: 'bg', description: t('Send this session to the background') },
    { name: 'tasks', description: t('List the background shells') },
    { name: 'new', description: t('Start a new session') },
    { name: 'model', description: t('Choose the model') },
    { name: 'runtime', description: t('Start a session with another agent') },
    { name: 'help', description: t('Show what can be typed here') },
  ];
}

/** Commands that fit what was typed after the slash: those that begin with it first. */
export function matchCommands(typed: string, candidates: readonly Candidate[]): Candidate[] {
  const wanted = typed.toLowerCase();
  const begins = candidates.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  const contains = candidates.filter(
    ({ name }) => name.toLowerCase().includes(wanted) && !name.toLowerCase().startsWith(wanted),
  );
  return [...begins, ...contains].slice(0, maxShown);
}

/** The list of commands above the composer; the text box keeps the focus and hands the keys over. */
export class Completion {
  readonly element: HTMLElement;
  readonly #input: HTMLTextAreaElement;
  readonly #choose: (name: string) => void;
  #shown: readonly Candidate[] = [];
  #active = 0;

  constructor(input: HTMLTextAreaElement, choose: (name: string) => void) {
    this.#input = input;
    this.#choose = choose;
    this.element = h('div', {
      class: 'completion',
      role: 'listbox',
      id: uniqueId('completion'),
      'aria-label': t('Commands'),
      hidden: true,
    });
    input.setAttribute('aria-autocomplete', 'list');
    // Before the text box loses the focus.
    this.element.addEventListener('mousedown', (event) => event.preventDefault());
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show(candidates: readonly Candidate[]): void {
    this.#shown = candidates;
    this.#active = 0;
    if (candidates.length === 0) {
      this.close();
      return;
    }
    this.element.replaceChildren(
      ...candidates.map((candidate, index) => {
        const option = h(
          'div',
          { class: 'completionOption', role: 'option', id: `${this.element.id}-${String(index)}` },
          h('span', { class: 'completionName' }, `/${candidate.name}`),
          candidate.description === undefined
            ? undefined
            : h('span', { class: 'completionDescription' }, candidate.description),
        );
        option.addEventListener('click', () => this.#choose(candidate.name));
        return option;
      }),
    );
    this.element.hidden = false;
    this.#input.setAttribute('aria-controls', this.element.id);
    this.#mark(0);
  }

  close(): void {
    this.element.hidden = true;
    this.#input.removeAttribute('aria-controls');
    this.#input.removeAttribute('aria-activedescendant');
  }

  /** True if the key was for the list. */
  handleKey(event: KeyboardEvent): boolean {
    if (!this.isOpen || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) {
      return false;
    }
    switch (event.key) {
      case 'ArrowDown':
        this.#mark(this.#active + 1);
        return true;
      case 'ArrowUp':
        this.#mark(this.#active - 1);
        return true;
      case 'Enter':
      case 'Tab': {
        const candidate = this.#shown[this.#active];
        if (candidate === undefined || (event.key === 'Enter' && this.#input.value === `/${candidate.name}`)) {
          this.close();
          return false;
        }
        this.#choose(candidate.name);
        return true;
      }
      case 'Escape':
        this.close();
        return true;
      default:
        return false;
    }
  }

  #mark(index: number): void {
    const count = this.#shown.length;
    this.#active = (index + count) % count;
    for (const [position, option] of [...this.element.children].entries()) {
      const active = position === this.#active;
      option.setAttribute('aria-selected', String(active));
      if (active) {
        this.#input.setAttribute('aria-activedescendant', option.id);
        option.scrollIntoView({ block: 'nearest' });
      }
    }
  }
}
