import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { exportFileName, exportFormats, type ExportFormat, exportSession } from '../core/exportSession.ts';
import type { Clock, SessionCatalog } from '../core/ports.ts';
import { Redactor, secretValues } from '../core/redact.ts';
import type { RuntimeKind } from '../core/runtime.ts';
import { reduceAll } from '../core/sessionReducer.ts';
import { runtimeConfig, settingOr } from './config.ts';

export interface ExportCommandDeps {
  readonly catalog: Pick<SessionCatalog, 'load' | 'readBlob'>;
  readonly kindOf: (runtime: string) => RuntimeKind;
  /** Values that no file may hold, beside what looks like a secret and those of the agent's settings. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
}

/** Writes a session to a file that the person names, and opens it. A session that nobody has opened is only read. */
export async function exportToFile(deps: ExportCommandDeps, id: string): Promise<void> {
  const { catalog, clock } = deps;
  const { identity, events } = await catalog.load(id);
  const { displayName, settingsSection } = deps.kindOf(identity.runtime);
  const model = reduceAll(identity, displayName, events);
  const format = await pickFormat();
  if (format === undefined) {
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(identity.cwd);
  const target = await vscode.window.showSaveDialog({
    title: t('Export Session'),
    defaultUri: vscode.Uri.joinPath(
      folder,
      exportFileName(model.view.header.name, timeText(identity.createdAt).slice(0, 10), format),
    ),
    filters: format === 'json' ? { JSON: ['json'] } : { Markdown: ['md'] },
  });
  if (target === undefined) {
    return;
  }
  const text = await exportSession(model, format, {
    readBlob: (blob) => catalog.readBlob(id, blob),
    redactor: new Redactor([...deps.secrets, ...secretValues(settingOr(runtimeConfig(settingsSection).env, {}))]),
    now: clock.now(),
    timeText,
  });
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(target);
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

async function pickFormat(): Promise<ExportFormat | undefined> {
  const items = exportFormats.map((format) => ({
    label: format === 'json' ? 'JSON' : 'Markdown',
    description: format === 'json' ? t('For programs') : t('For people'),
    format,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Export as') }))?.format;
}
