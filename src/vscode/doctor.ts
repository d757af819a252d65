import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { AgentDetection } from '../core/agentDetection.ts';
import type { DoctorFacts, MachineFacts, StorageFacts } from '../core/doctorFacts.ts';
import { writeDoctorReport } from '../core/doctorReport.ts';
import { doctorSections } from '../core/doctorSections.ts';
import { Redactor, secretValues } from '../core/redact.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import { settingProblems } from './config.ts';
import type { ReadOnlyDocuments } from './readOnlyDocuments.ts';

export interface DoctorDeps {
  readonly extensionVersion: string;
  readonly kinds: readonly RuntimeKind[];
  readonly detection: AgentDetection;
  readonly documents: ReadOnlyDocuments;
  /** Loads and looks; the checks of the machine are not part of what starts. */
  readonly machineFacts: () => Promise<MachineFacts>;
  readonly storageFacts: (signal: AbortSignal) => Promise<StorageFacts>;
  readonly processes: () => DoctorFacts['processes'];
  readonly saveTrouble: () => DoctorFacts['saveTrouble'];
  readonly environment: () => Readonly<Record<string, string | undefined>>;
}

/** Checks everything that Greenroom needs, and shows the list. Returns the text. */
export async function runDoctor(deps: DoctorDeps): Promise<string> {
  const { facts, isPartial } = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t('Greenroom looks at its state of health'),
      cancellable: true,
    },
    (progress, token) => gather(deps, (message) => progress.report({ message }), token),
  );
  const redactor = new Redactor(secretValues(deps.environment()));
  const madeAt = new Date().toLocaleString(vscode.env.language);
  const report = { sections: doctorSections(facts), madeAt, isPartial };
  const text = writeDoctorReport(report, (written) => redactor.redact(written));
  await deps.documents.open('Greenroom Doctor.md', text);
  return text;
}

/** What is found out before the person stops it. */
async function gather(
  deps: DoctorDeps,
  report: (message: string) => void,
  token: vscode.CancellationToken,
): Promise<{ readonly facts: DoctorFacts; readonly isPartial: boolean }> {
  const abort = new AbortController();
  const stopped = new Promise<undefined>((resolve) => {
    token.onCancellationRequested(() => {
      abort.abort();
      resolve(undefined);
    });
  });
  const step = async <T>(message: string, task: () => Promise<T>): Promise<T | undefined> => {
    if (token.isCancellationRequested) {
      return undefined;
    }
    report(message);
    return Promise.race([task(), stopped]);
  };
  const agents: { name: string; probe: Awaited<ReturnType<AgentDetection['refresh']>> }[] = [];
  for (const kind of deps.kinds) {
    const probe = await step(kind.displayName, () => deps.detection.refresh(kind));
    if (!token.isCancellationRequested) {
      agents.push({ name: kind.displayName, probe });
    }
  }
  const machine = await step(t('the system'), deps.machineFacts);
  const storage = await step(t('the storage'), () => deps.storageFacts(abort.signal));
  const saveTrouble = deps.saveTrouble();
  const { remoteName } = vscode.env;
  const facts: DoctorFacts = {
    extensionVersion: deps.extensionVersion,
    editor: `${vscode.env.appName} ${vscode.version}`,
    isTrusted: vscode.workspace.isTrusted,
    hasFolder: (vscode.workspace.workspaceFolders?.length ?? 0) > 0,
    agents,
    processes: deps.processes(),
    settingProblems: settingProblems(deps.kinds.flatMap(({ settingsSection }) => settingsSection ?? [])),
    ...(remoteName === undefined ? {} : { remote: remoteName }),
    ...(machine === undefined ? {} : { machine }),
    ...(storage === undefined ? {} : { storage }),
    ...(saveTrouble === undefined ? {} : { saveTrouble }),
  };
  return { facts, isPartial: token.isCancellationRequested };
}
