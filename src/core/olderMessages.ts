import type { Message } from '../protocol/view.ts';
import type { LoadMessages } from './sessionModels.ts';

const pageMessages = 120;

/**
 * The messages before the index `before`, in order: all of them, or so many of the newest that `isEnough`, which is given
 * each page. Rejects where one cannot be read.
 */
export async function olderMessages(
  load: LoadMessages,
  before: number,
  isEnough: (page: readonly Message[]) => boolean = () => false,
): Promise<{ readonly from: number; readonly messages: Message[] }> {
  const pages: (readonly Message[])[] = [];
  let from = before;
  while (from > 0) {
    const page = await load(from, pageMessages);
    if (page.messages.length === 0) {
      break;
    }
    pages.push(page.messages);
    from = page.from;
    if (isEnough(page.messages)) {
      break;
    }
  }
  return { from, messages: pages.toReversed().flat() };
}
