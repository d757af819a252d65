import type { ChatFeedOptions } from '../../src/core/chatFeed.ts';

/** For a feed of sessions that are in memory as a whole. */
export const noOlderMessages: Pick<ChatFeedOptions, 'loadMessages' | 'problemOf'> = {
  loadMessages: (_id, before) => Promise.reject(new Error(`nothing before ${before} was expected to be on disk`)),
  problemOf: String,
};
