import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import type { ModelChoice, RuntimeKind } from '../core/runtime.ts';
import type { Session } from '../core/session.ts';
import { runtimeConfig } from './config.ts';
import { infoOf, type Problems } from './problems.ts';

/** A service that does not answer is not waited for: a name can be typed. */
const patienceMs = 8_000;

/** The model of the next turn: '' is the runtime's own choice; undefined: nothing was chosen. */
export async function pickModel(session: Session, kind: RuntimeKind, problems: Problems): Promise<string | undefined> {
  const other = t('Another model…');
  const items = [
    { label: t('Default'), description: t("The runtime's own choice"), model: '' },
    ...(await choices(kind, problems)).map(({ id, name }) => ({
      label: name,
      description: name === id ? '' : id,
      model: id,
    })),
    { label: other, description: t('Type its name'), model: undefined },
  ];
  const current = session.model.chosenModel ?? t('Default');
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: t('Model for the next turn (now: {0})', current),
    matchOnDescription: true,
  });
  if (chosen === undefined || chosen.model !== undefined) {
    return chosen?.model;
  }
  const typed = await vscode.window.showInputBox({ title: t('Model'), value: session.model.chosenModel ?? '' });
  return typed?.trim();
}

/** What the service offers; where it does not say, what is known without it. */
async function choices(kind: RuntimeKind, problems: Problems): Promise<readonly ModelChoice[]> {
  const suggested = kind.capabilities.suggestedModels.map((id) => ({ id, name: id }));
  const { models } = kind;
  if (models === undefined) {
    return suggested;
  }
  try {
    const offered = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: t('Asking for the models…') },
      () => models(runtimeConfig(kind.settingsSection).baseUrl(), AbortSignal.timeout(patienceMs)),
    );
    return offered.length === 0 ? suggested : offered;
  } catch (error) {
    const { message, actions } = infoOf(error);
    problems.warn(t('The models could not be asked for: {0}', message), actions);
    return suggested;
  }
}
