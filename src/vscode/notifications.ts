import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { AttentionCollector, type Cause, causeOf } from '../core/attentionCollector.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { config, settingOr } from './config.ts';
import type { Problems } from './problems.ts';

/** Tells of sessions that nobody looks at when they need the person, fail, are limited or finish. */
export class Notifications implements Disposable {
  readonly #store = new DisposableStore();
  readonly #manager: SessionManager;
  readonly #problems: Problems;

  constructor(manager: SessionManager, clock: Clock, problems: Problems) {
    this.#manager = manager;
    this.#problems = problems;
    const collector = this.#store.add(new AttentionCollector(clock, (causes) => this.#tell(causes)));
    this.#store.add(
      manager.onDidAppend(({ sessionId, events }) => {
        for (const { event } of events) {
          const cause = sessionId === manager.onScreenId ? undefined : causeOf(sessionId, event);
          if (cause !== undefined) {
            collector.add(cause);
          }
        }
      }),
    );
    this.#store.add(manager.onDidStage((session) => collector.forget(session.id)));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #tell(all: readonly Cause[]): void {
    const wanted = settingOr(config.notifications, 'all');
    const causes = all.filter(
      ({ sessionId, kind }) =>
        sessionId !== this.#manager.onScreenId && wanted !== 'none' && (wanted === 'all' || kind !== 'done'),
    );
    const [first] = causes;
    if (first === undefined) {
      return;
    }
    const message = causes.length === 1 ? this.#sentence(first) : mergedSentence(causes);
    const show = t('Show');
    const isUrgent = causes.some(({ kind }) => kind !== 'done');
    const shown = isUrgent
      ? vscode.window.showWarningMessage(message, show)
      : vscode.window.showInformationMessage(message, show);
    const target = causes.find(({ kind }) => kind === 'asks') ?? first;
    this.#problems.guard(async () => {
      if ((await shown) === show) {
        await vscode.commands.executeCommand('greenroom.openStoredSession', target.sessionId);
      }
    });
  }

  #sentence({ sessionId, kind }: Cause): string {
    const info = this.#manager.info(sessionId);
    const name = info?.summary ?? sessionId;
    switch (kind) {
      case 'asks':
        return t("'{0}' needs you.", name);
      case 'failed':
        return t("'{0}' failed: {1}", name, info?.reason ?? '');
      case 'limited':
        return t("'{0}' is rate limited: {1}", name, info?.reason ?? '');
      case 'done':
        return t("'{0}' is done.", name);
    }
  }
}

function mergedSentence(causes: readonly Cause[]): string {
  const count = (kind: Cause['kind']): number => causes.filter((cause) => cause.kind === kind).length;
  return [
    count('asks') > 0 ? t('{0} need you', count('asks')) : undefined,
    count('failed') > 0 ? t('{0} failed', count('failed')) : undefined,
    count('limited') > 0 ? t('{0} are rate limited', count('limited')) : undefined,
    count('done') > 0 ? t('{0} are done', count('done')) : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
    .replace(/^/, t('Sessions in the background: '));
}
