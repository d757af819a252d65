import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ErrorInfo } from '../../src/base/errors.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import type { ApprovalPolicy } from '../../src/core/approvalPolicy.ts';
import type { RunSettings } from '../../src/core/session.ts';
import { SessionManager } from '../../src/core/sessionManager.ts';
import { createDemoWorkshop } from '../../src/platform/demoWorkshop.ts';
import { diskFiles } from '../../src/platform/diskFiles.ts';
import { machineServices } from '../../src/platform/machineServices.ts';
import { NodeProcessLauncher } from '../../src/platform/processLauncher.ts';
import { RunLogFiles } from '../../src/platform/runLogFiles.ts';
import { SessionStore } from '../../src/platform/sessionStore.ts';
import { systemClock } from '../../src/platform/systemClock.ts';
import { anthropicKind } from '../../src/runtimes/anthropic/anthropicKind.ts';
import { claudeCodeKind } from '../../src/runtimes/claudeCode/claudeCodeKind.ts';
import { demoKind } from '../../src/runtimes/demo/demoKind.ts';
import { RuntimeRegistry } from '../../src/runtimes/registry.ts';

export interface HeadlessOptions {
  /** Where the sessions are stored. */
  readonly root: string;
  /** The folder that agents work in. */
  readonly cwd: string;
  /** The CLI. */
  readonly command: string;
  /** The whole environment that the CLI sees. */
  readonly env: Readonly<Record<string, string>>;
  readonly log?: Log;
  readonly settings?: Partial<RunSettings>;
  /** What the person has settled for all sessions. */
  readonly policy?: ApprovalPolicy;
  /** Where Claude by API key is, and the key. */
  readonly anthropic?: { readonly url: string; readonly key: string };
  /** The kind of new sessions. */
  readonly defaultRuntime?: string;
  /** Paces the demo. */
  readonly demoClock?: Clock;
  /** Paces the patience of Claude by API key. */
  readonly anthropicClock?: Clock;
}

/** Everything but VS Code: a second composition root, for what is easier to kill and to measure without an editor. */
export function createHeadless(options: HeadlessOptions) {
  const log: Log = options.log ?? { info: () => undefined, warn: () => undefined, error: () => undefined };
  const ids = { uuid: () => randomUUID() };
  const clock = systemClock;
  const registry = new RuntimeRegistry();
  registry.register(claudeCodeKind({ ...machineServices({ clock, ids, log }), environment: () => options.env }));
  registry.register(
    anthropicKind({
      clock: options.anthropicClock ?? clock,
      ids,
      log,
      platform: process.platform,
      fetch: (url, init) => fetch(url, init),
      credential: () => Promise.resolve(options.anthropic === undefined ? undefined : { key: options.anthropic.key }),
    }),
  );
  const pipes = new NodeProcessLauncher({ log, transport: 'pipe' });
  const folder = path.join(options.root, 'demo');
  const workshop = createDemoWorkshop({ folder, clock, launcher: pipes });
  const openWorkshop = () => Promise.resolve(workshop);
  registry.register(demoKind({ clock: options.demoClock ?? clock, log, folder, openWorkshop }));
  const saveTroubles: (ErrorInfo | undefined)[] = [];
  const catalog = new SessionStore({
    root: options.root,
    clock,
    log,
    onSaveFailed: (error) => saveTroubles.push(error),
  });
  const settings: RunSettings = {
    agentName: 'Claude Code',
    command: options.command,
    args: [],
    env: Object.fromEntries(Object.entries(options.env).filter(([name]) => name.startsWith('CLAUDE_CODE_'))),
    projectRoot: options.cwd,
    inactivityTimeoutSeconds: 300,
    idleSeconds: 600,
    permissionMode: 'inherit',
    loadProjectSettings: false,
    ...(options.anthropic === undefined ? {} : { baseUrl: options.anthropic.url }),
    ...options.settings,
  };
  const manager = new SessionManager({
    clock,
    ids,
    log,
    catalog,
    files: diskFiles,
    runLog: new RunLogFiles({ root: options.root, clock, log }),
    kindOf: (id) => registry.get(id),
    prepareRun: () => Promise.resolve(settings),
    maxSlots: () => 16,
    defaults: () => ({ runtime: options.defaultRuntime ?? 'claude-code', mode: 'ask' }),
    defaultCwd: () => options.cwd,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  });
  return { manager, catalog, saveTroubles, kindOf: (id: string) => registry.get(id) };
}
