import type { SessionModel } from './sessionReducer.ts';

/** Whether a turn is silent because of somebody else: the person, a tool that runs, or a limit that has to reset. */
export function waitsForOthers(model: SessionModel): boolean {
  const { view, openCalls, rateLimitStatus } = model;
  if (view.header.pending.length > 0 || rateLimitStatus === 'blocked') {
    return true;
  }
  return [...openCalls.values()].some(([message, part]) => {
    const call = view.messages[message - view.from]?.parts[part];
    // While its arguments stream, it is still the agent that has to speak.
    return call?.type === 'toolCall' && call.state !== 'streaming';
  });
}
