import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { lazily } from './base/async.ts';
import { setTranslator } from './base/l10n.ts';
import { DisposableStore, toDisposable } from './base/lifecycle.ts';
import { AgentDetection } from './core/agentDetection.ts';
import { overlayFiles } from './core/overlayFiles.ts';
import { Redactor, secretValues } from './core/redact.ts';
import { SessionManager } from './core/sessionManager.ts';
import { AgentShells } from './core/shells/agentShells.ts';
import { LazyShells } from './core/shells/lazyShells.ts';
import { ShellList } from './core/shells/shellList.ts';
import { AlwaysApprovedFile } from './platform/alwaysApprovedFile.ts';
import { diskFiles } from './platform/diskFiles.ts';
import { editorFolders } from './platform/editorFolders.ts';
import { machineServices } from './platform/machineServices.ts';
import { NodeProcessLauncher } from './platform/processLauncher.ts';
import { ProcessLedger } from './platform/processLedger.ts';
import { findRepositoryFiles } from './platform/repositoryFiles.ts';
import { RunLogFiles } from './platform/runLogFiles.ts';
import { SessionStore } from './platform/sessionStore.ts';
import type { NodeShellRunner } from './platform/shellRunner.ts';
import { systemClock } from './platform/systemClock.ts';
import { anthropicKind } from './runtimes/anthropic/anthropicKind.ts';
import { claudeCodeKind } from './runtimes/claudeCode/claudeCodeKind.ts';
import { demoKind } from './runtimes/demo/demoKind.ts';
import { RuntimeRegistry } from './runtimes/registry.ts';
import { runAction } from './vscode/actions.ts';
import { AgentWatch } from './vscode/agentWatch.ts';
import { createApi } from './vscode/api.ts';
import { ApiKeys } from './vscode/apiKeys.ts';
import { ChatViews } from './vscode/chatViews.ts';
import { registerCommands } from './vscode/commands.ts';
import { config, settingOr } from './vscode/config.ts';
import { ContextKeys } from './vscode/contextKeys.ts';
import { showChatOnce } from './vscode/firstLook.ts';
import type { GreenroomApi } from './vscode/greenroomApi.ts';
import { registerHelpCommands } from './vscode/helpCommands.ts';
import { registerLate } from './vscode/lateCommands.ts';
import { createLogChannel } from './vscode/logChannel.ts';
import { ModeSwitch } from './vscode/modeSwitch.ts';
import type { NativeConversations } from './vscode/nativeConversations.ts';
import { Notifications } from './vscode/notifications.ts';
import { openDocuments } from './vscode/openDocuments.ts';
import { probeContext } from './vscode/probeContext.ts';
import { Problems } from './vscode/problems.ts';
import { ReadOnlyDocuments } from './vscode/readOnlyDocuments.ts';
import { RepositoryConsent } from './vscode/repositoryConsent.ts';
import { SaveNotices } from './vscode/saveNotices.ts';
import { SessionTree } from './vscode/sessionTree.ts';
import { ShellStatus } from './vscode/shellStatus.ts';
import { AgentStatus } from './vscode/statusBar.ts';
import { WalkthroughMarks } from './vscode/walkthroughMarks.ts';

/** Of what a shell says, so much is stored: its beginning and its newest part. */
const shellLogBytes = 10 << 20;
/** The editor gives five seconds in all to end. */
const shellFarewellMs = 500;

