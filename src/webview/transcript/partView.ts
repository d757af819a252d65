import type { Part } from '../../protocol/view.ts';
import type { PartChange } from '../changes.ts';

/** One part of a message in the document. */
export interface PartView<P extends Part = Part> {
  readonly element: HTMLElement;
  /** Catches up with `part`; `change` says what was appended since the last time. `open`: more may come. */
  update(part: P, change: PartChange | undefined, open: boolean): void;
  /** Renders what `update` took; false if it has to be called again in a later frame. */
  flush?(): boolean;
}
