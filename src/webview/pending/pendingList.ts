import { t } from '../../base/l10n.ts';
import type { PendingItem } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { h } from '../dom.ts';
import { consume, isPrimaryChord } from '../keys.ts';
import { ApprovalCard } from './approvalCard.ts';
import type { Card } from './card.ts';
import { PlanCard } from './planCard.ts';
import { QuestionCard } from './questionCard.ts';

/** What waits for the person, oldest first. A card that stays is left alone: somebody may be filling it in. */
export class PendingList {
  readonly element = h('div', { class: 'pending' });
  readonly #context: PanelContext;
  readonly #leave: () => void;
  #cards: Card[] = [];

  /** `leave` takes the focus when a card gives it up. */
  constructor(context: PanelContext, leave: () => void) {
    this.#context = context;
    this.#leave = leave;
  }

  update(items: readonly PendingItem[], fresh: boolean): void {
    const hadFocus = this.element.contains(document.activeElement);
    const kept = new Map(fresh ? [] : this.#cards.map((card) => [card.item.id, card]));
    this.#cards = items.map((item) => kept.get(item.id) ?? this.#create(item));
    const elements = this.#cards.map(({ element }) => element);
    for (const element of [...this.element.children]) {
      if (!elements.includes(element as HTMLElement)) {
        element.remove();
      }
    }
    for (const [index, element] of elements.entries()) {
      if (this.element.children[index] !== element) {
        this.element.insertBefore(element, this.element.children[index] ?? null);
      }
    }
    if (hadFocus && !this.element.contains(document.activeElement)) {
      this.#leave();
    }
  }

  /** The keys that decide the first card; also called for an empty composer. */
  handleKey(event: KeyboardEvent, card: Card | undefined = this.#cards[0]): boolean {
    if (card === undefined || !isPrimaryChord(event)) {
      return false;
    }
    const used =
      (event.key === 'Enter' && card.approve()) ||
      (event.key === 'Backspace' && card.item.kind !== 'question' && card.reject());
    if (used) {
      consume(event);
    }
    return used;
  }

  #create(item: PendingItem): Card {
    const card = this.#createCard(item);
    if (item.interrupted === true) {
      card.element.prepend(
        h('p', { class: 'cardReason' }, t('The turn was cut off while this waited. Your decision continues it.')),
      );
    }
    card.element.addEventListener('keydown', (event) => {
      const isEditing = event.target instanceof HTMLInputElement && event.target.type === 'text';
      if (event.key === 'Escape' && !event.defaultPrevented) {
        consume(event);
        this.#leave();
      } else if (!isEditing) {
        this.handleKey(event, card);
      }
    });
    return card;
  }

  #createCard(item: PendingItem): Card {
    switch (item.kind) {
      case 'approval':
        return new ApprovalCard(item, this.#context);
      case 'question':
        return new QuestionCard(item, this.#context);
      case 'plan':
        return new PlanCard(item, this.#context);
    }
  }
}
