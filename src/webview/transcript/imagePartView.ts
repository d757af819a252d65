import { t } from '../../base/l10n.ts';
import type { ImagePart } from '../../protocol/view.ts';
import { h } from '../dom.ts';
import { icon } from '../icons.ts';
import type { PartView } from './partView.ts';

/** Stands for an image; the view model does not carry its bytes. */
export class ImagePartView implements PartView<ImagePart> {
  readonly element: HTMLElement;

  constructor(part: ImagePart) {
    const kind = part.mediaType.replace(/^image\//, '').toUpperCase();
    this.element = h('div', { class: 'part' }, h('span', { class: 'chip' }, icon('image'), t('Image ({0})', kind)));
  }

  update(): void {
    // An image does not change.
  }
}