let closeAll: (() => Promise<void>) | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<GreenroomApi> {
  setTranslator((message, args) => vscode.l10n.t(message, ...args), vscode.env.language);
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const { log, channel } = createLogChannel();
  store.add(channel);

  const clock = systemClock;
  const ids = { uuid: () => randomUUID() };
  const ledgers = path.join(context.globalStorageUri.fsPath, 'processes');
  const reaper = context.asAbsolutePath('dist/reaper.js');
  const onTrouble = (sentence: string) => problems.warn(sentence);
  const ledger = new ProcessLedger({ folder: ledgers, clock, log, reaper, onTrouble });
  const registry = new RuntimeRegistry();
  registry.register(claudeCodeKind(machineServices({ clock, ids, log, ledger, appRoot: vscode.env.appRoot })));
  const demoFolder = path.join(context.globalStorageUri.fsPath, 'demo');
  const pipes = new NodeProcessLauncher({ log, ledger, transport: 'pipe' });
  const openWorkshop = async () =>
    (await import('./platform/demoWorkshop.ts')).createDemoWorkshop({ folder: demoFolder, clock, launcher: pipes });
  const apiKeys = store.add(
    new ApiKeys({ secrets: context.secrets, environment: () => process.env, kinds: () => registry.kinds }),
  );
  registry.register(
    anthropicKind({
      clock,
      ids,
      log,
      platform: process.platform,
      fetch: (url, init) => fetch(url, init),
      credential: (variables) => apiKeys.credential('anthropic', variables),
    }),
  );
  registry.register(demoKind({ clock, log, folder: demoFolder, openWorkshop }));
  const kindOf = (id: string) => registry.get(id);

  const storage = path.join(context.globalStorageUri.fsPath, 'workspaces', workspaceKey());
  const saveNotices = new SaveNotices(log);
  const secrets = secretValues(process.env);
  const catalog = new SessionStore({
    root: storage,
    clock,
    log,
    onSaveFailed: (error) => saveNotices.changed(error),
    edition: editionOf(context),
  });
  const files = overlayFiles(openDocuments, diskFiles);
  const always = new AlwaysApprovedFile({ path: path.join(storage, 'approvals.json'), clock, log });
  const modes = new ModeSwitch({ state: context.workspaceState, log });
  const equipping = lazily(async () => {
    const [{ equipper }, { workFiles }, { ripgrep }, { matchLines }, { refusedReads }, { openEditors }] =
      await Promise.all([
        import('./core/tools/equipment.ts'),
        import('./platform/workFiles.ts'),
        import('./platform/ripgrep.ts'),
        import('./platform/matchLines.ts'),
        import('./core/approvals/refusedReads.ts'),
        import('./vscode/openEditors.ts'),
      ]);
    const search = ripgrep({ launcher: pipes, clock, appRoot: vscode.env.appRoot });
    const home = homedir();
    const isRefused = refusedReads(config.approvalDeny, home);
    return equipper({ files: workFiles, editors: openEditors, search, matchLines, isRefused, home });
  });
  const equip = async (cwd: string, projectRoot: string) => (await equipping())(cwd, projectRoot);
  const consent = new RepositoryConsent(findRepositoryFiles, context.workspaceState);
  const redactor = new Redactor(secrets);
  const onExit = () => settingOr(config.shellsOnExit, 'inject');
  const kept = path.join(storage, 'kept');
  const isKeepingWanted = () => settingOr(config.shellsAfterCrash, 'end') === 'takeBack';
  let runner: NodeShellRunner | undefined;
  const shells = new LazyShells(
    async () => {
      const [{ ShellRegistry }, { NodeShellRunner }, { ShellLogFolder }, { asBytes }] = await Promise.all([
        import('./core/shells/shellRegistry.ts'),
        import('./platform/shellRunner.ts'),
        import('./platform/shellLogFolder.ts'),
        import('./platform/secretMask.ts'),
      ]);
      const logs = new ShellLogFolder({
        root: path.join(storage, 'shells'),
        limitBytes: () => shellLogBytes,
        redactor: new Redactor(asBytes(secrets)),
        clock,
        log,
      });
      void logs.sweep();
      runner = new NodeShellRunner({
        log,
        ledger,
        appRoot: vscode.env.appRoot,
        environment: () => process.env,
        isolation: () => settingOr(config.shellsIsolation, 'group'),
        keeping: { folder: kept, ledgers, clock, log, redactor, reaper, isWanted: isKeepingWanted, onTrouble },
      });
      return new ShellRegistry({
        clock,
        log,
        newId: () => randomBytes(16).toString('hex'),
        runner,
        logs,
        redactor,
        limits: () => ({
          maxRunning: settingOr(config.shellsMaxRunning, 8),
          maxRetained: settingOr(config.shellsMaxRetained, 32),
          unreadLimitBytes: settingOr(config.shellsUnreadLimitBytes, 1 << 20),
          logLimitBytes: shellLogBytes,
          killGraceMs: settingOr(config.shellsKillGraceMs, 2_000),
        }),
        onExit,
      });
    },
    log,
    () => onExit() === 'wake',
  );
  const tools = async () => {
    const [{ shellTools }, { matchLines }] = await Promise.all([
      import('./core/tools/shellTools.ts'),
      import('./platform/matchLines.ts'),
    ]);
    const defaultTimeoutSeconds = () => settingOr(config.shellsDefaultTimeoutSeconds, 120);
    return shellTools({ registry: await shells.open(), clock, defaultTimeoutSeconds, matchLines });
  };
  const manager = new SessionManager({
    clock,
    ids,
    log,
    files,
    catalog,
    kindOf,
    runLog: new RunLogFiles({ root: storage, clock, log, secrets }),
    prepareRun: async (identity, signal) => {
      const { prepareRun } = await import('./vscode/prepareRun.ts');
      const beforeFirstTurn = (id: string) => modes.beforeFirstTurn(manager.live(id));
      const keys = () => apiKeys.values();
      return prepareRun({ kindOf, consent, log, tools, equip, keys, beforeFirstTurn }, identity, signal);
    },
    policy: {
      rules: () => ({ allow: config.approvalAllow(), deny: config.approvalDeny() }),
      always,
      protectedFolders: editorFolders(context.globalStorageUri.fsPath, context.extensionPath, process.env),
      home: homedir(),
    },
    shells,
    notes: shells.notes,
    maxSlots: () => settingOr(config.maxSlots, 16),
    defaults: () => ({
      runtime: settingOr(config.defaultRuntime, 'claude-code'),
      mode: modes.defaultMode(),
    }),
    defaultCwd: () => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
  });

  const agentShells = store.add(new AgentShells({ clock, log, sessions: manager }));
  const allShells = new ShellList(shells, agentShells);
  shells.onDidEnd((shell) => manager.live(shell.sessionId)?.wake());

  const act = (action: Parameters<typeof runAction>[1]) => runAction({ manager, kindOf, consent }, action);
  const problems = new Problems(log, act);
  const documents = store.add(new ReadOnlyDocuments());
  const detection = new AgentDetection({ clock, log, contextOf: probeContext });
  const agents = store.add(
    new AgentWatch({
      manager,
      detection,
      problems,
      kinds: registry.kinds,
      kindOf,
      defaultRuntime: () => settingOr(config.defaultRuntime, 'claude-code'),
      onDidChangeKeys: apiKeys.onDidChange,
    }),
  );
  const chat = store.add(
    new ChatViews(
      {
        manager,
        problems,
        loadSurfaces: async () => {
          const { chatSurfaces } = await import('./vscode/chatSurfaces.ts');
          return chatSurfaces({
            manager,
            catalog,
            files,
            documents,
            shells: allShells,
            clock,
            log,
            problems,
            runAction: act,
            agents,
            modes,
          });
        },
      },
      context.extensionUri,
      webviewDictionary(),
    ),
  );
  const tree = store.add(
    new SessionTree({
      manager,
      clock,
      shells: allShells,
      agents,
      kindOf,
      onProblem: (problem) => problems.warn(problem),
    }),
  );
  store.add(new AgentStatus(manager, clock));
  store.add(new ShellStatus(allShells));
  const loadShellCommands = async () => {
    const { ShellCommands } = await import('./vscode/shellCommands.ts');
    return store.add(
      new ShellCommands({ manager, shells, list: allShells, clock, chat, documents, redactor, problems }),
    );
  };
  store.add(new ContextKeys(manager));
  store.add(new WalkthroughMarks(manager, agents, clock));
  store.add(new Notifications(manager, clock, problems));
  let native: NativeConversations | undefined;
  const loadNative = async () => {
    const { NativeConversations } = await import('./vscode/nativeConversations.ts');
    native ??= store.add(new NativeConversations(manager, () => registry.kinds, clock));
    return native;
  };
  const loadPicker = async () => new (await import('./vscode/pickSession.ts')).SessionPicker(manager, clock, log);
  store.add(
    registerCommands({
      manager,
      problems,
      chat,
      tree,
      kindOf,
      kinds: () => registry.kinds,
      clock,
      loadNative,
      loadPicker,
      apiKeys,
      exporting: { catalog, kindOf, clock, secrets },
      showLog: () => channel.show(),
      modes,
      always,
      registerOthers: (register) =>
        registerLate(
          register,
          ['startShell', 'showShell', 'killShell', 'killAllShells', 'handShellOutput'],
          loadShellCommands,
        ),
    }),
  );
  store.add(
    registerHelpCommands(problems, {
      extensionVersion: String(context.extension.packageJSON.version),
      kinds: registry.kinds,
      detection,
      documents,
      machineFacts: async () => (await import('./platform/machineFacts.ts')).machineFacts(vscode.env.appRoot),
      storageFacts: async (signal) => (await import('./platform/machineFacts.ts')).storageFacts(storage, signal),
      processes: () => [...ledger.running, ...(runner?.kept?.running ?? [])],
      saveTrouble: () => saveNotices.lastTrouble,
      environment: () => process.env,
    }),
  );
  const api = store.add(
    createApi({ manager, catalog, shells, kindOf, onProblem: (problem) => problems.warn(problem) }),
  );

  closeAll = async () => {
    // First, and without waiting: the editor may not wait either.
    shells.closeNow(shellFarewellMs);
    try {
      await Promise.all([manager.close(), shells.close()]);
    } finally {
      await Promise.all([ledger.close(), runner?.kept?.close()]);
    }
  };
  store.add(toDisposable(() => saveNotices.dispose()));
  await manager.restore();
  void showChatOnce(context, log);
  void manager.settleCutOff();
  // Looking at every process of the machine takes a while: nobody waits for it.
  problems.guard(async () => {
    const { recoverAfterCrash } = await import('./platform/crashRecovery.ts');
    await recoverAfterCrash({
      folder: kept,
      ledgers,
      clock,
      log,
      isWanted: isKeepingWanted,
      ownsSessions: manager.ownsArrangement,
      holds: async (id) => !(await manager.get(id)).isReadOnly,
      open: async () => ({ registry: await shells.open(), runner }),
      inform: (sentence) => void vscode.window.showInformationMessage(sentence),
      warn: onTrouble,
      own: (waiting) => store.add(waiting),
    });
  });
  return api;
}

export async function deactivate(): Promise<void> {
  const close = closeAll;
  closeAll = undefined;
  await close?.();
}

/** What reduces events to messages, and in which language: another build may do it otherwise. */
function editionOf(context: vscode.ExtensionContext): string {
  const built = statSync(context.asAbsolutePath('dist/extension.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return `${String(context.extension.packageJSON.version)} ${built} ${vscode.env.language}`;
}

/** Each workspace has sessions of its own; one without a folder shares a place with its like. */
function workspaceKey(): string {
  const uri = vscode.workspace.workspaceFile ?? vscode.workspace.workspaceFolders?.[0]?.uri;
  return uri === undefined ? 'none' : createHash('sha256').update(uri.toString()).digest('hex').slice(0, 32);
}

/** The webview's sentences are translated by the same dictionary. */
function webviewDictionary(): Readonly<Record<string, string>> {
  const bundle = vscode.l10n.bundle ?? {};
  return Object.fromEntries(
    Object.entries(bundle).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
