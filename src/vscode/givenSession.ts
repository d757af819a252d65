import { asString, isRecord } from '../base/json.ts';

/** What a command was given: a session's id, or the session of a tree item. */
export function givenSession(argument: unknown): string | undefined {
  if (typeof argument === 'string') {
    return argument;
  }
  return isRecord(argument) && isRecord(argument['info']) ? asString(argument['info']['id']) : undefined;
}
