import * as vscode from 'vscode';
import { GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import type { Log } from '../base/log.ts';
import { coreErrors } from '../core/errors.ts';
import type { SessionIdentity } from '../core/ports.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import type { RunSettings } from '../core/session.ts';
import type { Tool } from '../core/tools/tool.ts';
import type { Equipment } from '../core/tools/equipment.ts';
import { withoutKeys } from '../core/tools/withoutKeys.ts';
import { config, runtimeConfig } from './config.ts';
import { unsavedBelow } from './openDocuments.ts';
import type { RepositoryConsent } from './repositoryConsent.ts';

export interface PrepareRunDeps {
  readonly kindOf: (runtime: string) => RuntimeKind;
  readonly consent: RepositoryConsent;
  readonly log: Log;
  /** Asks for what the settings want and the person has to confirm. */
  readonly beforeFirstTurn: (sessionId: string) => Promise<void>;
  /** What Greenroom does for models; loaded with the first run. */
  readonly tools: () => Promise<readonly Tool[]>;
  /** What a model needs to work in a directory, for a runtime that has no tools of its own. */
  readonly equip: (cwd: string, projectRoot: string) => Promise<Equipment>;
  /** Keys of services, which no tool is to show. */
  readonly keys: () => Promise<readonly string[]>;
}

/** Checks what has to be true before a turn begins, and collects the settings of its run. */
export async function prepareRun(
  deps: PrepareRunDeps,
  identity: SessionIdentity,
  signal: AbortSignal,
): Promise<RunSettings> {
  const kind = deps.kindOf(identity.runtime);
  if (kind.capabilities.needsTrust && !vscode.workspace.isTrusted) {
    throw coreErrors.untrustedWorkspace();
  }
  if (kind.ownFolder === undefined) {
    await assertFolder(identity.cwd);
  }
  await assertRules();
  if (kind.capabilities.needsTrust) {
    await deps.beforeFirstTurn(identity.id);
  }
  const settings = runtimeConfig(kind.settingsSection);
  const projectRoot = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(identity.cwd))?.uri.fsPath ?? identity.cwd;
  const model = settings.model();
  const projectDigest = await deps.consent.allowedContent(identity.cwd, kind, settings.projectSettings());
  const budgetUsd = config.budgetUsd();
  const equipment = kind.capabilities.needsFileTools === true ? await deps.equip(identity.cwd, projectRoot) : undefined;
  const tools = kind.ownFolder === undefined ? await deps.tools() : [];
  const run: RunSettings = {
    agentName: kind.displayName,
    command: settings.command(),
    args: settings.args(),
    env: settings.env(),
    projectRoot,
    inactivityTimeoutSeconds: config.inactivityTimeoutSeconds(),
    idleSeconds: settings.idleSeconds(),
    permissionMode: settings.permissionMode(),
    ownBackgroundShells: settings.ownBackgroundShells(),
    tools: withoutKeys([...tools, ...(equipment?.tools ?? [])], await deps.keys()),
    ...(equipment === undefined ? {} : { instructions: equipment.instructions }),
    loadProjectSettings: projectDigest !== undefined,
    ...(projectDigest === undefined ? {} : { projectDigest }),
    baseUrl: settings.baseUrl(),
    limits: { maxSteps: config.maxSteps(), ...(budgetUsd === 0 ? {} : { budgetUsd }) },
    ...(model === '' ? {} : { model }),
  };
  if (!signal.aborted) {
    await saveOpenEditors(identity.cwd, config.saveBeforeTurn());
  }
  return run;
}

/** A rule that cannot be read is said before anything runs, not when it would have been needed. */
async function assertRules(): Promise<void> {
  const [allow, deny] = [config.approvalAllow(), config.approvalDeny()];
  if (allow.length + deny.length > 0) {
    const { RuleBook } = await import('../core/approvals/ruleBook.ts');
    const book = new RuleBook();
    book.read('approvals.allow', allow);
    book.read('approvals.deny', deny);
  }
}

/** Throws `folderGone`. */
export async function assertFolder(path: string): Promise<void> {
  try {
    const stat = await vscode.workspace.fs.stat(vscode.Uri.file(path));
    if ((stat.type & vscode.FileType.Directory) !== 0) {
      return;
    }
  } catch {
    // Missing or not readable: the sentence below says what to do.
  }
  throw coreErrors.folderGone(path);
}

/** A CLI reads the disk: what is only in an editor it would not see. */
async function saveOpenEditors(folder: string, when: 'always' | 'ask' | 'never'): Promise<void> {
  const unsaved = when === 'never' ? [] : unsavedBelow(folder);
  if (unsaved.length === 0) {
    return;
  }
  if (when === 'ask') {
    const save = t('Save All');
    const goOn = t('Send Without Saving');
    const count = unsaved.length;
    const answer = await vscode.window.showWarningMessage(
      count === 1
        ? t('A file has unsaved changes that the agent would not see.')
        : t('{0} files have unsaved changes that the agent would not see.', count),
      { modal: true },
      save,
      goOn,
    );
    if (answer === goOn) {
      return;
    }
    if (answer !== save) {
      throw new GreenroomError({ code: 'notSent', message: t('Not sent: there are unsaved changes.'), actions: [] });
    }
  }
  for (const document of unsaved) {
    if (!(await document.save())) {
      throw new GreenroomError({
        code: 'notSaved',
        message: t('{0} could not be saved, and the agent would see its old contents.', document.fileName),
        actions: [],
      });
    }
  }
}
