import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Session, SessionDeps } from '../../src/core/session.ts';
import { SessionManager } from '../../src/core/sessionManager.ts';
import { eventually } from './eventually.ts';
import { fakeKind, type FakeRuntime } from './fakeRuntime.ts';
import { ManualClock } from './manualClock.ts';
import { MemoryCatalog } from './memoryCatalog.ts';
import { noRunLog, runSettings } from './runSettings.ts';

/** The sessions of one window, whose agents the test plays by hand. */
export function setUp(catalog = new MemoryCatalog(), clock = new ManualClock(), notes?: SessionDeps['notes']) {
  const kind = fakeKind();
  const errors: string[] = [];
  const runLogged: string[] = [];
  let refusal: Error | undefined;
  let maxSlots = 16;
  const manager = new SessionManager({
    clock,
    ids: { uuid: () => randomUUID() },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (message, error) => errors.push(`${message} ${String(error)}`),
    },
    runLog: {
      ...noRunLog,
      hide: (secrets) => runLogged.push(`hide ${secrets.join()}`),
      append: (_id, run, line) => runLogged.push(`${run} ${line}`),
    },
    files: { realPath: (path) => Promise.resolve(path), readText: () => Promise.resolve(undefined) },
    catalog,
    ...(notes === undefined ? {} : { notes }),
    kindOf: () => kind,
    prepareRun: () =>
      refusal === undefined
        ? Promise.resolve({ ...runSettings, env: { HOME: '/h', MY_TOKEN: 'of-the-settings' } })
        : Promise.reject(refusal),
    maxSlots: () => maxSlots,
    defaults: () => ({ runtime: 'fake', mode: 'ask' }),
    defaultCwd: () => '/w',
  });
  return {
    clock,
    kind,
    manager,
    catalog,
    errors,
    runLogged,
    refuse: (error: Error | undefined) => {
      refusal = error;
    },
    setMaxSlots: (max: number) => {
      maxSlots = max;
    },
  };
}

type SetUp = ReturnType<typeof setUp>;

/** The session on stage with its first turn under way. */
export async function running(
  setup: SetUp,
  text = 'go',
): Promise<{ readonly session: Session; readonly runtime: FakeRuntime }> {
  await setup.manager.restore();
  const session = setup.manager.foreground;
  assert.ok(session);
  await session.send(text);
  const runtime = await eventually(() => setup.kind.runs[0]?.context && setup.kind.runs[0], 'the run started');
  return { session, runtime };
}
