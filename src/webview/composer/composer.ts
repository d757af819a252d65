import { t } from '../../base/l10n.ts';
import type { Held } from '../../protocol/messages.ts';
import { modeInWords, modeLabel, nextMode } from '../../protocol/modes.ts';
import type { Header } from '../../protocol/view.ts';
import type { PanelContext } from '../context.ts';
import { button, h, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { consume, isComposing } from '../keys.ts';
import type { Signal } from '../store.ts';
import { Completion, matchCommands, ownCommands } from './completion.ts';
import { Draft } from './draft.ts';
import { Hint } from './hint.ts';
import { QueueList } from './queueList.ts';

/** Without an answer to `send` for this long, the text can be sent again. */
const sendTimeoutMs = 10_000;

/** A second Escape within this time stops the turn. */
const stopChordMs = 2_000;

export interface ComposerOptions {
  readonly context: PanelContext;
  readonly lastUserText: () => string | undefined;
  /** Keys for what waits above, while there is nothing here to edit. */
  readonly onEmptyKey: (event: KeyboardEvent) => boolean;
}

/** Where the person writes. The text stays until the session has it. */
export class Composer {
  readonly element: HTMLElement;
  readonly #context: PanelContext;
  readonly #options: ComposerOptions;
  readonly #input = h('textarea', { class: 'input', rows: 1, 'aria-label': t('Message'), spellcheck: 'true' });
  readonly #box = h('div', { class: 'box' });
  readonly #hint = new Hint();
  readonly #queue: QueueList;
  readonly #completion: Completion;
  readonly #draft: Draft;
  readonly #send: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #mode: HTMLButtonElement;
  readonly #modeLabel = h('span');
  readonly #model: HTMLButtonElement;
  readonly #modelLabel = h('span', { class: 'ellipsis' });
  readonly #readOnly = h('div', { class: 'readOnly', hidden: true });
  #header: Header | undefined;
  #lastRequestId = 0;
  #sending: { readonly id: number; readonly text: string; readonly timer: ReturnType<typeof setTimeout> } | undefined;
  #escapedAt = -Infinity;
  /** Enter was pressed before the host had told of a session: it is sent as soon as there is one. */
  #isSubmittedEarly = false;

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#draft = new Draft(options.context.post);
    this.#queue = new QueueList(options.context);
    this.#completion = new Completion(this.#input, (name) => this.#complete(name));
    this.#send = button({ label: t('Send'), icon: icon('send'), iconOnly: true, className: 'sendButton' }, () =>
      this.#submit(),
    );
    this.#stop = button(
      {
        label: t('Stop'),
        icon: icon('stop'),
        iconOnly: true,
        className: 'stopButton',
        tooltip: t('Stop (press Escape twice)'),
      },
      () => this.#cancelTurn(),
    );
    this.#mode = button({ label: '', className: 'chipButton mode' }, () => this.#context.post({ type: 'chooseMode' }));
    this.#model = button({ label: '', className: 'chipButton model' }, () =>
      this.#context.post({ type: 'chooseModel' }),
    );
    this.#model.replaceChildren(icon('model'), this.#modelLabel);
    this.#box.append(
      this.#input,
      h('div', { class: 'toolbar' }, this.#mode, this.#model, h('span', { class: 'spacer' }), this.#stop, this.#send),
    );
    this.element = h(
      'div',
      { class: 'composer' },
      this.#queue.element,
      this.#completion.element,
      this.#readOnly,
      this.#box,
      this.#hint.element,
    );
    this.#listen();
    this.#showSendable();
  }

  update(held: Held, draft: string | undefined): void {
    const { header } = held.view;
    const previous = this.#header;
    this.#header = header;
    const restored = draft === undefined ? undefined : this.#draft.restore(held.sessionId, draft);
    if (restored !== undefined) {
      this.#endSending();
      this.#hint.clear();
      this.#setText(restored);
    }
    this.#queue.update(header.queued);
    this.#stop.hidden = header.state !== 'running' && header.state !== 'pending';
    this.#input.placeholder = placeholderOf(header);
    if (previous?.mode !== header.mode) {
      const label = modeLabel(header.mode);
      setText(this.#modeLabel, label);
      this.#mode.replaceChildren(icon(header.mode), this.#modeLabel);
      this.#mode.title = `${modeInWords(header.mode)}\n${t('Click to choose another mode; Shift+Tab in the message switches it.')}`;
      this.#mode.setAttribute('aria-label', t('Mode: {0}', label));
    }
    const model = header.model ?? t('Default model');
    setText(this.#modelLabel, model);
    this.#model.title = t('{0}, {1}. Click to choose the model.', header.runtimeName, model);
    this.#model.setAttribute('aria-label', t('Model: {0}', model));
    this.#readOnly.hidden = header.readOnly === undefined;
    this.#box.hidden = header.readOnly !== undefined;
    if (previous?.readOnly !== header.readOnly || previous?.readOnlyAction !== header.readOnlyAction) {
      this.#readOnly.replaceChildren(h('span', {}, header.readOnly ?? ''), ...this.#readOnlyButton(header));
    }
    this.#showSendable();
    if (this.#isSubmittedEarly) {
      this.#isSubmittedEarly = false;
      if (header.readOnly === undefined) {
        this.#submit();
      }
    }
  }

  signal(signal: Exclude<Signal, { type: 'agent' }>): void {
    switch (signal.type) {
      case 'sent':
        this.#sent(signal.requestId, signal.refused);
        break;
      case 'compose':
        this.#compose(signal.text);
        break;
      case 'hint':
        this.#hint.show(signal.text, signal.level, signal.table === undefined ? {} : { table: signal.table });
        break;
      case 'focus':
        this.focus();
        break;
    }
  }

  focus(): void {
    this.#input.focus();
  }

  #readOnlyButton({ readOnlyAction: action }: Header): HTMLElement[] {
    return action === undefined
      ? []
      : [
          button({ label: action.label, className: 'button secondary small' }, () =>
            this.#context.post({
              type: 'action',
              action: action.id,
              ...(action.argument === undefined ? {} : { argument: action.argument }),
            }),
          ),
        ];
  }

  /** Tells the host at once what is written; the webview may be gone in a moment. */
  saveDraft(): void {
    this.#draft.save();
  }

  #listen(): void {
    const input = this.#input;
    input.addEventListener('input', () => this.#edited());
    input.addEventListener('keydown', (event) => this.#keyDown(event));
    input.addEventListener('blur', () => {
      this.#completion.close();
      // A view that is moved or closed goes without a word, but the keyboard has left it before.
      this.#draft.save();
    });
    // A click on the frame is meant for the text.
    this.#box.addEventListener('mousedown', (event) => {
      if (event.target === this.#box || (event.target as Element).className === 'toolbar') {
        event.preventDefault();
        input.focus();
      }
    });
  }

  #keyDown(event: KeyboardEvent): void {
    if (isComposing(event)) {
      return;
    }
    if (this.#completion.handleKey(event)) {
      consume(event);
      return;
    }
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (event.key === 'Enter' && plain) {
      consume(event);
      this.#submit();
    } else if (event.key === 'Tab' && event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
      consume(event);
      this.#switchMode();
    } else if (event.key === 'Escape' && plain && !this.#stop.hidden) {
      consume(event);
      this.#escape();
    } else if (this.#input.value === '') {
      const recalled = event.key === 'ArrowUp' && plain ? this.#options.lastUserText() : undefined;
      if (recalled !== undefined) {
        consume(event);
        this.#setText(recalled);
        this.#edited();
      } else {
        this.#options.onEmptyKey(event);
      }
    }
  }

  #escape(): void {
    const now = performance.now();
    if (now - this.#escapedAt < stopChordMs) {
      this.#escapedAt = -Infinity;
      this.#hint.clear();
      this.#cancelTurn();
    } else {
      this.#escapedAt = now;
      this.#hint.show(t('Press Escape again to stop.'), 'info', { durationMs: stopChordMs });
    }
  }

  #cancelTurn(): void {
    this.#context.post({ type: 'cancelTurn', sessionId: this.#context.sessionId() });
  }

  /** The next mode that needs no confirmation. */
  #switchMode(): void {
    if (this.#header !== undefined && this.#header.readOnly === undefined) {
      this.#context.post({ type: 'setMode', mode: nextMode(this.#header.mode) });
    }
  }

  #submit(): void {
    const text = this.#input.value;
    if (text.trim() === '' || this.#sending !== undefined) {
      return;
    }
    if (this.#header === undefined) {
      this.#isSubmittedEarly = true;
      return;
    }
    this.#lastRequestId += 1;
    const id = this.#lastRequestId;
    const timer = setTimeout(() => {
      this.#endSending();
      this.#hint.show(t('No answer yet. The message is still here; send it again.'), 'error');
    }, sendTimeoutMs);
    this.#sending = { id, text, timer };
    this.#input.readOnly = true;
    this.#hint.clear();
    this.#showSendable();
    // Before it is sent: a draft that is told later would come back after the message has gone.
    this.#draft.save();
    this.#context.post({ type: 'send', requestId: id, sessionId: this.#context.sessionId(), text });
  }

  #sent(requestId: number, refused: string | undefined): void {
    if (this.#sending?.id !== requestId) {
      return;
    }
    const { text } = this.#sending;
    this.#endSending();
    if (refused !== undefined) {
      this.#hint.show(refused, 'error');
    } else if (this.#input.value === text) {
      this.#setText('');
      this.#draft.forget();
    }
  }

  #endSending(): void {
    clearTimeout(this.#sending?.timer);
    this.#sending = undefined;
    this.#input.readOnly = false;
    this.#showSendable();
  }

  #compose(text: string): void {
    const before = this.#input.value;
    this.#setText(before.trim() === '' ? text : `${before}\n${text}`);
    this.#edited();
    this.focus();
  }

  #complete(name: string): void {
    this.#setText(`/${name} `);
    this.#completion.close();
    this.#edited();
  }

  #setText(text: string): void {
    this.#input.value = text;
    this.#input.setSelectionRange(text.length, text.length);
    this.#resize();
    this.#showSendable();
  }

  #edited(): void {
    // Who goes on writing has not finished.
    this.#isSubmittedEarly = false;
    this.#draft.edited(this.#context.sessionId(), this.#input.value);
    this.#hint.clear();
    this.#resize();
    this.#showSendable();
    const typed = /^\/(\S*)$/.exec(this.#input.value)?.[1];
    if (typed === undefined) {
      this.#completion.close();
    } else {
      const own = ownCommands();
      const theirs = (this.#header?.commands ?? [])
        .filter((name) => !own.some((command) => command.name === name))
        .map((name) => ({ name }));
      this.#completion.show(matchCommands(typed, [...own, ...theirs]));
    }
  }

  /** As high as the text, up to the limit that the style sheet sets. */
  #resize(): void {
    this.#input.style.height = 'auto';
    this.#input.style.height = `${String(this.#input.scrollHeight)}px`;
  }

  #showSendable(): void {
    this.#send.disabled = this.#input.value.trim() === '' || this.#sending !== undefined;
    this.#box.classList.toggle('sending', this.#sending !== undefined);
  }
}

function placeholderOf(header: Header): string {
  if (header.state === 'running' || header.state === 'pending') {
    return t('Queue the next message');
  }
  return t('Message {0}', header.runtimeName);
}
