import type { Held } from '../protocol/messages.ts';
import { AwayLine } from './awayLine.ts';
import type { Changes } from './changes.ts';
import { Composer } from './composer/composer.ts';
import type { PanelContext } from './context.ts';
import { h } from './dom.ts';
import type { Post } from './host.ts';
import { copyCode } from './markdown/codeBlock.ts';
import { PendingList } from './pending/pendingList.ts';
import { StatusLine } from './statusLine.ts';
import { Store } from './store.ts';
import { TranscriptView } from './transcript/transcriptView.ts';

/** The chat panel: transcript, what waits for the person, status and composer, all fed by one store. */
export class Panel {
  readonly element: HTMLElement;
  readonly #context: PanelContext;
  readonly #store: Store;
  readonly #transcript: TranscriptView;
  readonly #pending: PendingList;
  readonly #away: AwayLine;
  readonly #status = new StatusLine();
  readonly #composer: Composer;
  readonly #remember: (sessionId: string) => void;
  #sessionId = '';

  constructor(post: Post, remember: (sessionId: string) => void) {
    this.#remember = remember;
    this.#context = { post, sessionId: () => this.#sessionId, opened: new Set() };
    const nextFrame = (run: () => void): void => void requestAnimationFrame(run);
    this.#store = new Store(post, {
      onChanges: (held, changes, draft) => this.#render(held, changes, draft),
      onSignal: (signal) =>
        signal.type === 'agent' ? this.#transcript.setAgent(signal.notice) : this.#composer.signal(signal),
      nextFrame,
      after: (ms, run) => void setTimeout(run, ms),
    });
    this.#pending = new PendingList(this.#context, () => this.#composer.focus());
    this.#transcript = new TranscriptView({
      context: this.#context,
      trailer: this.#pending.element,
      needPage: () => this.#store.needPage(),
      retryPage: () => this.#store.retryPage(),
      forgetBefore: (index) => this.#store.forgetBefore(index),
      nextFrame,
    });
    this.#composer = new Composer({
      context: this.#context,
      lastUserText: () => this.#transcript.lastUserText(),
      onEmptyKey: (event) => this.#pending.handleKey(event),
    });
    this.#away = new AwayLine(() => this.#transcript.showNew());
    this.element = h(
      'main',
      { class: 'panel' },
      this.#transcript.element,
      h('div', { class: 'dock' }, this.#away.element, this.#status.element, this.#composer.element),
    );
    this.element.addEventListener('click', (event) => this.#clicked(event));
  }

  start(): void {
    window.addEventListener('message', (event) => this.#store.receive(event.data));
    const tellFocus = (focused: boolean): void => this.#context.post({ type: 'focusChanged', focused });
    window.addEventListener('focus', () => tellFocus(true));
    window.addEventListener('blur', () => tellFocus(false));
    window.addEventListener('pagehide', () => this.#composer.saveDraft());
    document.addEventListener('visibilitychange', () => this.#composer.saveDraft());
    this.#store.needSnapshot();
  }

  #render(held: Held, changes: Changes, draft: string | undefined): void {
    const isOther = held.sessionId !== this.#sessionId;
    if (isOther) {
      this.#sessionId = held.sessionId;
      this.#context.opened.clear();
      this.#remember(held.sessionId);
    }
    if (changes.reset || changes.header) {
      this.#pending.update(held.view.header.pending, isOther);
      this.#status.update(held.view.header, changes.reset);
      this.#composer.update(held, draft);
    }
    if (changes.reset) {
      this.#away.update(held);
    } else if (changes.userMessageAdded) {
      this.#away.close();
    }
    this.#transcript.render(held, changes, this.#store.earlier);
    if (isOther) {
      this.#transcript.showEnd();
    }
  }

  /** Markdown makes its buttons without listeners: one here serves them all. */
  #clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('.fileLink, .copy') : null;
    if (target === null) {
      return;
    }
    const path = target.dataset['path'];
    if (target.classList.contains('copy')) {
      copyCode(target);
    } else if (path !== undefined) {
      const line = Number(target.dataset['line']);
      this.#context.post({ type: 'openFile', path, ...(line > 0 ? { line } : {}) });
    }
  }
}
