import { createHash, randomUUID } from 'node:crypto';
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
import { createDemoWorkshop } from './platform/demoWorkshop.ts';
import { diskFiles } from './platform/diskFiles.ts';
import { recoverProcesses } from './platform/ledgerRecovery.ts';
import { machineServices } from './platform/machineServices.ts';
import { NodeProcessLauncher } from './platform/processLauncher.ts';
import { ProcessLedger } from './platform/processLedger.ts';
import { findRepositoryFiles } from './platform/repositoryFiles.ts';
import { RunLogFiles } from './platform/runLogFiles.ts';
import { SessionStore } from './platform/sessionStore.ts';
import { systemClock } from './platform/systemClock.ts';
import { anthropicKind } from './runtimes/anthropic/anthropicKind.ts';
import { claudeCodeKind } from './runtimes/claudeCode/claudeCodeKind.ts';
import { demoKind } from './runtimes/demo/demoKind.ts';
import { RuntimeRegistry } from './runtimes/registry.ts';
import { runAction } from './vscode/actions.ts';
import { AgentWatch } from './vscode/agentWatch.ts';
import { createApi } from './vscode/api.ts';
import { ApiKeys } from './vscode/apiKeys.ts';
import { ChatFiles } from './vscode/chatFiles.ts';
import { ChatViews } from './vscode/chatViews.ts';
import { registerCommands } from './vscode/commands.ts';
import { ComposerCommands } from './vscode/composerCommands.ts';
import { config, settingOr } from './vscode/config.ts';
import { ContextKeys } from './vscode/contextKeys.ts';
import { showChatOnce } from './vscode/firstLook.ts';
import type { GreenroomApi } from './vscode/greenroomApi.ts';
import { registerHelpCommands } from './vscode/helpCommands.ts';
import { createLogChannel } from './vscode/logChannel.ts';
import { NativeConversations } from './vscode/nativeConversations.ts';
import { Notifications } from './vscode/notifications.ts';
import { SessionPicker } from './vscode/pickSession.ts';
import { openEditors } from './vscode/openEditors.ts';
import { openDocuments } from './vscode/openDocuments.ts';
import { prepareRun } from './vscode/prepareRun.ts';
import { probeContext } from './vscode/probeContext.ts';
import { Problems } from './vscode/problems.ts';
import { ReadOnlyDocuments } from './vscode/readOnlyDocuments.ts';
import { RepositoryConsent } from './vscode/repositoryConsent.ts';
import { SaveNotices } from './vscode/saveNotices.ts';
import { SessionTree } from './vscode/sessionTree.ts';
import { AgentStatus } from './vscode/statusBar.ts';

let closeAll: (() => Promise<void>) | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<GreenroomApi> {
  setTranslator((message, args) => vscode.l10n.t(message, ...args));
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const { log, channel } = createLogChannel();
  store.add(channel);

  const clock = systemClock;
  const ids = { uuid: () => randomUUID() };
  const ledgers = path.join(context.globalStorageUri.fsPath, 'processes');
  const ledger = new ProcessLedger({
    folder: ledgers,
    clock,
    log,
    reaper: context.asAbsolutePath('dist/reaper.js'),
    onTrouble: (sentence) => problems.warn(sentence),
  });
  const registry = new RuntimeRegistry();
  registry.register(claudeCodeKind(machineServices({ clock, ids, log, ledger, appRoot: vscode.env.appRoot })));
  const demoFolder = path.join(context.globalStorageUri.fsPath, 'demo');
  const pipes = new NodeProcessLauncher({ log, ledger, transport: 'pipe' });
  const workshop = createDemoWorkshop({ folder: demoFolder, clock, launcher: pipes });
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
  registry.register(demoKind({ clock, log, workshop }));
  const kindOf = (id: string) => registry.get(id);

  const storage = path.join(context.globalStorageUri.fsPath, 'workspaces', workspaceKey());
  const saveNotices = new SaveNotices(log);
  const secrets = secretValues(process.env);
  const catalog = new SessionStore({ root: storage, clock, log, onSaveFailed: (error) => saveNotices.changed(error) });
  const files = overlayFiles(openDocuments, diskFiles);
  const equipping = lazily(async () => {
    const [{ equipper }, { workFiles }, { ripgrep }] = await Promise.all([
      import('./core/tools/equipment.ts'),
      import('./platform/workFiles.ts'),
      import('./platform/ripgrep.ts'),
    ]);
    const search = ripgrep({ launcher: pipes, clock, appRoot: vscode.env.appRoot });
    return equipper({ files: workFiles, editors: openEditors, search, home: homedir() });
  });
  const equip = async (cwd: string, projectRoot: string) => (await equipping())(cwd, projectRoot);
  const consent = new RepositoryConsent(findRepositoryFiles, context.workspaceState);
  const manager = new SessionManager({
    clock,
    ids,
    log,
    files,
    catalog,
    kindOf,
    runLog: new RunLogFiles({ root: storage, clock, log, secrets }),
    prepareRun: (identity, signal) => prepareRun({ kindOf, consent, log, equip }, identity, signal),
    maxSlots: () => settingOr(config.maxSlots, 16),
    defaults: () => ({
      runtime: settingOr(config.defaultRuntime, 'claude-code'),
      mode: settingOr(config.approvalMode, 'ask'),
    }),
    defaultCwd: () => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath,
  });

  const act = (action: Parameters<typeof runAction>[1]) => runAction({ manager, kindOf, consent }, action);
  const problems = new Problems(log, act);
  const documents = store.add(new ReadOnlyDocuments());
  const chatFiles = new ChatFiles({ manager, catalog, files, documents });
  const composerCommands = new ComposerCommands(manager, clock);
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
      { manager, catalog, clock, log, problems, runAction: act, chatFiles, composerCommands, agents },
      context.extensionUri,
      webviewDictionary(),
    ),
  );
  const tree = store.add(
    new SessionTree({ manager, clock, agents, kindOf, onProblem: (problem) => problems.warn(problem) }),
  );
  store.add(new AgentStatus(manager));
  store.add(new ContextKeys(manager));
  store.add(new Notifications(manager, clock, problems));
  const native = store.add(new NativeConversations(manager, () => registry.kinds, clock));
  store.add(
    registerCommands({
      manager,
      problems,
      chat,
      tree,
      kindOf,
      kinds: () => registry.kinds,
      clock,
      native,
      picker: new SessionPicker(manager, clock, log),
      apiKeys,
      exporting: { catalog, kindOf, clock, redactor: new Redactor(secrets) },
      showLog: () => channel.show(),
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
      processes: () => ledger.running,
      saveTrouble: () => saveNotices.lastTrouble,
      environment: () => process.env,
    }),
  );
  const api = store.add(createApi({ manager, catalog, kindOf, onProblem: (problem) => problems.warn(problem) }));

  closeAll = async () => {
    try {
      await manager.close();
    } finally {
      await ledger.close();
    }
  };
  store.add(toDisposable(() => saveNotices.dispose()));
  await manager.restore();
  void showChatOnce(context.globalState, log);
  // Looking at every process of the machine takes a while: nobody waits for it.
  void recoverProcesses({ folder: ledgers, clock, log }).then((sentence) => {
    if (sentence !== undefined) {
      problems.warn(sentence);
    }
  });
  return api;
}

export async function deactivate(): Promise<void> {
  const close = closeAll;
  closeAll = undefined;
  await close?.();
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
