import * as vscode from 'vscode';
import type { Clock } from '../base/clock.ts';
import { GreenroomError } from '../base/errors.ts';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore } from '../base/lifecycle.ts';
import { AttentionCollector, type Cause, causesOf } from '../core/attentionCollector.ts';
import type { Notice, OpenRequest } from '../core/attentionNotice.ts';
import { coreErrors } from '../core/errors.ts';
import { requestLine } from '../core/requestLine.ts';
import type { SessionManager } from '../core/sessionManager.ts';
import { config, settingOr } from './config.ts';
import type { Problems } from './problems.ts';

/** Tells of sessions that nobody looks at when they need the person, fail, are limited, stall or finish. */
export class Notifications implements Disposable {
  readonly #store = new DisposableStore();
  readonly #manager: SessionManager;
  readonly #clock: Clock;
  readonly #problems: Problems;

  constructor(manager: SessionManager, clock: Clock, problems: Problems) {
    this.#manager = manager;
    this.#clock = clock;
    this.#problems = problems;
    const collector = this.#store.add(
      new AttentionCollector(clock, (causes) => problems.guard(() => this.#tell(causes))),
    );
    this.#store.add(
      manager.onDidAppend(({ sessionId, events, ops }) => {
        if (sessionId !== manager.onScreenId) {
          causesOf(sessionId, { events, ops }).forEach((cause) => collector.add(cause));
        }
      }),
    );
    this.#store.add(
      manager.onDidChange(() => {
        if (manager.onScreenId !== undefined) {
          collector.forget(manager.onScreenId);
        }
      }),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #tell(causes: readonly Cause[]): Promise<void> {
    const { noticeOf } = await import('../core/attentionNotice.ts');
    const notice = noticeOf(causes, {
      now: this.#clock.now(),
      onScreenId: this.#manager.onScreenId,
      wanted: settingOr(config.notifications, 'all'),
      info: (id) => this.#manager.info(id),
      request: (id) => this.#request(id),
    });
    if (notice !== undefined) {
      await this.#show(notice);
    }
  }

  async #show(notice: Notice): Promise<void> {
    const [show, approve, reject] = [t('Show'), t('Approve'), t('Reject')];
    // Read when it is shown: a session that is deleted takes its name along.
    const name = this.#manager.info(notice.sessionId)?.summary ?? '';
    const buttons = notice.canDecide ? [show, approve, reject] : [show];
    const chosen = await (notice.isUrgent
      ? vscode.window.showWarningMessage(notice.message, ...buttons)
      : vscode.window.showInformationMessage(notice.message, ...buttons));
    if (chosen === undefined) {
      return;
    }
    if (this.#manager.info(notice.sessionId) === undefined) {
      say(t("The session '{0}' is gone: it was deleted.", name));
    } else if (chosen === show) {
      await this.#goTo(notice);
    } else if (notice.requestId !== undefined) {
      await this.#decide(notice.requestId, chosen === approve ? 'allowOnce' : 'reject');
    }
  }

  async #goTo({ sessionId, requestId }: Notice): Promise<void> {
    if (requestId !== undefined && this.#request(requestId) === undefined) {
      say(coreErrors.unknownApproval().message);
    }
    await vscode.commands.executeCommand('greenroom.openStoredSession', sessionId);
  }

  async #decide(requestId: string, decision: 'allowOnce' | 'reject'): Promise<void> {
    try {
      await this.#manager.decide(requestId, decision);
    } catch (error) {
      if (!(error instanceof GreenroomError) || error.code !== 'unknownApproval') {
        throw error;
      }
      say(error.message);
    }
  }

  #request(requestId: string): OpenRequest | undefined {
    const model = this.#manager.sessionOfRequest(requestId)?.model;
    const item = model?.view.header.pending.find(({ id }) => id === requestId);
    return model === undefined || item === undefined
      ? undefined
      : { item, line: requestLine(item, model.openApprovals.get(requestId)?.inputText, model.identity.cwd) };
  }
}

/** Stays until it is closed, and nobody waits for that. */
function say(text: string): void {
  void vscode.window.showInformationMessage(text);
}
