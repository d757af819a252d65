import type { Session } from '../../src/core/session.ts';
import { SessionManager } from '../../src/core/sessionManager.ts';
import type { RuntimeEvent } from '../../src/core/sessionEvents.ts';
import { fakeKind, type FakeRuntime } from './fakeRuntime.ts';
import { ManualClock } from './manualClock.ts';
import { MemoryCatalog } from './memoryCatalog.ts';
import { noRunLog, runSettings } from './runSettings.ts';

/** A window's sessions on fakes, with one of them on stage. */
export async function createSlotBench(
  maxSlots = 16,
  hooks: { readonly readText?: () => Promise<string>; readonly prepare?: () => Promise<void> } = {},
) {
  const clock = new ManualClock();
  const kind = fakeKind();
  const catalog = new MemoryCatalog();
  const errors: string[] = [];
  let ids = 0;
  const manager = new SessionManager({
    clock,
    ids: { uuid: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}` },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) => errors.push(`${message} ${String(error)}`),
    },
    runLog: noRunLog,
    files: {
      realPath: (path) => Promise.resolve(path),
      readText: hooks.readText ?? (() => Promise.resolve(undefined)),
    },
    catalog,
    kindOf: () => kind,
    async prepareRun() {
      await hooks.prepare?.();
      return runSettings;
    },
    maxSlots: () => maxSlots,
    defaults: () => ({ runtime: 'fake', mode: 'ask' }),
    defaultCwd: () => '/w',
  });
  await manager.restore();
  /** The last run of a session. */
  const runOf = (sessionId: string): FakeRuntime | undefined =>
    kind.runs.findLast((run) => run.context?.sessionId === sessionId);
  /** Sends a message and plays what the agent says. */
  const talk = async (session: Session, prompt: string, ...events: RuntimeEvent[]): Promise<FakeRuntime> => {
    await session.send(prompt);
    const run = await started(() => runOf(session.id));
    run.emit(...events);
    return run;
  };
  return { clock, manager, catalog, errors, runOf, talk };
}

/** A fake run starts as soon as everybody has had their turn. */
async function started(find: () => FakeRuntime | undefined): Promise<FakeRuntime> {
  await new Promise((resolve) => setImmediate(resolve));
  const run = find();
  if (run === undefined) {
    throw new Error('the run did not start');
  }
  return run;
}
