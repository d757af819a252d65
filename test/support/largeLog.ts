import type { SessionIdentity } from '../../src/core/ports.ts';
import type { SessionEvent } from '../../src/core/sessionEvents.ts';
import { createSessionModel, type SessionModel } from '../../src/core/sessionReducer.ts';
import type { SessionStore } from '../../src/platform/sessionStore.ts';
import { append } from './storedEvents.ts';

const turnsPerFlush = 50;

/** A turn as agents have it: six steps that say something and read a file; about 25 KB of log. */
function turn(number: number): SessionEvent[] {
  const steps = Array.from({ length: 6 }, (_, step): SessionEvent[] => [
    { type: 'stepStarted' },
    { type: 'textDelta', partId: `p${number}.${step}`, text: `${number}.${step} ${'word '.repeat(200)}` },
    { type: 'toolCallStarted', id: `c${number}.${step}`, name: 'Read', title: 'a file', inputText: '{}' },
    { type: 'toolResult', id: `c${number}.${step}`, output: 'z'.repeat(2_600), outcome: 'completed' },
  ]);
  return [
    { type: 'userMessage', messageId: `${number}`, text: `question ${number}` },
    { type: 'turnStarted', origin: 'user' },
    ...steps.flat(),
    { type: 'turnComplete', stopReason: 'endTurn', durationMs: 1, totalTokens: 1, turnCount: 1, toolCallCount: 6 },
  ];
}

/** Writes a session with a log of about so many bytes, and lets it go. Answers what it has come to. */
export async function writeLargeLog(
  store: SessionStore,
  identity: SessionIdentity,
  bytes: number,
): Promise<SessionModel> {
  const log = await store.create(identity);
  const model = createSessionModel(identity, '');
  const commands = Array.from({ length: 80 }, (_, index) => `command-${index}`);
  const start: SessionEvent = { type: 'sessionStarted', nativeSessionId: 'native', model: 'a model', commands };
  const add = (event: SessionEvent): void =>
    append(log, model, { seq: model.lastSeq + 1, at: model.lastSeq, run: 1, event });
  add(start);
  for (let number = 1; number * 25_000 < bytes; number++) {
    turn(number).forEach(add);
    if (number % turnsPerFlush === 0) {
      await log.flush('written');
      // As a session does: what is on disk is not needed here.
      model.view.from = model.view.total;
      model.view.messages.length = 0;
    }
  }
  await log.close();
  return model;
}
