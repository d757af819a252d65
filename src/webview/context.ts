import type { Post } from './host.ts';

/** What every part of the panel needs to act. */
export interface PanelContext {
  readonly post: Post;
  readonly sessionId: () => string;
  /** Keys of what the person has opened; survives that a message leaves the window and comes back. */
  readonly opened: Set<string>;
}
