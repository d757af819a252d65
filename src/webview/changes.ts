import type { Op } from '../protocol/view.ts';

/** What was added to or replaced in one part since the last frame. */
export interface PartChange {
  text: string;
  input: string;
  output: string;
  set: boolean;
}

/** What the DOM has to catch up with; filled by patches between two frames. */
export class Changes {
  /** Another snapshot: everything is new. */
  reset = false;
  header = false;
  /** Messages were put before the window, or it is known how it stands with them. */
  earlier = false;
  userMessageAdded = false;
  messagesAdded = 0;
  /** By index of the message, then of the part. */
  readonly parts = new Map<number, Map<number, PartChange>>();

  get isEmpty(): boolean {
    return !this.reset && !this.header && !this.earlier && this.messagesAdded === 0 && this.parts.size === 0;
  }

  /** Notes operations that are applied to a view of `total` messages. */
  note(ops: readonly Op[], total: number): void {
    let count = total;
    for (const op of ops) {
      switch (op[0]) {
        case 'message':
          count += 1;
          this.messagesAdded += 1;
          this.userMessageAdded ||= op[1].role === 'user';
          break;
        case 'part':
          this.#message(op[1]);
          break;
        case 'text':
        case 'input':
        case 'output':
          this.#part(op[1], op[2])[op[0]] += op[3];
          break;
        case 'set':
          this.#part(op[1], op[2]).set = true;
          break;
        case 'header':
          this.header = true;
          break;
      }
    }
    // What was last until now is finished by what follows it.
    if (count > total && total > 0) {
      this.#message(total - 1);
    }
  }

  #message(index: number): Map<number, PartChange> {
    let parts = this.parts.get(index);
    if (parts === undefined) {
      parts = new Map();
      this.parts.set(index, parts);
    }
    return parts;
  }

  #part(messageIndex: number, index: number): PartChange {
    const parts = this.#message(messageIndex);
    let change = parts.get(index);
    if (change === undefined) {
      change = { text: '', input: '', output: '', set: false };
      parts.set(index, change);
    }
    return change;
  }
}
