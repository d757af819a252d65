import type { Session } from './session.ts';
import type { CreateOptions, SessionManager } from './sessionManager.ts';

/** Sends the first message; resolves once its turn has begun, and rejects with the reason if it could not. */
export async function startWithPrompt(session: Session, prompt: string): Promise<void> {
  await Promise.all([session.whenStarted(), session.send(prompt)]);
}

/** A new session in a slot, at work. If its first turn cannot start, its slot is taken away again. */
export async function startInBackground(
  manager: SessionManager,
  options: CreateOptions,
  prompt: string,
): Promise<Session> {
  const session = await manager.createInBackground(options);
  try {
    await startWithPrompt(session, prompt);
  } catch (error) {
    await manager.withdraw(session.id);
    throw error;
  }
  return session;
}
