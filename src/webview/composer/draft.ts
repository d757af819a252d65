import type { Post } from '../host.ts';

/** A draft is told to the host when typing has paused for this long. */
const pauseMs = 300;

/** What is written but not sent, kept by the host. */
export class Draft {
  readonly #post: Post;
  #sessionId: string | undefined;
  #text = '';
  #unsaved = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: Post) {
    this.#post = post;
  }

  edited(sessionId: string, text: string): void {
    this.#sessionId = sessionId;
    this.#text = text;
    this.#unsaved = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.save(), pauseMs);
  }

  save(): void {
    clearTimeout(this.#timer);
    if (this.#unsaved && this.#sessionId !== undefined) {
      this.#unsaved = false;
      this.#post({ type: 'draft', sessionId: this.#sessionId, text: this.#text });
    }
  }

  /** The session has the text: there is nothing to save any more. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#text = '';
    this.#unsaved = false;
  }

  /** Whether the host's draft is to be shown: not over what is being typed in the same session. */
  restore(sessionId: string, draft: string): boolean {
    const sameSession = this.#sessionId === sessionId;
    if (sameSession && this.#text !== '') {
      return false;
    }
    this.save();
    this.#sessionId = sessionId;
    this.#text = draft;
    return true;
  }
}
