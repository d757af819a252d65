import fc from 'fast-check';
import type { SessionIdentity, SessionLog } from '../../src/core/ports.ts';
import { stateOf } from '../../src/core/stateOfModel.ts';
import type { NumberedEvent, SessionEvent } from '../../src/core/sessionEvents.ts';
import { createSessionModel, isQuiet, reduce, type SessionModel } from '../../src/core/sessionReducer.ts';
import type { SessionStore } from '../../src/platform/sessionStore.ts';
import { eventStreams } from './eventStreams.ts';

/** Events of a session with some hundred messages. */
export const longStreams: fc.Arbitrary<SessionEvent[]> = fc
  .array(eventStreams, { minLength: 20, maxLength: 160, size: 'max' })
  .map((streams) => streams.flat());

export function number(events: readonly SessionEvent[], first = 1): NumberedEvent[] {
  return events.map((event, index) => ({
    seq: first + index,
    at: 1_700_000_000_000 + first + index,
    run: 1 + Math.floor((first + index) / 100),
    event,
  }));
}

/** Appends an event as a session does. */
export function append(log: SessionLog, model: SessionModel, numbered: NumberedEvent): void {
  log.append(numbered);
  reduce(model, numbered);
  if (isQuiet(model)) {
    log.checkpoint(() => stateOf(model));
  }
}

/** Appends events as a session does, and lets it go. */
export async function write(
  store: SessionStore,
  identity: SessionIdentity,
  events: readonly NumberedEvent[],
  model: SessionModel = createSessionModel(identity, ''),
): Promise<SessionModel> {
  const log = await (model.lastSeq === 0 ? store.create(identity) : store.open(identity.id));
  if (model.lastSeq > 0) {
    // Whoever writes a session has read it.
    await store.loadModel(identity.id, () => '');
  }
  for (const [index, numbered] of events.entries()) {
    append(log, model, numbered);
    if (index % 50 === 49) {
      await log.flush('written');
    }
  }
  await log.close();
  return model;
}
