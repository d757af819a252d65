import type { Post } from '../host.ts';

/** A draft is told to the host when typing has paused for this long. */
const pauseMs = 300;

/** What is written but not sent, kept by the host. */
export class Draft {
  readonly #post: Post;
  /** Empty as long as none is known. */
  #sessionId = '';
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
    // What was typed before a session is known is told once there is one.
    if (this.#unsaved && this.#sessionId !== '') {
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

  /**
   * What is to be shown once the host has told its draft of a session; undefined: what is there already. What is being
   * typed in the same session stays, and so does what was typed before any session was known: it belongs to the first.
   */
  restore(sessionId: string, draft: string): string | undefined {
    const isEarly = this.#sessionId === '';
    if (this.#text !== '' && (this.#sessionId === sessionId || isEarly)) {
      if (isEarly) {
        const text = draft.trim() === '' ? this.#text : `${draft}\n${this.#text}`;
        this.edited(sessionId, text);
        return text;
      }
      return undefined;
    }
    this.save();
    this.#sessionId = sessionId;
    this.#text = draft;
    return draft;
  }
}
