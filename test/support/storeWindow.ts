import { randomUUID } from 'node:crypto';
import type { ErrorInfo } from '../../src/base/errors.ts';
import type { Session } from '../../src/core/session.ts';
import { SessionManager } from '../../src/core/sessionManager.ts';
import { olderMessages } from '../../src/core/olderMessages.ts';
import type { LogIo } from '../../src/platform/logIo.ts';
import { SessionStore } from '../../src/platform/sessionStore.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import type { Message } from '../../src/protocol/view.ts';
import { eventually } from './eventually.ts';
import { fakeKind, type FakeRuntime } from './fakeRuntime.ts';
import { MemoryLog } from './memoryLog.ts';
import { noRunLog, runSettings } from './runSettings.ts';

/** A window without an editor: the sessions of a folder on disk, and a runtime whose events the test plays. */
export function openWindow(root: string, io?: LogIo) {
  const kind = fakeKind();
  const log = new MemoryLog();
  const saveTroubles: (ErrorInfo | undefined)[] = [];
  const store = new SessionStore({
    root,
    clock: systemClock,
    log,
    onSaveFailed: (error) => saveTroubles.push(error),
    ...(io === undefined ? {} : { io }),
  });
  const manager = new SessionManager({
    clock: systemClock,
    ids: { uuid: () => randomUUID() },
    log,
    runLog: noRunLog,
    files: { realPath: (path) => Promise.resolve(path), readText: () => Promise.resolve(undefined) },
    catalog: store,
    kindOf: () => kind,
    prepareRun: () => Promise.resolve(runSettings),
    maxSlots: () => 16,
    defaults: () => ({ runtime: 'fake', mode: 'ask' }),
    defaultCwd: () => '/w',
  });
  return {
    manager,
    store,
    kind,
    log,
    saveTroubles,
    /** The session on stage. */
    async stage(): Promise<Session> {
      const session = await manager.ensureForeground((problem) => {
        throw new Error(problem);
      });
      if (session === undefined) {
        throw new Error('nothing is on stage');
      }
      return session;
    },
    /** All messages of a session, those on disk too. */
    async messagesOf({ id, model: { view } }: Session): Promise<readonly Message[]> {
      const held = [...view.messages];
      const older = await olderMessages((before, count) => store.loadMessages(id, before, count), view.from);
      return [...older.messages, ...held];
    },
    /** Sends a message and waits for the run that serves it. */
    async begin(session: Session, text: string): Promise<FakeRuntime> {
      const before = kind.runs.length;
      await session.send(text);
      return eventually(() => {
        const run = kind.runs[before];
        return run?.context === undefined ? undefined : run;
      }, 'the run began');
    },
  };
}

export function textsOf(session: Session): string[] {
  return session.model.view.messages.flatMap((message) =>
    message.parts.map((part) => ('text' in part ? `${message.role}: ${part.text}` : part.type)),
  );
}
